"""An animated WebP as Pillow plays it: FFmpeg, which decodes all else here, does not."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from av.video.frame import VideoFrame

from api_client.errors import MediaError

if TYPE_CHECKING:
    from PIL import Image

_HEAD_BYTES, _FLAGS_AT, _IS_ANIMATED = 21, 20, 0x02
"""RFC 9649, section 2.7."""
_USUAL_MS = 100
"""Of a frame that says it is shown for no time at all."""


def is_webp_film(path: Path) -> bool:
    """Whether the file is one."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and bool(head[_FLAGS_AT:][0] & _IS_ANIMATED)


def webp_frames(path: Path) -> Iterator[tuple[Fraction, VideoFrame]]:
    """(seconds at which it is shown, frame on white).

    Raises `MediaError` where Pillow is not installed, `OSError` where it can go no further.
    """
    try:
        from PIL import Image, ImageSequence
    except ImportError:
        raise MediaError(
            f"{str(path)!r} is an animated WebP, and Pillow, which is to read it here, is not installed: "
            "`pip install pillow`"
        ) from None
    shown_ms = 0
    with Image.open(path) as film:
        for frame in ImageSequence.Iterator(film):
            yield Fraction(shown_ms, 1000), _on_white(frame)
            shown_ms += int(frame.info.get("duration") or _USUAL_MS)


def _on_white(frame: "Image.Image") -> VideoFrame:
    from PIL import Image

    seen = frame.convert("RGBA")
    ground = Image.new("RGBA", seen.size, "white")
    ground.alpha_composite(seen)
    return VideoFrame.from_ndarray(np.asarray(ground.convert("RGB")))
