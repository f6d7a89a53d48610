"""Frames come out of stored footage here, whatever it is: nobody else asks which kind."""

from collections.abc import Iterator
from pathlib import Path

from api_client.contract.source import ChunkSpec, Source
from api_client.media.frames.decode import DecodedFrame, decode_chunk
from api_client.media.pictures.part import decode_pictures


def decode_part(
    path: Path, footage: Source, chunk: ChunkSpec, *, threads: int = 1, with_decoded: bool = False
) -> Iterator[DecodedFrame]:
    """Yield `chunk.frame_count` frames, in order, whatever state the file is in.

    with_decoded: whether each frame of a video brings along what it was converted from.

    Raises `IntegrityError` where the file is not what the client stored.
    """
    if not footage.pictures:
        return decode_chunk(path, footage.video, chunk, threads=threads, with_decoded=with_decoded)
    return decode_pictures(path, footage.pictures, chunk)
