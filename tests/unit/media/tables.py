"""Packet tables written by hand."""

from fractions import Fraction

import numpy as np

from api_client.media.source.packet_table import PacketTable


def table(pts, *, keys, hidden=(), discard=(), dts=None) -> PacketTable:
    """`pts` in decoding order, at 10 units a second; the rest are indices of packets."""
    count = len(pts)

    def flags(indices):
        return np.isin(np.arange(count), list(indices))

    return PacketTable(
        pts=np.array(pts, dtype=np.int64),
        dts=np.array(dts if dts is not None else range(count), dtype=np.int64),
        size_bytes=np.ones(count, dtype=np.int32),
        is_key=flags(keys),
        is_discard=flags(discard),
        is_shown=~flags([*hidden, *discard]),
        time_base=Fraction(1, 10),
    )


OPEN_GROUPS = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 12, 10, 11]
"""I P b b I b b P b b I b b: keyframes at packets 0, 4, 10; the later two with two leading pictures each."""
