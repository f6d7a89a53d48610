"""What rendered parts become: a video with the original sound, or annotated pictures."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from api_client.contract import ChunkMarker, ChunkSpec, Stage, TrackMarker, keys
from api_client.contract.digest import sha256_of
from api_client.contract.picture import PictureFile
from api_client.media.assemble.remux import assemble
from api_client.media.assemble.side_streams import output_suffix
from api_client.media.pictures.packing import copy_packed
from api_client.queue.items import Item
from api_client.store.checked_download import download_whole
from tasks.damage import fetch_output, part_marker
from tasks.job import Job
from tasks.log.gaps import runs_of
from tasks.video.black_segment import write_black_segment

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Assembled:
    """What is shown to people."""

    path: Path
    notes: tuple[str, ...]
    """What had to be done differently, for people."""
    pictures: tuple[PictureFile, ...] = ()
    """What is in the file, where that is a pack of pictures."""


def rendered_markers(job: Job) -> list[ChunkMarker]:
    """How the rendering of each part ended. Raises `DamagedOutputError` where one does not say."""
    return [part_marker(job.files, _item(chunk.index)) for chunk in job.manifest.chunks]


def assembled(
    job: Job,
    tracked: TrackMarker,
    markers: list[ChunkMarker],
    directory: Path,
    heartbeat: Callable[[], None],
) -> Assembled:
    """Write the video, or the pack of pictures. markers: how the rendering of each part ended.

    Raises `DamagedOutputError` where a part has to be rendered again.
    """
    if job.manifest.footage.pictures:
        return _PictureAssembling(job, markers, directory, heartbeat).write()
    return _VideoAssembling(job, tracked, markers, directory, heartbeat).write()


class _PictureAssembling:
    """The putting together of the annotated pictures."""

    def __init__(
        self, job: Job, markers: list[ChunkMarker], directory: Path, heartbeat: Callable[[], None]
    ) -> None:
        self._job, self._markers = job, markers
        self._directory = directory
        self._heartbeat = heartbeat
        self._notes: list[str] = []

    def write(self) -> Assembled:
        """Write `annotated.zip`."""
        output = self._directory / "annotated.zip"
        contents = copy_packed(self._packs(), output)
        pictures = tuple(
            PictureFile(name=name, size_bytes=len(data), sha256=sha256_of(data)) for name, data in contents
        )
        return Assembled(path=output, notes=tuple(self._notes), pictures=pictures)

    def _packs(self) -> Iterator[Path]:
        """Yield each part's; it is deleted when the next is asked for."""
        for chunk, marker in zip(self._job.manifest.chunks, self._markers, strict=True):
            self._heartbeat()
            if marker.outcome == "failed":
                self._notes.append(f"{self._names(chunk)} could not be annotated: {marker.reason}")
                continue
            path = fetch_output(self._job.files, _item(chunk.index), marker, "pictures.zip", self._directory)
            yield path
            path.unlink(missing_ok=True)

    def _names(self, chunk: ChunkSpec) -> str:
        pictures = self._job.manifest.footage.pictures
        first, last = (pictures[chunk.frame_indices[place]].name for place in (0, -1))
        return first if first == last else f"{first} to {last}"


class _VideoAssembling:
    """The putting together of one video."""

    def __init__(
        self,
        job: Job,
        tracked: TrackMarker,
        markers: list[ChunkMarker],
        directory: Path,
        heartbeat: Callable[[], None],
    ) -> None:
        self._job = job
        self._tracked = tracked
        self._markers = markers
        self._directory = directory
        self._heartbeat = heartbeat
        self._notes: list[str] = []

    def write(self) -> Assembled:
        """Write `annotated.mp4` (or another suffix, where the sound needs it)."""
        manifest, rendering = self._job.manifest, self._job.manifest.job.rendering
        keeps_sound = rendering is not None and rendering.sound
        sound = self._fetch_side_streams() if keeps_sound else None
        output = self._directory / f"annotated{output_suffix(manifest.side_streams if sound else None)}"
        self._notes += assemble(self._segments(), manifest.video, sound, output)
        if keeps_sound and manifest.side_streams is not None and sound is None:
            self._notes.append("the sound is left out: its copy in the store is gone or damaged")
        return Assembled(path=output, notes=tuple(self._notes))

    def _segments(self) -> Iterator[Path]:
        """Yield each segment; it is deleted when the next is asked for."""
        for chunk, marker in zip(self._job.manifest.chunks, self._markers, strict=True):
            self._heartbeat()
            path = self._segment(chunk, marker)
            yield path
            path.unlink(missing_ok=True)

    def _segment(self, chunk: ChunkSpec, marker: ChunkMarker) -> Path:
        if marker.outcome == "done":
            self._note_black_frames(marker)
            return fetch_output(self._job.files, _item(chunk.index), marker, "segment.mp4", self._directory)
        frames = chunk.frame_indices
        self._notes.append(f"frames {frames[0]} to {frames[-1]} of the video are black: {marker.reason}")
        path = self._directory / "black-segment.mp4"
        write_black_segment(path, self._job.manifest.video, chunk)
        return path

    def _note_black_frames(self, marker: ChunkMarker) -> None:
        """Of frames that could be looked at and cannot be decoded any more."""
        known = [(gap.first_frame, gap.last_frame) for gap in self._tracked.gaps]
        for first, last in runs_of(marker.unreadable_frames):
            if not any(start <= first and last <= end for start, end in known):
                self._notes.append(
                    f"frames {first} to {last} of the video are black or repeated: "
                    "their part of the input is gone from the store or damaged"
                )

    def _fetch_side_streams(self) -> Path | None:
        """Download what the client stored; None where it is gone or is not what was uploaded."""
        stored = self._job.manifest.side_streams
        if stored is None:
            return None
        key = keys.side_streams(self._job.manifest.footage.source_id, stored.file_suffix)
        path = self._directory / f"side-streams{stored.file_suffix}"
        return path if download_whole(self._job.files.store, key, path, stored) else None


def _item(index: int) -> Item:
    return Item(stage=Stage.RENDER, index=index)
