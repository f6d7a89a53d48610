"""A picture that had to be put together or mended, as a video of one frame."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from api_client.contract.source import SourceSpec, VideoSpec
from api_client.media.frames.colour import Rgb
from api_client.media.frames.orientation import UPRIGHT, Orientation, upright
from api_client.media.pictures.reading import read_picture, still_rgb
from api_client.media.source.damaged import NOTE as DAMAGE_NOTE
from api_client.media.source.packet_table import PacketTable
from api_client.media.source.source_video import SourceVideo

_RATE = Fraction(25)


def still_source(path: Path, shown_name: str) -> SourceVideo:
    """A HEIC or AVIF picture. Raises `MediaError` where no part of it can be decoded."""
    still = read_picture(path)
    source = SourceSpec(file_name=shown_name, size_bytes=path.stat().st_size, container=still.container)
    return _source_of(path, source, still.rgb, still.codec, still.notes)


def salvaged_source(
    path: Path, source: SourceSpec, codec: str, frame: VideoFrame, orientation: Orientation | None
) -> SourceVideo:
    """What was left of a damaged picture."""
    rgb = np.ascontiguousarray(upright(still_rgb(frame, path), orientation or UPRIGHT))
    return _source_of(path, source, rgb, codec, (DAMAGE_NOTE,))


def _source_of(path: Path, source: SourceSpec, rgb: Rgb, codec: str, notes: tuple[str, ...]) -> SourceVideo:
    picture = VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="bgr0")
    return SourceVideo(
        path=path,
        source=source,
        video=VideoSpec(
            codec=codec,
            width_px=rgb.shape[1],
            height_px=rgb.shape[0],
            time_base=(1, _RATE.numerator),
            average_rate=(_RATE.numerator, 1),
            frame_count=1,
            first_pts=0,
        ),
        table=_table_of_one(),
        stream_index=0,
        audio=(),
        chunk_format=None,
        notes=notes,
        sides={},
        made=lambda: iter((picture,)),
    )


def _table_of_one() -> PacketTable:
    def flags(*values: bool) -> NDArray[np.bool_]:
        return np.array(values, dtype=np.bool_)

    return PacketTable(
        pts=np.zeros(1, dtype=np.int64),
        dts=np.zeros(1, dtype=np.int64),
        size_bytes=np.ones(1, dtype=np.int32),
        is_key=flags(True),
        is_discard=flags(False),
        is_shown=flags(True),
        time_base=1 / _RATE,
    )
