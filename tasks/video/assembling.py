"""The video: the rendered segments, one after the other, and the original sound."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from api_client.contract import ChunkMarker, ChunkSpec, Stage, TrackMarker, keys
from api_client.media.assemble.remux import assemble
from api_client.media.assemble.side_streams import output_suffix
from api_client.queue.items import Item
from api_client.store.checked_download import download_whole
from tasks.damage import fetch_output, part_marker
from tasks.job import Job
from tasks.log.gaps import runs_of
from tasks.video.black_segment import write_black_segment

logger = logging.getLogger(__name__)


class Assembling:
    """The putting together of one video."""

    def __init__(
        self, job: Job, tracked: TrackMarker, directory: Path, heartbeat: Callable[[], None]
    ) -> None:
        self._job = job
        self._tracked = tracked
        self._directory = directory
        self._heartbeat = heartbeat
        self.markers = [part_marker(job.files, _item(chunk.index)) for chunk in job.manifest.chunks]
        """How the rendering of each part ended."""
        self.notes: list[str] = []
        """What had to be done differently, for people."""

    @property
    def failures(self) -> list[str | None]:
        """Why parts were given up, in order."""
        return [marker.reason for marker in self.markers if marker.outcome == "failed"]

    def write(self) -> Path:
        """Write `annotated.mp4` (or another suffix, where the sound needs it).

        Raises `DamagedOutputError` where a part has to be rendered again.
        """
        manifest, rendering = self._job.manifest, self._job.manifest.job.rendering
        keeps_sound = rendering is not None and rendering.sound
        sound = self._fetch_side_streams() if keeps_sound else None
        output = self._directory / f"annotated{output_suffix(manifest.side_streams if sound else None)}"
        self.notes += assemble(self._segments(), manifest.video, sound, output)
        if keeps_sound and manifest.side_streams is not None and sound is None:
            self.notes.append("the sound is left out: its copy in the store is gone or damaged")
        return output

    def _segments(self) -> Iterator[Path]:
        """Yield each segment; it is deleted when the next is asked for."""
        for chunk, marker in zip(self._job.manifest.chunks, self.markers, strict=True):
            self._heartbeat()
            path = self._segment(chunk, marker)
            yield path
            path.unlink(missing_ok=True)

    def _segment(self, chunk: ChunkSpec, marker: ChunkMarker) -> Path:
        if marker.outcome == "done":
            self._note_black_frames(marker)
            return fetch_output(self._job.files, _item(chunk.index), marker, "segment.mp4", self._directory)
        frames = chunk.frame_indices
        self.notes.append(f"frames {frames[0]} to {frames[-1]} of the video are black: {marker.reason}")
        path = self._directory / "black-segment.mp4"
        write_black_segment(path, self._job.manifest.video, chunk)
        return path

    def _note_black_frames(self, marker: ChunkMarker) -> None:
        """Of frames that could be looked at and cannot be decoded any more."""
        known = [(gap.first_frame, gap.last_frame) for gap in self._tracked.gaps]
        for first, last in runs_of(marker.unreadable_frames):
            if not any(start <= first and last <= end for start, end in known):
                self.notes.append(
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
        return path if download_whole(self._job.files.store, key, path, stored.sha256) else None


def _item(index: int) -> Item:
    return Item(stage=Stage.RENDER, index=index)
