"""A plain decode from the first packet to the last: frames as a decoder gives them, with their times."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias, cast

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.sidedata.sidedata import SideData, Type
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from api_client.errors import MediaError
from api_client.verify import orientation
from api_client.verify.exif import exif_orientation
from api_client.verify.heif import HeifPicture, heif_picture
from api_client.verify.opening import media_errors, open_media
from api_client.verify.source_stream import other_pictures, picture_stream
from api_client.verify.thumbnail import cropped, rgb_of
from api_client.verify.webp_frames import is_webp_film, webp_frames

_DECODING_TIMES_ALONE = ("avi", "asf")
"""Containers that say when a packet is due, not when its picture is: that is a guess of FFmpeg's."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Shown:
    """One frame."""

    time_seconds: Fraction | None
    """On the file's own clock; None where neither packet nor decoder know it."""
    frame: VideoFrame = field(repr=False)
    orientation: int
    """EXIF's number: what is to be done to the frame before it is shown."""

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height) as shown."""
        size = (self.frame.width, self.frame.height)
        return size[::-1] if orientation.is_transposed(self.orientation) else size


class Film:
    """A file's picture stream, decoded once from front to back. Made by `film`."""

    def __init__(self, path: Path, container: InputContainer, stream: VideoStream) -> None:
        self.path = path
        self.stream_index = stream.index
        self.other_streams = tuple(other.index for other in other_pictures(container, stream))
        self.refused_packets = 0
        """How many the decoder raised an error for, so far."""
        self.damaged_frames = 0
        """How many the decoder itself marked as damaged, so far."""
        self.broken_off: str | None = None
        """Why reading ended before the end of the file."""
        self.unit_seconds = stream.time_base or Fraction(1)
        """Of the file's clock."""
        self._container, self._stream = container, stream
        self._still_orientation = exif_orientation(path)
        in_order_of_decoding = container.format.name in _DECODING_TIMES_ALONE
        self._clock = _DecodingClock() if in_order_of_decoding else _BestEffort()

    def frames(self) -> Iterator[Shown]:
        """Every frame, in the order in which the decoder gives them."""
        self._stream.thread_type = "AUTO"
        for frame in self._decoded():
            ticks = self._clock.time_of(frame)
            self.damaged_frames += frame.is_corrupt
            yield Shown(
                time_seconds=None if ticks is None else ticks * self.unit_seconds,
                frame=frame,
                orientation=self._still_orientation or self._stated_orientation(frame),
            )

    @property
    def wait_seconds(self) -> Fraction:
        """For how long a decoder waits before it gives the first frame, where no time counts that in.

        Known once frames have come. A player may show pictures so much later than their times, or not.
        """
        return self._clock.wait * self.unit_seconds

    def _stated_orientation(self, frame: VideoFrame) -> int:
        if self._container.format.name in ("png_pipe", "apng", "image2"):
            return orientation.UPRIGHT  # PyAV 18.1 ends the process where a profile lies beside a frame
        return _stated_orientation(frame)

    def _decoded(self) -> Iterator[VideoFrame]:
        try:
            for packet in self._container.demux(self._stream):
                self._clock.see(packet)
                yield from self._frames_of(packet)
        except (av.error.FFmpegError, OSError) as error:
            self.broken_off = str(getattr(error, "strerror", None) or error)

    def _frames_of(self, packet: "Packet[VideoStream]") -> list[VideoFrame]:
        try:
            return self._stream.codec_context.decode(packet if packet.size else None)
        except av.error.FFmpegError:
            self.refused_packets += 1
            return []


