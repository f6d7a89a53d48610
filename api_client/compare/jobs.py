"""Comparing two finished jobs."""

from dataclasses import dataclass
from pathlib import Path

from api_client.compare.agreement import Agreement, Disagreement, agreement_of, compared, disagreements
from api_client.compare.footage import check_same_footage
from api_client.compare.panels import panels
from api_client.compare.side_by_side import Pairs, pairs, with_pictures, write_video
from api_client.compare.tables import write_tables
from api_client.derived_place import new_directory
from api_client.errors import IntegrityError, SettingsError
from api_client.finished_job import FinishedJob, finished_job
from api_client.job_files import JobFiles
from api_client.media.assemble.side_streams import output_suffix
from api_client.moments.stored_footage import StoredFootage

PICTURES = 6
_APART_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How far two jobs agree, and where that is written."""

    agreement: Agreement
    paths: tuple[Path, ...]
    notes: tuple[str, ...]


def compare_jobs(
    first: JobFiles,
    second: JobFiles,
    directory: Path | None,
    *,
    video: bool = True,
    pictures: int = PICTURES,
) -> Comparison:
    """Compare two finished jobs on the same footage; neither the input nor a detector is needed.

    directory: None for `NAME-comparison` here, numbered where that is taken; never one with something in it.
    video: whether both renderings are put beside each other. pictures: at most so many frames as PNG.
    Raises `SettingsError` for jobs of different footage.
    """
    if pictures < 0:
        raise SettingsError(f"--pictures is {pictures} and must be 0 or more")
    check_same_footage(first.manifest(), second.manifest())
    with finished_job(first) as a, finished_job(second) as b:
        agreement = agreement_of(compared(a.frames(), b.frames()))
        chosen = agreement.worst(pictures, apart_seconds=_APART_SECONDS)
        worst = list(disagreements(compared(a.frames(), b.frames()), chosen)) if chosen else []
        with new_directory(a.manifest.source.file_name, "comparison", directory) as made:
            written = write_tables(agreement, worst, (a.manifest, b.manifest), made.partial)
            shown, notes = _shown(a, b, worst, made.partial, video=video)
        paths = tuple(made.place / path.name for path in (*shown, *written))
    return Comparison(agreement=agreement, paths=paths, notes=tuple(notes))


def _shown(
    a: FinishedJob, b: FinishedJob, worst: list[Disagreement], directory: Path, *, video: bool
) -> tuple[list[Path], list[str]]:
    """Write what is to be looked at; the tables stand where footage is gone."""
    footage = StoredFootage(a.files.store, a.manifest.footage, a.directory)
    other = StoredFootage(b.files.store, b.manifest.footage, b.directory)
    written: list[Path] = []
    by_frame = {frame.frame_index: frame for frame in worst}
    frames = pairs(a.manifest.chunks, panels(a, footage), panels(b, other))
    frames = with_pictures(frames, by_frame, directory, written)
    if a.manifest.footage.pictures:
        return [], ["pictures are not put beside each other: only videos are"]
    try:
        if video:
            sound = footage.sound()
            output = directory / f"side-by-side{output_suffix(a.manifest.side_streams if sound else None)}"
            notes = write_video(frames, a.manifest.video, sound, output)
            return [output, *written], notes
        _up_to(frames, max(by_frame, default=-1))
    except IntegrityError as error:
        return written, [f"not everything can be shown: {error}"]
    return written, []


def _up_to(frames: Pairs, last: int) -> None:
    """Go through the frames as far as there is a picture to write."""
    for frame_index, _, _ in frames if last >= 0 else ():
        if frame_index >= last:
            return
