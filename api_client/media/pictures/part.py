"""Decoding a part of a set of pictures: exactly the frames its manifest entry lists, in order."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import numpy as np

from api_client.contract.picture import PictureSpec
from api_client.contract.source import ChunkSpec
from api_client.errors import MediaError
from api_client.media.frames.decode import DecodedFrame
from api_client.media.pictures.packing import opened_pack, read_packed, stored_name
from api_client.media.pictures.reading import StillPicture, read_picture
from api_client.scratch import scratch_directory


def decode_pictures(
    path: Path, pictures: tuple[PictureSpec, ...], chunk: ChunkSpec
) -> Iterator[DecodedFrame]:
    """Yield a frame a picture, each in its own size; one that cannot be decoded is black and not readable.

    pictures: all of the source. Raises `IntegrityError` where the part is not what the client packed.
    """
    with opened_pack(path) as pack, scratch_directory("pictures") as directory:
        for frame_index, pts in zip(chunk.frame_indices, chunk.pts, strict=True):
            spec = pictures[frame_index]
            still = _decoded(pack, frame_index, spec, directory)
            yield DecodedFrame(
                frame_index=frame_index,
                pts=pts,
                rgb=still.rgb if still else np.zeros((spec.height_px, spec.width_px, 3), np.uint8),
                readable=still is not None,
                notes=still.notes if still else (),
            )


def _decoded(pack: ZipFile, frame_index: int, spec: PictureSpec, directory: Path) -> StillPicture | None:
    """The picture; None where its file is damaged, or is not as large as its head said."""
    name = stored_name(frame_index, spec.name)
    file = directory / name
    file.write_bytes(read_packed(pack, name, size_bytes=spec.size_bytes))
    try:
        still = read_picture(file)
    except MediaError:
        return None
    finally:
        file.unlink()
    return still if still.rgb.shape[1::-1] == spec.size_px else None
