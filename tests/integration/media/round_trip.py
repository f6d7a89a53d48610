"""A video through split, decode, encode and assemble; and what it should have given, from a plain decode."""

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from api_client.contract.source import ChunkSpec
from api_client.media.assemble.remux import assemble
from api_client.media.assemble.side_streams import copy_side_streams, output_suffix
from api_client.media.frames.colour import ColourConverter
from api_client.media.frames.decode import decode_chunk
from api_client.media.frames.encode import SegmentWriter
from api_client.media.parts.plan import notes_on, plan
from api_client.media.parts.split import split
from api_client.media.source.probe import SourceVideo, probe
from tests.support.presented import presented_seconds

Frame = tuple[int | None, str]
"""(pts, hash of the picture)."""

CHUNK_FRAMES = 20


@dataclass(frozen=True, kw_only=True)
class RoundTrip:
    source: SourceVideo
    plan_notes: tuple[str, ...]
    chunks: list[ChunkSpec]
    frames: list[Frame]
    unreadable: list[int]
    output: Path
    output_seconds: list[Fraction]


def round_trip(
    path: Path, directory: Path, *, threads: int = 1, chunk_frames: int = CHUNK_FRAMES
) -> RoundTrip:
    return round_trip_of(probe(path), directory, threads=threads, chunk_frames=chunk_frames)


def round_trip_of(
    source: SourceVideo, directory: Path, *, threads: int = 1, chunk_frames: int = CHUNK_FRAMES
) -> RoundTrip:
    plans = plan(source.table, target_seconds=3600, max_frames=chunk_frames, frames=source.frames)
    chunks, frames, unreadable, segments = [], [], [], []
    for chunk, file in split(source, plans, directory):
        chunks.append(chunk)
        file = file.rename(directory / "chunk.mp4")  # as the store names it, whatever it is
        segments.append(directory / f"segment{chunk.index}.mp4")
        with SegmentWriter(segments[-1], source.video) as writer:
            for frame in decode_chunk(file, source.video, chunk, threads=threads):
                frames.append((frame.pts, picture_hash(frame.rgb)))
                writer.write(frame.rgb, frame.pts)
                if not frame.readable:
                    unreadable.append(frame.frame_index)
        file.unlink()
    others = copy_side_streams(source, directory).file
    output = directory / f"annotated{output_suffix(others[0] if others else None)}"
    assemble(segments, source.video, others[1] if others else None, output)
    return RoundTrip(
        source=source,
        plan_notes=notes_on(plans, max_frames=chunk_frames),
        chunks=chunks,
        frames=frames,
        unreadable=unreadable,
        output=output,
        output_seconds=list(presented_seconds(output)),
    )


def plain_decode(path: Path, source: SourceVideo) -> list[Frame]:
    """Every frame FFmpeg shows, decoded in one go."""
    convert = ColourConverter(source.video, quick=True)
    with av.open(str(path)) as container:
        stream = container.streams.best("video")
        return [(frame.pts, picture_hash(convert.rgb(frame))) for frame in container.decode(stream)]


def picture_hash(rgb: np.ndarray) -> str:
    return hashlib.sha256(rgb.tobytes()).hexdigest()[:16]


def since_first(seconds: list[Fraction]) -> list[Fraction]:
    return [value - seconds[0] for value in seconds]
