"""The annotated video: the workers' segments, one after the other, and the original sound."""

import logging
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from api_client.contract import ChunkSpec, Manifest, keys
from api_client.errors import IntegrityError, MediaError, ObjectNotFoundError
from api_client.job_files import JobFiles
from api_client.media.assemble.remux import assemble
from api_client.media.assemble.side_streams import output_suffix
from api_client.media.frames.decode import DecodedFrame, decode_chunk
from api_client.media.frames.encode import SegmentWriter
from api_client.store.checked_download import download_checked
from tasks.reduce.chunk_outputs import FinishedChunk, fetched_one_by_one

logger = logging.getLogger(__name__)


def assemble_video(
    files: JobFiles, manifest: Manifest, chunks: list[FinishedChunk], directory: Path
) -> tuple[Path, list[str]]:
    """Write `annotated.mp4` (or another suffix, where the sound needs it); return its path and notes."""
    output = directory / f"annotated{output_suffix(manifest.side_streams)}"
    side_streams = _fetch_side_streams(files, manifest, directory)
    notes = assemble(_segments(files, manifest, chunks, directory), manifest.video, side_streams, output)
    if manifest.side_streams is not None and side_streams is None:
        notes.append("the sound is left out: its copy in the store is gone or damaged")
    return output, notes


def _segments(
    files: JobFiles, manifest: Manifest, chunks: list[FinishedChunk], directory: Path
) -> Iterator[Path]:
    """Yield each segment; it is deleted when the next is asked for."""
    for finished, path in fetched_one_by_one(files, chunks, "segment.mp4", directory):
        if path is not None:
            yield path
        else:
            plain = _pass_through(files, manifest, finished, directory)
            yield plain
            plain.unlink(missing_ok=True)


def _pass_through(files: JobFiles, manifest: Manifest, finished: FinishedChunk, directory: Path) -> Path:
    """Encode the original frames of a chunk nobody could annotate; black where they are gone."""
    chunk, output = finished.chunk, directory / "gap-segment.mp4"
    source = _fetched(
        files, keys.chunk_input(files.job_id, chunk.index), chunk.sha256, directory / "gap-input.mp4"
    )
    written = 0
    with SegmentWriter(output, manifest.video) as writer:
        for frame in _frames(source, manifest, chunk):
            writer.write(frame.rgb, frame.pts)
            written += 1
        for pts in islice(chunk.pts, written, None):
            writer.write(_black(manifest), pts)
    if source is not None:
        source.unlink()
    return output


def _frames(source: Path | None, manifest: Manifest, chunk: ChunkSpec) -> Iterator[DecodedFrame]:
    """Yield a chunk's frames for as long as they can be decoded."""
    if source is None:
        return
    try:
        yield from decode_chunk(source, manifest.video, chunk)
    except (IntegrityError, MediaError) as error:
        logger.warning("chunk %d cannot be decoded to its end: %s", chunk.index, error)


def _black(manifest: Manifest) -> NDArray[np.uint8]:
    return np.zeros((manifest.video.height_px, manifest.video.width_px, 3), np.uint8)


def _fetch_side_streams(files: JobFiles, manifest: Manifest, directory: Path) -> Path | None:
    if manifest.side_streams is None:
        return None
    suffix = manifest.side_streams.file_suffix
    return _fetched(
        files,
        keys.side_streams(files.job_id, suffix),
        manifest.side_streams.sha256,
        directory / f"side_streams{suffix}",
    )


def _fetched(files: JobFiles, key: str, sha256: str, path: Path) -> Path | None:
    """Download what the client stored; None where it is gone or is not what was uploaded."""
    try:
        return path if download_checked(files.store, key, path, sha256) else None
    except ObjectNotFoundError:
        return None
