"""The best look at each object of a finished job, cut out of the stored parts of its video."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from api_client.contract import ChunkSpec, keys
from api_client.errors import IntegrityError
from api_client.finished_job import FinishedJob
from api_client.log.report.crops import cut_crops
from api_client.media.av_errors import av_errors_of_our_own
from api_client.media.frames.colour import ColourConverter, Rgb
from api_client.media.frames.decode import chunk_pictures
from api_client.store.checked_download import download_whole

_DECODER_THREADS = 2
_MOST_LOOKS = 2500
"""A page has no room for more: about 2 kB each, and 5 MB for all."""

Track = Mapping[str, Any]
"""A row of `tracks.parquet`."""


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much may be done for pictures."""

    most_pixels: float
    """To decode, over all frames."""
    most_bytes: float
    """To fetch from the store."""


UNLIMITED = Effort(most_pixels=float("inf"), most_bytes=float("inf"))
BRIEF = Effort(most_pixels=8e9, most_bytes=5e8)
"""For a page nobody asked for: four thousand frames of 1080p, whatever the length of the video."""


def best_looks(job: FinishedJob, effort: Effort = UNLIMITED) -> dict[int, bytes]:
    """Return `tracker_id` → JPEG. Only parts that hold a best look are decoded, and no further than it.

    Where that is more than the effort allows, objects seen for less time have none. An object whose part is
    gone from the store, or damaged, has none either.
    """
    looks: dict[int, bytes] = {}
    for index, tracks in sorted(_by_part(job, effort).items()):
        with suppress(IntegrityError):
            for frame_index, rgb in _frames(job, job.manifest.chunks[index], set(tracks)):
                looks |= cut_crops(rgb, tracks[frame_index])
    return looks


def _by_part(job: FinishedJob, effort: Effort) -> dict[int, dict[int, list[Track]]]:
    """Part → frame → tracks whose best look it is, as many as the effort allows."""
    video = job.manifest.video
    plan = _Plan(job.manifest.chunks, pixels_a_frame=video.width_px * video.height_px, effort=effort)
    for track in _longest_first(job.tracks())[:_MOST_LOOKS]:
        plan.add(track)
    return plan.by_part


def _longest_first(tracks: Iterable[Track]) -> list[Track]:
    return sorted(tracks, key=lambda track: (-track["frames_seen"], track["tracker_id"]))


class _Plan:
    """Takes in one track after the other, while there is effort left."""

    def __init__(self, chunks: tuple[ChunkSpec, ...], *, pixels_a_frame: int, effort: Effort) -> None:
        self.by_part: dict[int, dict[int, list[Track]]] = defaultdict(lambda: defaultdict(list))
        self._chunks = chunks
        self._firsts = [chunk.first_frame for chunk in chunks]
        self._pixels_a_frame = pixels_a_frame
        self._pixels_left, self._bytes_left = effort.most_pixels, effort.most_bytes

    def add(self, track: Track) -> None:
        """Plan for a track's best look, unless that costs more than is left."""
        frame_index = track["best_frame"]
        index = bisect_right(self._firsts, frame_index) - 1
        is_begun = index in self.by_part
        decoded_to = max(self.by_part[index]) if is_begun else self._firsts[index] - 1
        pixels = max(0, frame_index - decoded_to) * self._pixels_a_frame
        size_bytes = 0 if is_begun else self._chunks[index].size_bytes
        if pixels <= self._pixels_left and size_bytes <= self._bytes_left:
            self._pixels_left -= pixels
            self._bytes_left -= size_bytes
            self.by_part[index][frame_index].append(track)


def _frames(job: FinishedJob, chunk: ChunkSpec, wanted: set[int]) -> Iterator[tuple[int, Rgb]]:
    """Yield the wanted frames of a part, each with its index; those that cannot be decoded are left out."""
    path = job.directory / f"part-{chunk.index}"
    key = keys.source_part(job.manifest.footage.source_id, chunk.index)
    convert, last = ColourConverter(job.manifest.video), max(wanted)
    try:
        if not download_whole(job.files.store, key, path, chunk):
            return
        pictures = chunk_pictures(path, job.manifest.video, chunk, threads=_DECODER_THREADS)
        with av_errors_of_our_own(path):
            for frame_index, picture in zip(chunk.frame_indices, pictures, strict=False):
                if frame_index in wanted and picture is not None:
                    yield frame_index, convert.rgb(picture)
                if frame_index >= last:
                    return
    finally:
        path.unlink(missing_ok=True)
