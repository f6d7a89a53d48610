"""From what a caller asks for to a job: checked before anything is stored or started."""

from collections.abc import Iterable
from pathlib import Path

from api_client.asked_exports import check_exports_of_pictures, checked_exports
from api_client.asked_words import Words, asked_vocabulary
from api_client.contract import DetectorSpec, JobSpec, Rendering
from api_client.contract.digest import file_sha256
from api_client.contract.tiling import Tiling
from api_client.defaults import DEFAULT_DETECTOR, DEFAULT_VOCABULARY
from api_client.detectors import SHIPPED_WEIGHTS, check_detector_name, check_weights_are_given
from api_client.errors import SettingsError
from api_client.learnt_files import check_learnt
from api_client.media.source.source_video import SourceVideo
from api_client.picture_set import PictureSet
from api_client.settings import Settings
from api_client.store.os_errors import os_errors_translated
from api_client.zones.asked import check_inside, shapes_drawn

BOXES = Rendering()
"""A box and a tag around everything that was found."""


def job_spec(
    settings: Settings,
    *,
    vocabulary: Words = DEFAULT_VOCABULARY,
    detector: str = DEFAULT_DETECTOR,
    weights: str | Path | None = None,
    threshold: float | None = None,
    every: int = 1,
    tiles: Tiling | None = None,
    tracks: bool = True,
    exports: Iterable[str] = (),
    rendering: Rendering | None = BOXES,
) -> JobSpec:
    """Return the job. Raises `VocabularyError`, `SettingsError`."""
    check_threshold(threshold)
    _check_every(every)
    check_detector_name(detector)
    check_weights_are_given(detector, given=weights is not None)
    formats = tuple(exports)
    words = asked_vocabulary(vocabulary)
    check_learnt(words, detector, SHIPPED_WEIGHTS.get(detector) if weights is None else None)
    return JobSpec(
        vocabulary=words,
        detector=DetectorSpec(name=detector, weights_digest=_digest(weights)),
        threshold=threshold,
        every=every,
        tiles=tiles,
        tracks=tracks,
        rendering=None if rendering is None else checked_rendering(rendering, words.labels),
        exports=checked_exports(formats, tracks=tracks) if formats else (),
        regions_per_frame=settings.regions_per_frame,
    )


def fitting_job(job: JobSpec, footage: SourceVideo | PictureSet) -> JobSpec:
    """Return the job as it is asked of footage: of pictures each is looked at, and none follows another.

    Raises `SettingsError` for a format that tells of a video, where there is none, and for a zone outside of
    the frame.
    """
    if not isinstance(footage, PictureSet):
        check_inside(shapes_drawn(job.rendering), footage.video)
        return job
    check_exports_of_pictures(job.exports)
    return job.model_copy(update={"every": 1, "tracks": False})


def checked_rendering(rendering: Rendering, labels: Iterable[str]) -> Rendering:
    """Return it; raise `SettingsError` where it would show labels that nothing was looked for."""
    unknown = set(rendering.only).difference(labels)
    if unknown:
        raise SettingsError(f"{min(unknown)!r} is not among the words looked for: only those can be shown")
    return rendering


def check_threshold(threshold: object) -> None:
    """Raise `SettingsError` where it is neither None nor a number between 0 and 1."""
    if threshold is not None and not (_is_number(threshold, int, float) and 0 <= threshold <= 1):  # type: ignore[operator]  # it is a number
        raise SettingsError(f"the threshold is {threshold!r}: it must be a number between 0 and 1")


def _check_every(every: object) -> None:
    if not (_is_number(every, int) and every >= 1):  # type: ignore[operator]  # it is a number
        raise SettingsError(f"every is {every!r}: it must be 1 (every frame) or more, a whole number")


def _is_number(value: object, *kinds: type) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


def _digest(weights: str | Path | None) -> str | None:
    if weights is None:
        return None
    path = Path(weights)
    if not path.is_file():
        raise SettingsError(f"there is no weights file {str(path)!r}: check the path")
    with os_errors_translated(path):
        return file_sha256(path)
