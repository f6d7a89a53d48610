"""Clips of a finished job: the moments in which a condition holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

from api_client.contract import Manifest
from api_client.derived_place import new_directory
from api_client.errors import SettingsError
from api_client.finished_job import FinishedJob, finished_job
from api_client.job_files import JobFiles
from api_client.moments.clip_file import clip_suffix, write_clip
from api_client.moments.exact import ExactPictures
from api_client.moments.found import with_found
from api_client.moments.lists import WrittenClip, title_of, write_chapters, write_csv, write_losslesscut
from api_client.moments.moment import (
    USUAL_MARGINS,
    Clock,
    Margins,
    Moment,
    held_frames,
    moments_of,
)
from api_client.moments.packet_copy import CopiedPictures, NotCopyableError
from api_client.moments.parsing import parse
from api_client.moments.pictures import Pictures
from api_client.moments.stored_footage import StoredFootage
from api_client.results_place import fitting_stem
from api_client.zones.asked import NO_SHAPES, Shapes, check_inside

How = Literal["copy", "exact"]
_MOST_FILES = 1000
_EARLY_SECONDS = 2.0
"""From here on it is told how long before its moment a file begins."""


@dataclass(frozen=True, kw_only=True)
class ClipsWanted:
    """Which moments, and how they are cut."""

    when: str
    """A condition: "dog and not leash"."""
    shapes: Shapes = NO_SHAPES
    """Zones the condition may name."""
    margins: Margins = USUAL_MARGINS
    how: How = "copy"
    """Copied from the key frame before, or encoded again from the very frame."""
    files: bool = True
    """Whether each moment becomes a file."""
    reel: bool = False
    """Whether all of them become one."""


@dataclass(frozen=True, kw_only=True)
class Clips:
    """What was found and written."""

    moments: tuple[Moment, ...]
    directory: Path | None = None
    """None where there is no moment: then nothing is written."""
    paths: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    """What had to be done differently, for people."""


def clip_job(files: JobFiles, wanted: ClipsWanted, directory: Path | None) -> Clips:
    """Cut the moments of a finished job out of its stored footage; the input file is not needed.

    directory: None for `NAME-clips` here, numbered where that is taken; never one in which anything lies.
    Raises `ConditionError` (a `SettingsError`) for a condition that cannot be read, `SettingsError` for zones
    outside of the frame, `IntegrityError` where footage is gone from the store.
    """
    with finished_job(files) as job:
        moments = find_moments(job, wanted)
        if not moments:
            return Clips(moments=())
        if wanted.files and len(moments) > _MOST_FILES:
            raise SettingsError(
                f"{len(moments)} moments would be as many files: ask for less, join more with --merge, "
                "or take --lists-only"
            )
        with new_directory(job.manifest.source.file_name, "clips", directory) as made:
            cutting = _Cutting(job, wanted, moments, made.partial)
            written = list(cutting.write())
        paths = tuple(made.place / path.name for path in written)
        return Clips(moments=tuple(moments), directory=made.place, paths=paths, notes=tuple(cutting.notes))


def find_moments(job: FinishedJob, wanted: ClipsWanted) -> list[Moment]:
    """Return the moments of a job. Raises as `clip_job`."""
    manifest = job.manifest
    if manifest.footage.pictures:
        raise SettingsError(f"job {job.files.job_id} is of pictures, which have no moments: only videos do")
    check_inside(wanted.shapes, manifest.video)
    condition = parse(wanted.when, manifest.job.vocabulary.labels, wanted.shapes.zones_by_name)
    held = held_frames(job.frames(), condition, job.result.gaps)
    moments = moments_of(held, Clock(manifest), wanted.margins)
    return with_found(moments, job.frames()) if moments else []


@dataclass
class _Cutting:
    """The files of one job's moments."""

    job: FinishedJob
    wanted: ClipsWanted
    moments: Sequence[Moment]
    directory: Path
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._manifest: Manifest = self.job.manifest
        self._footage = StoredFootage(self.job.files.store, self._manifest.footage, self.job.directory)
        self._stem = fitting_stem(self._manifest.source.file_name, self.directory)
        streams = self._manifest.side_streams
        self._suffix = clip_suffix(streams.file_suffix if streams else None)

    def write(self) -> Iterator[Path]:
        """Yield each file as it is written: the reel first, then clips, then lists."""
        if self.wanted.reel:
            yield self._reel()
        clips = [self._clip(number) if self.wanted.files else None for number in range(len(self.moments))]
        yield from (clip.path for clip in clips if clip)
        self._note_early_starts(clips)
        lists = [self.directory / name for name in ("moments.csv", "chapters.vtt", f"{self._stem}-proj.llc")]
        write_csv(lists[0], self.moments, clips)
        write_chapters(lists[1], self.moments)
        write_losslesscut(lists[2], self.moments, self._manifest.source.file_name)
        yield from lists
        if self._manifest.side_streams is not None and self._footage.sound() is None:
            self.notes.append("the sound is left out: its copy in the store is gone or damaged")

    def _note_early_starts(self, clips: Sequence[WrittenClip | None]) -> None:
        early = (
            moment.start_seconds - clip.start_seconds
            for moment, clip in zip(self.moments, clips, strict=True)
            if clip is not None
        )
        longest = max(early, default=0.0)
        if longest > _EARLY_SECONDS:
            self.notes.append(
                f"key frames are far apart: a file begins up to {longest:.1f} s before its moment; "
                "--exact begins with its very frame"
            )

    def _reel(self) -> Path:
        path = self.directory / f"{self._stem}-reel{self._suffix}"
        pictures = self._pictures(self.moments, "the reel")
        titles = [title_of(moment, number) for number, moment in enumerate(self.moments, start=1)]
        chapters = list(zip(pictures.pieces, titles, strict=True))
        write_clip(path, pictures, self._footage.sound(), chapters=chapters)
        return path

    def _clip(self, number: int) -> WrittenClip:
        path = self.directory / f"{self._stem}-{number + 1:03d}{self._suffix}"
        pictures = self._pictures(self.moments[number : number + 1], path.name)
        write_clip(path, pictures, self._footage.sound())
        (piece,) = pictures.pieces
        start, end = (self._since_frame_0(seconds) for seconds in (piece.start, piece.end))
        return WrittenClip(path=path, start_seconds=start, end_seconds=end)

    def _since_frame_0(self, seconds: Fraction) -> float:
        """A time of the source's own clock."""
        video = self._manifest.video
        return video.time_seconds(round(seconds / video.seconds_per_pts))

    def _pictures(self, moments: Sequence[Moment], name: str) -> Pictures:
        if self.wanted.how == "copy":
            try:
                return CopiedPictures(self._footage, moments)
            except NotCopyableError as error:
                self.notes.append(f"{name} is encoded again instead of copied: {error}")
        return ExactPictures(self._footage, moments, self.job.directory / "encoded.mp4")