class Still:
    """A HEIF picture, put together from its tiles where it has any."""

    def __init__(self, path: Path, container: InputContainer, picture: HeifPicture) -> None:
        self.path = path
        self.unit_seconds = Fraction(1)
        self.stream_index = 0
        self.other_streams: tuple[int, ...] = ()
        self.refused_packets = self.damaged_frames = 0
        self.wait_seconds = Fraction(0)
        self.broken_off: str | None = None
        self._container, self._picture = container, picture

    def frames(self) -> Iterator[Shown]:
        """The one picture."""
        wanted = self._picture.tile_ids or (self._picture.item_id,)
        tiles: dict[int, VideoFrame] = {}
        with media_errors(self.path):
            for packet in self._container.demux():
                if packet.stream.id in wanted:
                    for frame in packet.decode():
                        assert isinstance(frame, VideoFrame)
                        tiles.setdefault(packet.stream.id, frame)
        whole = self._joined([tiles[number] for number in wanted])
        yield Shown(time_seconds=Fraction(0), frame=whole, orientation=self._picture.orientation)

    def _joined(self, tiles: list[VideoFrame]) -> VideoFrame:
        width, height = self._picture.size_px
        if len(tiles) == 1:
            return cropped(tiles[0], self._picture.crop_px)
        columns = -(-width // tiles[0].width)
        rows = [
            np.concatenate([rgb_of(tile) for tile in tiles[at : at + columns]], axis=1)
            for at in range(0, len(tiles), columns)
        ]
        pixels = np.concatenate(rows)[:height, :width]
        return cropped(VideoFrame.from_ndarray(np.ascontiguousarray(pixels)), self._picture.crop_px)


class PlayedWebp:
    """An animated WebP."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unit_seconds = Fraction(1, 1000)
        self.stream_index = 0
        self.other_streams: tuple[int, ...] = ()
        self.refused_packets = self.damaged_frames = 0
        self.wait_seconds = Fraction(0)
        self.broken_off: str | None = None

    def frames(self) -> Iterator[Shown]:
        """Every frame."""
        turned = exif_orientation(self.path) or orientation.UPRIGHT
        try:
            for time_seconds, frame in webp_frames(self.path):
                yield Shown(time_seconds=time_seconds, frame=frame, orientation=turned)
        except OSError as error:
            self.broken_off = str(error)


AnyFilm: TypeAlias = Film | Still | PlayedWebp


@contextmanager
def film(path: Path, stream_index: int | None = None) -> Iterator[AnyFilm]:
    """Open a video or picture. Raises `MediaError` where it is none."""
    if path.is_dir() or not path.exists():
        what = "is a directory" if path.is_dir() else "does not exist"
        raise MediaError(f"{str(path)!r} {what}; name a video or picture")
    if is_webp_film(path):
        yield PlayedWebp(path)
        return
    with open_media(path) as container:
        picture = heif_picture(path)
        if picture is not None:
            yield Still(path, container, picture)
        else:
            yield Film(path, container, picture_stream(container, stream_index))


def _stated_orientation(frame: VideoFrame) -> int:
    try:
        kinds = cast("Iterable[SideData]", frame.side_data)
        matrix = next((data for data in kinds if data.type == Type.DISPLAYMATRIX), None)
    except ValueError:  # PyAV does not know some kinds of side data
        return {0: 1, 90: 8, -90: 6, 180: 3, -180: 3}.get(frame.rotation, 1)
    return orientation.UPRIGHT if matrix is None else orientation.of_matrix(bytes(matrix))


class _BestEffort:
    """A frame's own time, or its decoding time where own times are missing or run backwards more."""

    wait = 0

    def __init__(self) -> None:
        self._latest: dict[str, int | None] = {"pts": None, "dts": None}
        self._faults = {"pts": 0, "dts": 0}

    def see(self, packet: "Packet[VideoStream]") -> None:
        """Frames say all there is."""

    def time_of(self, frame: VideoFrame) -> int | None:
        """Ticks of the stream's clock; None where neither time is known."""
        for kind, value in (("pts", frame.pts), ("dts", frame.dts)):
            latest = self._latest[kind]
            if value is not None:
                self._faults[kind] += latest is not None and value <= latest
                self._latest[kind] = value
        if frame.pts is not None and (self._faults["pts"] <= self._faults["dts"] or frame.dts is None):
            return frame.pts
        return frame.dts


class _DecodingClock:
    """The first picture is due with the first packet, and time goes on as the decoder says.

    It gives a frame with the time of the packet that it was waiting for. That wait is no part of the film.
    """

    def __init__(self) -> None:
        self._first_packet: int | None = None
        self._first_frame: int | None = None

    def see(self, packet: "Packet[VideoStream]") -> None:
        """Take note of the first packet."""
        if self._first_packet is None:
            self._first_packet = packet.dts

    @property
    def wait(self) -> int:
        """Ticks from the first packet to the first frame."""
        if self._first_frame is None or self._first_packet is None:
            return 0
        return self._first_frame - self._first_packet

    def time_of(self, frame: VideoFrame) -> int | None:
        """Ticks of the stream's clock; None for the last frames, which wait for no packet."""
        if self._first_frame is None:
            self._first_frame = frame.dts
        return None if frame.dts is None else frame.dts - self.wait
