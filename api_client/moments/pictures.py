"""The pictures of a clip, as packets ready for a file: copied from the parts, or encoded anew."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from api_client.media.opening import VideoPacket


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of the source that is shown without a break. In seconds."""

    start: Fraction
    """On the source's own clock, by which its sound goes too."""
    end: Fraction
    at: Fraction
    """Where it begins in the file."""


class Pictures(Protocol):
    """What `write_clip` puts into a file."""

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """One for a clip, several for a reel."""
        ...

    @property
    def time_base(self) -> Fraction:
        """Seconds per unit of `pts`."""
        ...

    @property
    def pts(self) -> NDArray[np.int64]:
        """Of every packet, in decoding order, from the beginning of the file."""
        ...

    def template(self) -> AbstractContextManager[VideoStream]:
        """A stream whose parameters hold for all packets."""
        ...

    def packets(self) -> Iterator[VideoPacket]:
        """As many as `pts`; their own times mean nothing."""
        ...
