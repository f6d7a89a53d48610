"""How frames are drawn: one protocol, and a table of those who fulfil it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from api_client.log.boxes import LoggedBox
from api_client.media.frames.decode import DecodedFrame


class Style(Protocol):
    """Draws the frames of one part, called for each in order."""

    def __call__(self, frame: DecodedFrame, boxes: Sequence[LoggedBox], /) -> NDArray[np.uint8]:
        """Return (H, W, 3) RGB, never changing the frame's own. boxes: what is shown in it, first on top."""
        ...


def plain(frame: DecodedFrame, _boxes: Sequence[LoggedBox]) -> NDArray[np.uint8]:
    """A `Style` that draws nothing."""
    return frame.rgb
