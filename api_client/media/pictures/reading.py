"""Reading a still picture: its pixels upright, in ordinary colours, as much of them as can be decoded."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame

from api_client.contract.source import VideoSpec
from api_client.errors import MediaError
from api_client.media.av_errors import av_errors_of
from api_client.media.frames.colour import ColourConverter, Rgb
from api_client.media.frames.orientation import orientation_of_frame, orientation_of_picture, upright
from api_client.media.opening import open_media
from api_client.media.pictures.ordinary import in_srgb
from api_client.media.source.damaged import NOTE, is_damaged_jpeg, salvaged
from api_client.media.source.heif import HeifPicture, clean_aperture, heif_picture

_FULL_RANGE = 2
_TAIL_BYTES = 64
_END_OF_JPEG = b"\xff\xd9"


@dataclass(frozen=True, kw_only=True, eq=False)
class StillPicture:
    """A picture that has been decoded."""

    rgb: Rgb = field(repr=False)
    """(H, W, 3) uint8, contiguous, upright."""
    codec: str
    """FFmpeg's name."""
    container: str
    notes: tuple[str, ...] = ()
    """What is wrong with it, for people."""


def read_picture(path: Path) -> StillPicture:
    """Decode a file that holds one picture. Raises `MediaError` where no part of it can be decoded."""
    with av_errors_of(path):
        tiled = heif_picture(path)
        return _put_together(path, tiled) if tiled else _decoded(path)


def still_rgb(frame: VideoFrame, path: Path) -> Rgb:
    """A file's picture as pixels (H, W, 3) in sRGB, as it is stored: not turned."""
    video = spec_of(frame)
    return in_srgb(ColourConverter(video).rgb(frame), path, video)


def _decoded(path: Path) -> StillPicture:
    with open_media(path) as container:
        codec, name = _codec(container, path), container.format.name
        frame = _first_frame(container)
    notes = (NOTE,) if frame is None or _is_cut_jpeg(path, codec) else ()
    frame = frame or salvaged(path)
    if frame is None:
        raise MediaError(f"{path} cannot be decoded ({codec}): it is damaged; copy or download it again")
    orientation = orientation_of_picture(path) or orientation_of_frame(frame, name)
    rgb = np.ascontiguousarray(upright(still_rgb(frame, path), orientation))
    return StillPicture(rgb=rgb, codec=codec, container=name, notes=notes)


def _is_cut_jpeg(path: Path, codec: str) -> bool:
    """Whether FFmpeg filled something up. Only a file that does not end as one should is decoded again."""
    if codec != "mjpeg":
        return False
    with path.open("rb") as file:
        file.seek(-min(_TAIL_BYTES, path.stat().st_size), os.SEEK_END)
        ends_well = file.read().rstrip(b"\0").endswith(_END_OF_JPEG)
    return not ends_well and is_damaged_jpeg(path)


def _codec(container: InputContainer, path: Path) -> str:
    if not container.streams.video:
        raise MediaError(
            f"{path} holds no picture that can be found: it is damaged; copy or download it again"
        )
    return container.streams.video[0].codec.canonical_name


def _first_frame(container: InputContainer) -> VideoFrame | None:
    try:
        return next(container.decode(video=0), None)
    except av.error.FFmpegError:
        return None


def _put_together(path: Path, picture: HeifPicture) -> StillPicture:
    """Of a HEIC or AVIF file: tiles, crop, turn and mirror."""
    with open_media(path) as container:
        codec, name = _codec(container, path), container.format.name
        tiles = dict(_tiles(container, set(picture.tiles)))
    if not tiles:
        raise MediaError(f"{path} cannot be decoded ({codec}): it is damaged; copy or download it again")
    missing = len([item for item in picture.tiles if item not in tiles])
    notes = (f"{missing} of {len(picture.tiles)} tiles cannot be decoded and are black",) if missing else ()
    video = spec_of(next(iter(tiles.values())), picture)
    rgb = in_srgb(_joined(picture, tiles, video), path, video, picture.profile)
    return StillPicture(rgb=_done(rgb, picture), codec=codec, container=name, notes=notes)


def _tiles(container: InputContainer, wanted: set[int]) -> Iterator[tuple[int, VideoFrame]]:
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


def _joined(picture: HeifPicture, tiles: dict[int, VideoFrame], video: VideoSpec) -> Rgb:
    first = next(iter(tiles.values()))
    convert = ColourConverter(video)
    if picture.grid is None:
        return convert.rgb(first)
    grid = picture.grid
    whole = np.zeros((grid.rows * first.height, grid.columns * first.width, 3), dtype=np.uint8)
    for number, item in enumerate(picture.tiles):
        if item in tiles:
            top, left = number // grid.columns * first.height, number % grid.columns * first.width
            whole[top : top + first.height, left : left + first.width] = convert.rgb(tiles[item])
    return whole[: grid.height_px, : grid.width_px]


def spec_of(frame: VideoFrame, picture: HeifPicture | None = None) -> VideoSpec:
    """How a decoded picture is to be understood."""
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
