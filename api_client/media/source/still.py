"""Putting together the picture of a HEIC or AVIF file: tiles, crop, turn and mirror."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from api_client.contract.source import SourceSpec, VideoSpec
from api_client.errors import MediaError
from api_client.media.frames.colour import ColourConverter, Rgb
from api_client.media.frames.orientation import UPRIGHT, Orientation, upright
from api_client.media.opening import open_media
from api_client.media.source.damaged import NOTE as DAMAGE_NOTE
from api_client.media.source.heif import HeifPicture, clean_aperture
from api_client.media.source.packet_table import PacketTable
from api_client.media.source.source_video import SourceVideo

_RATE = Fraction(25)
_FULL_RANGE = 2


def still_source(path: Path, picture: HeifPicture, shown_name: str) -> SourceVideo:
    """The picture as a video of one frame. Raises `MediaError` where no part of it can be decoded."""
    with open_media(path) as container:
        tiles = dict(_decoded(container, set(picture.tiles)))
        codec, container_name = container.streams.video[0].codec.canonical_name, container.format.name
    if not tiles:
        raise MediaError(f"{path} cannot be decoded ({codec}): it is damaged; copy or download it again")
    rgb = _done(_put_together(picture, tiles), picture)
    missing = len([item for item in picture.tiles if item not in tiles])
    notes = (f"{missing} of {len(picture.tiles)} tiles cannot be decoded and are black",) if missing else ()
    source = SourceSpec(file_name=shown_name, size_bytes=path.stat().st_size, container=container_name)
    return _source_of(path, source, rgb, codec, notes)


def salvaged_source(
    path: Path, source: SourceSpec, codec: str, frame: VideoFrame, orientation: Orientation | None
) -> SourceVideo:
    """What was left of a damaged picture, as a video of one frame."""
    convert = ColourConverter(_spec_of(frame, None))
    rgb = np.ascontiguousarray(upright(convert.rgb(frame), orientation or UPRIGHT))
    return _source_of(path, source, rgb, codec, (DAMAGE_NOTE,))


def _source_of(path: Path, source: SourceSpec, rgb: Rgb, codec: str, notes: tuple[str, ...]) -> SourceVideo:
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
        picture=VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="bgr0"),
    )


def _decoded(container: InputContainer, wanted: set[int]) -> Iterator[tuple[int, VideoFrame]]:
    """(id of the item, its picture) of those that can be decoded."""
    streams = {stream.index: stream for stream in container.streams.video if stream.id in wanted}
    for packet in container.demux(list(streams.values())):
        if packet.size:
            context = streams[packet.stream_index].codec_context
            try:
                frames = [*context.decode(packet), *context.decode(None)]
            except av.error.FFmpegError:
                continue
            for frame in frames[:1]:
                yield streams[packet.stream_index].id, frame


def _put_together(picture: HeifPicture, tiles: dict[int, VideoFrame]) -> Rgb:
    first = next(iter(tiles.values()))
    convert = ColourConverter(_spec_of(first, picture))
    if picture.grid is None:
        return convert.rgb(first)
    grid = picture.grid
    whole = np.zeros((grid.rows * first.height, grid.columns * first.width, 3), dtype=np.uint8)
    for number, item in enumerate(picture.tiles):
        if item in tiles:
            top, left = number // grid.columns * first.height, number % grid.columns * first.width
            whole[top : top + first.height, left : left + first.width] = convert.rgb(tiles[item])
    return whole[: grid.height_px, : grid.width_px]


def _spec_of(frame: VideoFrame, picture: HeifPicture | None) -> VideoSpec:
    is_full = frame.format.name.startswith("yuvj")
    stated = (
        int(frame.color_primaries),
        int(frame.color_trc),
        int(frame.colorspace),
        _FULL_RANGE if is_full else int(frame.color_range),
    )
    primaries, transfer, matrix, color_range = (picture and picture.colours) or stated
    return VideoSpec(
        codec="still",
        width_px=frame.width,
        height_px=frame.height,
        time_base=(1, 1),
        average_rate=(1, 1),
        color_primaries=primaries,
        color_transfer=transfer,
        color_space=matrix,
        color_range=color_range,
        frame_count=1,
        first_pts=0,
    )


def _done(rgb: Rgb, picture: HeifPicture) -> Rgb:
    for kind, payload in picture.properties:
        if kind == b"clap":
            left, top, width, height = clean_aperture(payload, rgb.shape[1], rgb.shape[0])
            rgb = rgb[top : top + height, left : left + width]
        elif kind == b"irot":
            rgb = np.rot90(rgb, payload[0] & 3)
        elif kind == b"imir":
            rgb = rgb[:, ::-1] if payload[0] & 1 else rgb[::-1]
    return np.ascontiguousarray(rgb)


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
