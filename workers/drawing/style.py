"""How frames are drawn: one protocol, and a table of those who fulfil it."""

from collections.abc import Sequence
from typing import Protocol

from api_client.log.boxes import LoggedBox
from api_client.media.frames.decode import DrawableFrame


class Style(Protocol):
    """Draws on the frames of one part, called for each in order."""

    def __call__(self, frame: DrawableFrame, boxes: Sequence[LoggedBox], /) -> None:
        """Draw on the frame's canvas. boxes: what is shown in it, first on top."""
        ...


def plain(_frame: DrawableFrame, _boxes: Sequence[LoggedBox]) -> None:
    """A `Style` that draws nothing."""
