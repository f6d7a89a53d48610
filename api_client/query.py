"""Other words asked of what a job has seen: a job made of the regions that another one kept."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath

from api_client.asked_exports import check_exports_of_pictures, checked_exports
from api_client.asked_words import Words, asked_vocabulary
from api_client.contract import JobDocument, Manifest, Rendering
from api_client.contract.ids import new_job_id
from api_client.detectors import SHIPPED_WEIGHTS, detector_kind
from api_client.errors import JobFailedError, SettingsError
from api_client.job_files import JobFiles
from api_client.kept_regions import index_header, looked_job
from api_client.learnt_files import check_learnt
from api_client.log.regions.header import IndexHeader
from api_client.question import check_threshold, checked_rendering
from vocabularies import Vocabulary
from vocabularies.phrase import check_asks_no_colour


@dataclass(frozen=True, kw_only=True)
class Query:
    """What is asked of a job's regions, and how it is told."""

    vocabulary: Words
    threshold: float | None = None
    """None for the detector's default."""
    tracks: bool = True
    exports: tuple[str, ...] = ()
    rendering: Rendering | None = None
    """None for a log without a video."""


def queried(files: JobFiles, query: Query) -> Manifest:
    """Return a job that asks other words of the footage of this one, without a detector looking again.

    Raises `SettingsError` where no regions are kept, or those of another version of the detector;
    `VocabularyError`, `JobFailedError` where the job has not looked at everything yet.
    """
    check_threshold(query.threshold)
    words = asked_vocabulary(query.vocabulary)
    looked, manifest = looked_job(files)
    header = index_header(looked)
    _check_version(header, manifest)
    check_learnt(words, manifest.job.detector.name, header.weights_digest)
    if detector_kind(manifest.job.detector.name).takes_phrases_apart and not header.colours:
        check_asks_no_colour(words.phrases)
    if looked.tracked() is None:
        raise JobFailedError(
            f"job {looked.job_id} has no log yet: `client watch {looked.job_id}` waits for it"
        )
    return _asking(manifest, query, words, header.text_encoder)


def _asking(manifest: Manifest, query: Query, words: Vocabulary, text_encoder: str) -> Manifest:
    rendering = query.rendering
    if manifest.footage.pictures:
        check_exports_of_pictures(query.exports)
    tracks = query.tracks and not manifest.footage.pictures
    job = manifest.job.model_copy(
        update={
            "vocabulary": words,
            "threshold": query.threshold,
            "regions_per_frame": 0,
            "tracks": tracks,
            "exports": checked_exports(query.exports, tracks=tracks) if query.exports else (),
            "rendering": None if rendering is None else checked_rendering(rendering, words.labels),
        }
    )
    document = JobDocument(
        job_id=new_job_id(PurePath(manifest.source.file_name)),
        created_at=datetime.now(UTC),
        source=manifest.source,
        source_id=manifest.footage.source_id,
        job=job,
        regions_of=manifest.job_id,
        text_encoder=text_encoder,
    )
    return Manifest(document=document, footage=manifest.footage)


def _check_version(header: IndexHeader, manifest: Manifest) -> None:
    """Of a detector that ships with this version; of others the workers know."""
    detector = manifest.job.detector
    expected = detector.weights_digest or SHIPPED_WEIGHTS.get(detector.name)
    if expected is not None and header.weights_digest != expected:
        raise SettingsError(
            f"the regions of job {manifest.job_id} were kept by another version of the detector "
            f"{detector.name!r} (weights {header.weights_digest[:12]}…, now {expected[:12]}…): "
            "submit the video again"
        )
