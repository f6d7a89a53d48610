"""Asking words of the regions that were kept of parts, one part after the other: NumPy alone."""

from pathlib import Path

from api_client.contract import DetectorSpec
from api_client.contract.marker import AskedRegions
from api_client.contract.thresholds import Thresholds
from api_client.detectors import detector_kind
from api_client.errors import SettingsError
from api_client.log.regions import IndexHeader, read_index
from api_client.settings import Settings
from api_client.store import ObjectStore
from tasks.work import AskOutput, AskWork
from workers.detectors import EmbeddedVocabulary, Rescorer
from workers.detectors.phrases.question import PhraseQuestion
from workers.detectors.registry import load_rescorer
from workers.embeddings import EmbeddingCache
from workers.first_answers import FirstAnswers
from workers.near_misses import NearMisses
from workers.rescoring import Question, check_askable, rescore
from workers.stopwatch import Stopwatch
from workers.weights import fetch_weights


class AskProcessor:
    """One per process; what names regions stays loaded between parts. Not for several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loaded: tuple[DetectorSpec, Rescorer] | None = None
        self._embeddings = EmbeddingCache()

    def ask(self, work: AskWork) -> AskOutput | None:
        """Write the part's log of the words; None where their embeddings are not in the store.

        Raises `SettingsError` where the regions are of another detector, `IntegrityError` where they cannot
        be read.
        """
        job, stopwatch = work.manifest.job, Stopwatch()
        with stopwatch.measure("ask"):
            rescorer = self._rescorer(job.detector, work.store)
            index = read_index(work.index_path)
            words = self._embeddings.stored(job.vocabulary, index.header.text_encoder, work.store)
            if words is None:
                return None
            question = _question(work, words, rescorer)
            check_askable(index.header, question)
            misses = NearMisses(job.vocabulary.labels, shown_from=question.shown_from)
            count = rescore(
                index,
                question,
                work.manifest.video,
                work.output_dir / "detections.parquet",
                first=_first_answers(work, question),
                first_log=work.log_path,
                misses=misses,
            )
        return AskOutput(
            detection_count=count,
            threshold=question.thresholds.default,
            near_misses=misses.highest(),
            asked=_asked(index.header),
            seconds_by_stage=stopwatch.seconds_by_stage,
        )

    def _rescorer(self, spec: DetectorSpec, store: ObjectStore) -> Rescorer:
        if self._loaded is None or self._loaded[0] != spec:
            self._loaded = (spec, self._load(spec, store))
        return self._loaded[1]

    def _load(self, spec: DetectorSpec, store: ObjectStore) -> Rescorer:
        weights: Path | None = None
        if spec.weights_digest is not None:
            weights = fetch_weights(spec.weights_digest, store, self._settings.weights_dir)
        rescorer = load_rescorer(
            spec.name, weights=weights, allow_python=self._settings.allow_python_detectors
        )
        if rescorer is None:
            raise SettingsError(f"nothing can be asked of the regions of the detector {spec.name!r}")
        return rescorer


def _question(work: AskWork, words: EmbeddedVocabulary, rescorer: Rescorer) -> Question:
    job = work.manifest.job
    thresholds = Thresholds.of_job(job, default=rescorer.default_threshold)
    apart = bool(job.vocabulary.phrases) and detector_kind(job.detector.name).takes_phrases_apart
    return Question(
        vocabulary=words,
        rescorer=rescorer,
        thresholds=thresholds,
        phrases=PhraseQuestion.of(words, thresholds) if apart else None,
    )


def _first_answers(work: AskWork, question: Question) -> FirstAnswers | None:
    if work.threshold_then is None:
        return None
    return FirstAnswers.of(
        work.then.job.vocabulary,
        question.vocabulary.vocabulary,
        floors_then=Thresholds.of_job(work.then.job, default=work.threshold_then).floors,
        floors_now=question.thresholds.floors,
    )


def _asked(header: IndexHeader) -> AskedRegions:
    return AskedRegions(
        looks_per_second=header.looks_per_second,
        most_regions=header.most_regions,
        lowest_threshold=header.lowest_threshold,
    )
