"""Animated WebP (RFC 9649): FFmpeg decodes each of its pictures, and knows nothing of the film they make."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from api_client.media.frames.colour import ColourConverter, Rgb
from api_client.media.pictures.ordinary import in_srgb
from api_client.media.pictures.reading import spec_of

_IS_ANIMATED, _HAS_ALPHA = 0x02, 0x10
"""Of an extended file's flags (section 2.7)."""
_IS_CLEARED, _IS_NOT_BLENDED = 0x01, 0x02
"""Of a frame's (section 2.7.1.1)."""
_HEAD_BYTES, _PLACE_BYTES = 30, 16
_USUAL_MS = 100
"""Of a frame that says it is shown for no time at all, as browsers have it."""
_WHITE = 255
"""What shows through, as it does where a GIF is transparent."""


@dataclass(frozen=True, kw_only=True)
class WebpFrame:
    """A picture of the film, and where it is laid."""

    left_px: int
    top_px: int
    width_px: int
    height_px: int
    duration_ms: int
    is_blended: bool
    """Whether what lies below shows through where it is transparent."""
    is_cleared: bool
    """Whether its place is empty again once it has been shown."""
    start_bytes: int
    """Of its chunks in the file."""
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class WebpFilm:
    """What an animated WebP consists of."""

    width_px: int
    height_px: int
    frames: tuple[WebpFrame, ...]
    is_cut: bool
    """Whether the file ends in the middle of a frame."""


def webp_film(path: Path) -> WebpFilm | None:
    """What an animated WebP consists of; None where the file is anything else."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        is_extended = len(head) == _HEAD_BYTES and head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X"
        if not is_extended or not head[20] & _IS_ANIMATED:
            return None
        size_bytes = file.seek(0, 2)
        found = list(_frames(file, size_bytes))
    whole = tuple(frame for frame in found if frame.start_bytes + frame.size_bytes <= size_bytes)
    return WebpFilm(
        width_px=_integer(head[24:27]) + 1,
        height_px=_integer(head[27:30]) + 1,
        frames=whole,
        is_cut=len(whole) < len(found),
    )


def put_together(path: Path, film: WebpFilm) -> Iterator[Rgb | None]:
    """Of every frame what is seen while it is shown; None where it cannot be decoded."""
    canvas, looks = np.full((film.height_px, film.width_px, 3), _WHITE, np.uint8), None
    with path.open("rb") as file:
        for frame in film.frames:
            place = canvas[frame.top_px :, frame.left_px :][: frame.height_px, : frame.width_px]
            picture = _decoded(file, frame)
            if picture is None or place.shape[:2] != (picture.height, picture.width):
                yield None
                continue
            place[:] = _laid_on(place if frame.is_blended else np.full_like(place, _WHITE), picture)
            looks = looks or spec_of(picture)
            yield in_srgb(canvas.copy(), path, looks)
            if frame.is_cleared:
                place[:] = _WHITE


def _frames(file: BinaryIO, size_bytes: int) -> Iterator[WebpFrame]:
    at = 12
    while at + 8 <= size_bytes:
        file.seek(at)
        head = file.read(8 + _PLACE_BYTES)
        chunk_bytes = _integer(head[4:8])
        if head[:4] == b"ANMF" and len(head) == 8 + _PLACE_BYTES <= 8 + chunk_bytes:
            left, top, width, height, duration = (_integer(head[i : i + 3]) for i in range(8, 23, 3))
            yield WebpFrame(
                left_px=2 * left,
                top_px=2 * top,
                width_px=width + 1,
                height_px=height + 1,
                duration_ms=duration or _USUAL_MS,
                is_blended=not head[23] & _IS_NOT_BLENDED,
                is_cleared=bool(head[23] & _IS_CLEARED),
                start_bytes=at + len(head),
                size_bytes=chunk_bytes - _PLACE_BYTES,
            )
        at += 8 + chunk_bytes + chunk_bytes % 2


def _decoded(file: BinaryIO, frame: WebpFrame) -> VideoFrame | None:
    file.seek(frame.start_bytes)
    decoder = VideoCodecContext.create("webp", "r")
    try:
        decoded = decoder.decode(Packet(_as_file(file.read(frame.size_bytes), frame)))
    except (av.error.FFmpegError, ValueError):
        return None
    return next(iter(decoded), None)


def _as_file(chunks: bytes, frame: WebpFrame) -> bytes:
    """The frame's picture as a WebP file of its own."""
    if chunks[:4] == b"ALPH":
        sides = (frame.width_px - 1).to_bytes(3, "little") + (frame.height_px - 1).to_bytes(3, "little")
        chunks = b"VP8X" + (10).to_bytes(4, "little") + bytes([_HAS_ALPHA, 0, 0, 0]) + sides + chunks
    return b"RIFF" + (4 + len(chunks)).to_bytes(4, "little") + b"WEBP" + chunks


def _laid_on(ground: Rgb, picture: VideoFrame) -> Rgb:
    rgb, opacity = ColourConverter(spec_of(picture)).rgb(picture), _opacity(picture)
    if opacity is None:
        return rgb
    below = ground.astype(np.float32)
    return np.rint(below + (rgb - below) * opacity[..., None]).astype(np.uint8)


def _opacity(picture: VideoFrame) -> NDArray[np.float32] | None:
    """(H, W), 0 to 1; None where nothing shows through."""
    if picture.format.name not in ("argb", "yuva420p"):
        return None
    if picture.format.name == "argb":
        alpha = picture.to_ndarray()[..., 0]
    else:
        plane = picture.planes[3]
        alpha = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    seen = alpha[: picture.height, : picture.width].astype(np.float32)
    return None if (seen == 255).all() else seen / np.float32(255)


def _integer(data: bytes) -> int:
    return int.from_bytes(data, "little")
