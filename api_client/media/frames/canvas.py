"""Pictures to draw on, in the planes they are stored in: what nobody draws on stays as the camera wrote it.

A decoded frame of video is three planes, luma and two of chroma at half the size; any other picture is one
plane of RGB. Who draws does so in every plane, in that plane's numbers for a colour.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from api_client.media.frames.colour import ColourConverter, Rgb

Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255, sRGB."""
Ink = int | Colour
"""What a colour is in a plane: a number, or one a channel."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Plane:
    """Samples of a picture, to be overwritten."""

    samples: NDArray[np.uint8]
    """(H / step, W / step), or (H, W, 3) RGB."""
    step: int
    """A sample stands for so many pixels in both directions."""
    ink: Callable[[Colour], Ink]
    """What a colour is in this plane."""


class Canvas(Protocol):
    """One picture, to be drawn on."""

    size_px: tuple[int, int]
    """(width, height)."""
    planes: tuple[Plane, ...]

    def yuv420p(self, convert: ColourConverter, size_px: tuple[int, int] | None) -> VideoFrame:
        """Return it for an encoder: in even sides, or scaled to (width, height)."""
        ...


class RgbCanvas:
    """A `Canvas` of display pixels."""

    def __init__(self, rgb: Rgb) -> None:
        """rgb: (H, W, 3). Is drawn on."""
        self.rgb = np.require(rgb, requirements="W")
        self.size_px = (rgb.shape[1], rgb.shape[0])
        self.planes: tuple[Plane, ...] = (Plane(samples=self.rgb, step=1, ink=_as_it_is),)

    def yuv420p(self, convert: ColourConverter, size_px: tuple[int, int] | None) -> VideoFrame:
        """Convert all of it."""
        return convert.yuv420p(self.rgb, size_px)


class YuvCanvas:
    """A `Canvas` of yuv420p as it was decoded, of even sides."""

    def __init__(self, decoded: VideoFrame, yuv: Callable[[Colour], Colour]) -> None:
        """decoded: stays as it is, the decoder needs it for what comes. yuv: a colour as the video has it."""
        self.size_px = (decoded.width, decoded.height)
        self._frame = VideoFrame(decoded.width, decoded.height, "yuv420p")
        planes = [_samples(self._frame, plane) for plane in range(3)]
        for number, samples in enumerate(planes):
            np.copyto(samples, _samples(decoded, number))
        self.planes = tuple(
            Plane(samples=samples, step=2 if number else 1, ink=partial(_sample, yuv, number))
            for number, samples in enumerate(planes)
        )

    def yuv420p(self, convert: ColourConverter, size_px: tuple[int, int] | None) -> VideoFrame:
        """Nothing is left to be converted."""
        return convert.scaled(self._frame, size_px) if size_px else self._frame


def canvas_of(decoded: VideoFrame, convert: ColourConverter) -> Canvas:
    """Return what can be drawn on a decoded frame, which is not changed."""
    if convert.keeps(decoded):
        return YuvCanvas(decoded, convert.yuv)
    return RgbCanvas(convert.rgb(decoded))


def black_canvas(width_px: int, height_px: int) -> Canvas:
    """Return where there is no picture."""
    return RgbCanvas(np.zeros((height_px, width_px, 3), np.uint8))


def _samples(frame: VideoFrame, number: int) -> NDArray[np.uint8]:
    """Return a plane, (H, W): no copy."""
    plane = frame.planes[number]
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, abs(plane.line_size))  # type: ignore[call-overload]
    samples: NDArray[np.uint8] = rows[:, : plane.width]
    return samples if plane.line_size > 0 else samples[::-1]


def _as_it_is(colour: Colour) -> Colour:
    return colour


def _sample(yuv: Callable[[Colour], Colour], number: int, colour: Colour) -> int:
    return yuv(colour)[number]
