"""What a file's head says: whether it is a still picture, and how large."""

import struct
from pathlib import Path

import av

from api_client.errors import MediaError
from api_client.media.av_errors import av_errors_of
from api_client.media.frames.orientation import orientation_of_picture, swaps_sides
from api_client.media.opening import open_media
from api_client.media.pictures.reading import read_picture
from api_client.media.source.film_head import HEAD_BYTES, begins_as_film
from api_client.media.source.heif import heif_picture
from api_client.media.source.webp_film import webp_film

MOST_PIXELS = 1 << 28
"""Of one picture, 268 million: 0.8 GB decoded. Larger ones are maps and scans, to be cut first."""
_PNG = b"\x89PNG\r\n\x1a\n"


def picture_size_px(path: Path) -> tuple[int, int] | None:
    """(width, height), upright, of a file that holds one still picture; None where it holds anything else.

    Animated GIF, PNG, WebP and AVIF files are videos. Of most formats nothing is decoded.
    Raises `MediaError` for a picture that cannot be used.
    """
    try:
        size = _still_size(path)
    except (av.error.FFmpegError, OSError, IndexError):
        return None  # whoever takes it for a video says what is wrong with it
    if size is not None and size[0] * size[1] > MOST_PIXELS:
        raise MediaError(
            f"{path} has {size[0]}x{size[1]} pixels, more than {MOST_PIXELS // 10**6} million: "
            "cut it into pieces"
        )
    return size


def _still_size(path: Path) -> tuple[int, int] | None:
    if not path.is_file():
        return None
    if heif_picture(path) is not None:  # its size is what tiles, crop and turn leave
        with av_errors_of(path):
            height, width = read_picture(path).rgb.shape[:2]
        return width, height
    if webp_film(path) is not None:
        return None
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if begins_as_film(head):  # FFmpeg need not open it for this
        return None
    size = _png_size(path, head) if head.startswith(_PNG) else _size_by_ffmpeg(path)
    if size is None or not swaps_sides(orientation_of_picture(path) or 1):
        return size
    return size[::-1]


def _size_by_ffmpeg(path: Path) -> tuple[int, int] | None:
    with open_media(path) as container:
        context = container.streams.video[0].codec_context
        size = context.width, context.height
        if min(size) < 1 or not is_still_format(container.format.name):
            return None
        if container.format.name == "gif" and sum(1 for p in container.demux(video=0) if p.size) > 1:
            return None
        return size


def is_still_format(format_name: str) -> bool:
    """Whether FFmpeg's format of that name holds single pictures, or may."""
    return format_name in ("image2", "gif") or format_name.endswith("_pipe")


def _png_size(path: Path, head: bytes) -> tuple[int, int] | None:
    """None of an animated one: `acTL` comes before its picture (PNG, third edition, section 5.6)."""
    if head[12:16] != b"IHDR":
        return None
    with path.open("rb") as file:
        file.seek(len(_PNG))
        while len(start := file.read(8)) == 8 and start[4:] != b"IDAT":
            if start[4:] == b"acTL":
                return None
            file.seek(int.from_bytes(start[:4], "big") + 4, 1)
    width, height = struct.unpack(">II", head[16:24])
    return (width, height) if width and height else None
