"""A segment for a part that nobody could render: as long, and black."""

from pathlib import Path

import numpy as np

from api_client.contract import ChunkSpec, VideoSpec
from api_client.media.frames.encode import SegmentWriter


def write_black_segment(path: Path, video: VideoSpec, chunk: ChunkSpec) -> None:
    """Write every frame of the part black. What could not be drawn over must not be seen by chance."""
    black = np.zeros((video.height_px, video.width_px, 3), np.uint8)
    with SegmentWriter(path, video) as writer:
        for pts in chunk.pts:
            writer.write(black, pts)
