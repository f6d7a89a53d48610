"""The index of regions: what was seen, whatever it is, so that other words can be asked of it later.

    layout         what a region looks like, as bytes
    header         what an index says of itself
    linking        regions from frame to frame to things
    building       regions to an index
    index_file     the index as a file
    look_moments   at which frames looks are kept of all things
    nearest_looks  which look tells what a region is

NumPy and pyarrow are all it needs: no detector, no torch.
"""

from api_client.log.regions.building import IndexBuilder
from api_client.log.regions.header import IndexHeader
from api_client.log.regions.index_file import FILE_NAME, RegionIndex, read_index, write_index
from api_client.log.regions.layout import (
    Layout,
    Segment,
    are_read_alike,
    decoded,
    encoded,
    share_rows,
    shares_of,
)
from api_client.log.regions.look_moments import LookMoments
from api_client.log.regions.nearest_looks import NO_LOOK, nearest_looks

__all__ = [
    "FILE_NAME",
    "NO_LOOK",
    "IndexBuilder",
    "IndexHeader",
    "Layout",
    "LookMoments",
    "RegionIndex",
    "Segment",
    "are_read_alike",
    "decoded",
    "encoded",
    "nearest_looks",
    "read_index",
    "share_rows",
    "shares_of",
    "write_index",
]
