"""Looking at parts of videos, one after the other, with a detector that stays loaded."""

import gc
import logging
from pathlib import Path

from api_client.contract import DetectorSpec
from api_client.contract.thresholds import Thresholds
from api_client.detectors import detector_kind
from api_client.errors import SettingsError
from api_client.local.cores import usable_cores
from api_client.settings import Settings
from api_client.store import ObjectStore
from tasks.work import DetectOutput, DetectWork, EmbedWork
from vocabularies.learnt_file import LearntEntries
from workers.detect_pipeline import DetectPipeline
from workers.detectors import Detector
from workers.detectors.phrases.detector import PhraseDetector
from workers.detectors.registry import load_detector
from workers.detectors.tiled import TiledDetector
from workers.device import (
    choose_device,
    describe_device,
    free_device_memory,
    use_threads,
)
from workers.embeddings import EmbeddingCache, embed
from workers.weights import fetch_weights

_LOG = logging.getLogger(__name__)


class DetectProcessor:
    """One per process, made after any fork; not for several threads.

    The detector stays loaded between parts, and is let go before another is loaded: a GPU may not have
    room for two.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loaded: tuple[DetectorSpec, Detector] | None = None
        self._embeddings = EmbeddingCache()

    @property
    def device(self) -> str:
        """What detectors run on, for people. Raises `SettingsError` where the device is not there."""
        return describe_device(choose_device(self._settings.device), threads=self._threads)

    def warm_up(self, detector: str = "pocket") -> None:
        """Load a detector before the first part arrives.

        Raises `HoratioError` where the device or the detector cannot be had.
        """
        self._detector(DetectorSpec(name=detector), weights=None)

    def detect(self, work: DetectWork) -> DetectOutput:
        """Look at a part. Raises `HoratioError`s; anything else is a bug."""
        job = work.manifest.job
        detector = self._detector(job.detector, weights=self._weights(job.detector, work.store))
        if job.tiles is not None:
            detector = TiledDetector(detector, job.tiles)
        vocabulary = self._embeddings.embed(
            job.vocabulary,
            detector.text_encoder,
            work.store,
            work.lock,
            progress=lambda _done, _total: work.heartbeat(0),
        )
        if vocabulary.learnt is not None:
            _check_learnt(vocabulary.learnt, detector)
        thresholds = Thresholds.of_job(job, default=detector.default_threshold)
        if job.vocabulary.phrases and detector_kind(job.detector.name).takes_phrases_apart:
            detector = PhraseDetector(detector, thresholds)
        return DetectPipeline(work, detector=detector, vocabulary=vocabulary, thresholds=thresholds).run()

    def embed(self, work: EmbedWork) -> None:
        """Store the embeddings of a job's words, unless they are in the store; it may have lost some."""
        detector = self._detector(work.job.detector, weights=self._weights(work.job.detector, work.store))
        embed(
            work.job.vocabulary,
            detector.text_encoder,
            work.store,
            work.lock,
            progress=lambda _done, _total: work.heartbeat(0),
        )

    def _weights(self, spec: DetectorSpec, store: ObjectStore) -> Path | None:
        if spec.weights_digest is None:
            return None
        return fetch_weights(spec.weights_digest, store, self._settings.weights_dir)

    def _detector(self, spec: DetectorSpec, *, weights: Path | None) -> Detector:
        """Return the detector, loaded unless it was the last one used."""
        if self._loaded is None or self._loaded[0] != spec:
            self._let_go()
            self._loaded = (spec, self._load(spec.name, weights))
        return self._loaded[1]

    def _load(self, name: str, weights: Path | None) -> Detector:
        device = choose_device(self._settings.device)
        _LOG.info("loading the detector %s on %s", name, device)
        detector = load_detector(
            name,
            device=device,
            weights=weights,
            cache=self._settings.weights_dir,
            threads=self._threads,
            allow_python=self._settings.allow_python_detectors,
        )
        use_threads(self._threads)
        return detector

    @property
    def _threads(self) -> int:
        return self._settings.cpu_threads or usable_cores()

    def _let_go(self) -> None:
        """Free the memory of the detector before the next one is loaded."""
        if self._loaded is not None:
            self._loaded = None
            gc.collect()
            free_device_memory()


def _check_learnt(learnt: LearntEntries, detector: Detector) -> None:
    rescorer = getattr(detector, "rescorer", None)  # a detector of one's own may be older than these
    if rescorer is None:
        raise SettingsError(f"the detector {detector.name!r} cannot look for what was learnt from pictures")
    learnt.check_fits(rescorer.space, detector.weights_digest)
