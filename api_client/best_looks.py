"""The best look at each object of a finished job, cut out of the stored parts of its video."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from api_client.contract import ChunkSpec, keys
from api_client.errors import IntegrityError
from api_client.finished_job import FinishedJob
from api_client.log.report.crops import cut_crops
from api_client.media.frames.decode import DecodedFrame, decode_chunk
from api_client.store.checked_download import download_whole

_DECODER_THREADS = 2

_ByFrame = dict[int, list[Mapping[str, Any]]]
"""Frame → rows of `tracks.parquet` whose best look it is."""


def best_looks(job: FinishedJob) -> dict[int, bytes]:
    """Return `tracker_id` → JPEG. Only parts that hold a best look are decoded, and no further than it.

    An object whose part is gone from the store, or damaged, has none.
    """
    wanted = _by_frame(job.tracks())
    looks: dict[int, bytes] = {}
    for chunk in job.manifest.chunks:
        best = {frame: wanted[frame] for frame in chunk.frame_indices if frame in wanted} if wanted else {}
        if best:
            with suppress(IntegrityError):
                for frame in _frames(job, chunk, max(best)):
                    looks |= cut_crops(frame.rgb, best.get(frame.frame_index, ()))
    return looks


def _by_frame(tracks: Iterable[Mapping[str, Any]]) -> _ByFrame:
    by_frame: _ByFrame = defaultdict(list)
    for track in tracks:
        by_frame[track["best_frame"]].append(track)
    return dict(by_frame)


def _frames(job: FinishedJob, chunk: ChunkSpec, last_frame: int) -> Iterator[DecodedFrame]:
    path = job.directory / f"part-{chunk.index}"
    key = keys.source_part(job.manifest.footage.source_id, chunk.index)
    try:
        if not download_whole(job.files.store, key, path, chunk):
            return
        for frame in decode_chunk(path, job.manifest.video, chunk, threads=_DECODER_THREADS):
            yield frame
            if frame.frame_index >= last_frame:
                return
    finally:
        path.unlink(missing_ok=True)
