"""Frames come out of stored footage here, whatever it is: nobody else asks which kind."""

from collections.abc import Iterator
from pathlib import Path

from api_client.contract.source import ChunkSpec, Source
from api_client.media.frames.canvas import RgbCanvas
from api_client.media.frames.decode import DecodedFrame, DrawableFrame, decode_chunk, drawable_chunk
from api_client.media.pictures.part import decode_pictures


def decode_part(path: Path, footage: Source, chunk: ChunkSpec, *, threads: int = 1) -> Iterator[DecodedFrame]:
    """Yield `chunk.frame_count` frames, in order, whatever state the file is in.

    Raises `IntegrityError` where the file is not what the client stored.
    """
    if not footage.pictures:
        return decode_chunk(path, footage.video, chunk, threads=threads)
    return decode_pictures(path, footage.pictures, chunk)


def drawable_part(
    path: Path, footage: Source, chunk: ChunkSpec, *, threads: int = 1
) -> Iterator[DrawableFrame]:
    """Yield the frames of `decode_part`, to be drawn on."""
    if not footage.pictures:
        return drawable_chunk(path, footage.video, chunk, threads=threads)
    return map(_drawable, decode_pictures(path, footage.pictures, chunk))


def _drawable(frame: DecodedFrame) -> DrawableFrame:
    return DrawableFrame(
        frame_index=frame.frame_index, pts=frame.pts, canvas=RgbCanvas(frame.rgb), readable=frame.readable
    )
