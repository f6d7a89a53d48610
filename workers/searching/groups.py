"""Which jobs are asked by which rescorer, and the vectors of words for it."""

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from api_client.contract import DetectorSpec
from api_client.errors import HoratioError, SettingsError
from api_client.log.regions.layout import Layout, are_read_alike
from api_client.settings import Settings
from api_client.store import ObjectStore
from vocabularies import Vocabulary
from workers.detectors import EmbeddedVocabulary, Rescorer, TextEncoder
from workers.detectors.registry import load_rescorer, load_text_encoder
from workers.embeddings import EmbeddingCache
from workers.weights import fetch_weights


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What has to be the same for looks to be asked together."""

    detector: DetectorSpec
    weights_digest: str
    text_encoder: str
    layout: Layout


class Detectors:
    """What asks words of looks, by detector, and what turns words into vectors; each loaded once."""

    def __init__(self, settings: Settings, store: ObjectStore) -> None:
        self._settings, self._store = settings, store
        self._rescorers: dict[DetectorSpec, Rescorer] = {}
        self._encoders: dict[str, TextEncoder] = {}
        self._words = EmbeddingCache()

    def rescorer(self, looked: Looked) -> Rescorer:
        """Return what asks these looks. Raises `SettingsError`, one line, where nothing can."""
        if looked.detector not in self._rescorers:
            self._rescorers[looked.detector] = self._loaded(looked.detector)
        rescorer = self._rescorers[looked.detector]
        is_its = rescorer.weights_digest in (None, looked.weights_digest)
        if not is_its or not are_read_alike(rescorer.layout, looked.layout):
            raise SettingsError(
                f"another version of the detector {looked.detector.name!r} looked "
                f"(weights {looked.weights_digest[:12]}…): submit the video again"
            )
        return rescorer

    def words(self, vocabulary: Vocabulary, looked: Looked) -> EmbeddedVocabulary:
        """Return words as that detector's text encoder has them, from the store or by the encoder itself.

        Raises `HoratioError`, one line, where neither can be, or what was learnt is another detector's.
        """
        found = self._words.stored(vocabulary, looked.text_encoder, self._store)
        if found is None:
            encoder = self._encoder(looked)
            found = self._words.embed(vocabulary, encoder, self._store, lambda _: nullcontext())
        if found.learnt is not None:
            found.learnt.check_fits(self.rescorer(looked).space, looked.weights_digest)
        return found

    def _loaded(self, spec: DetectorSpec) -> Rescorer:
        weights: Path | None = None
        if spec.weights_digest is not None:
            weights = fetch_weights(spec.weights_digest, self._store, self._settings.weights_dir)
        allowed = self._settings.allow_python_detectors
        rescorer = load_rescorer(spec.name, weights=weights, allow_python=allowed)
        if rescorer is None:
            raise SettingsError(f"nothing can be asked of what the detector {spec.name!r} keeps")
        return rescorer

    def _encoder(self, looked: Looked) -> TextEncoder:
        """Raises `SettingsError` where it does not run on this machine."""
        name = looked.detector.name
        if name not in self._encoders:
            try:
                encoder = load_text_encoder(name, allow_python=self._settings.allow_python_detectors)
            except (HoratioError, ImportError) as error:
                raise _unreadable(name, str(error)) from None
            if encoder is None or encoder.identity != looked.text_encoder:
                raise _unreadable(name, "its text encoder is not here")
            self._encoders[name] = encoder
        return self._encoders[name]


def _unreadable(name: str, reason: str) -> SettingsError:
    return SettingsError(
        f"the detector {name!r} cannot be asked new words on this machine ({reason}): "
        "`client query JOB -v WORDS` has its workers read them, and then they can be searched for"
    )
