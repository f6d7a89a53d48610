"""Every packet of a video stream, as numpy arrays: 23 bytes a packet, 10 MB for two hours at 60 fps."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

MISSING = np.iinfo(np.int64).min
"""Stands for a timestamp the container does not give."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PacketTable:
    """The packets that are not empty, in decoding order. All arrays have the same length."""

    pts: NDArray[np.int64]
    """Presentation timestamps in `time_base`."""
    dts: NDArray[np.int64]
    """Decoding timestamps."""
    size_bytes: NDArray[np.int32]
    is_key: NDArray[np.bool_]
    """Decoding can start here."""
    is_discard: NDArray[np.bool_]
    """The container says the frame is not to be shown: it lies outside of an edit list."""
    is_shown: NDArray[np.bool_]
    """False where no frame is shown, for whatever reason: the packet is decoded for the sake of others."""
    time_base: Fraction
    """Seconds per unit of pts."""
    breaks: tuple[int, ...] = ()
    """Indices of packets from which on the decoder needs other parameters: no chunk reaches over one."""

    def __post_init__(self) -> None:
        columns = (self.dts, self.size_bytes, self.is_key, self.is_discard, self.is_shown)
        assert all(len(column) == len(self.pts) for column in columns)

    def __len__(self) -> int:
        return len(self.pts)

    @property
    def shown_pts(self) -> NDArray[np.int64]:
        """Of every frame a viewer gets to see, in presentation order."""
        return np.sort(self.pts[self.is_shown])


@dataclass(frozen=True, kw_only=True, eq=False)
class SideTable:
    """The packets of a sound track or of subtitles, in the order of the file. Arrays of the same length."""

    pts: NDArray[np.int64]
    """In `time_base`; the decoding timestamp where there is no other; may be `MISSING`."""
    pictures_before: NDArray[np.int64]
    """How many of the video's packets come before each in the file."""
    last_duration: int
    """Of the last packet that says how long it is, in `time_base`; 0 if none does."""
    time_base: Fraction

    def __len__(self) -> int:
        return len(self.pts)
