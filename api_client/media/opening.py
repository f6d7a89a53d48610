"""Opening a video file for reading, the same way everywhere."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from api_client.errors import MediaError

VideoPacket: TypeAlias = "Packet[VideoStream]"
AnyPacket: TypeAlias = "Packet[Stream]"

_PLAYLISTS = frozenset({"concat", "dash", "hls", "imf", "sdp", "webm_dash_manifest"})


@contextmanager
def open_media(path: Path) -> Iterator[InputContainer]:
    """The file, closed afterwards.

    A relative name with a colon would be taken for a URL: nothing but local files is read. Metadata in an
    unknown encoding is no reason to refuse a video.
    Raises `MediaError` for a playlist, whatever its name: it would have other files of this machine read.
    """
    # FFmpeg takes a clock that jumps back by a minute for one that has overflowed: we look ourselves.
    options = {"protocol_whitelist": "file", "correct_ts_overflow": "0"}
    with (
        _speakable(path.absolute()) as name,
        av.open(name, container_options=options, metadata_errors="replace") as container,
    ):
        if _PLAYLISTS.intersection(container.format.name.split(",")):
            raise MediaError(f"{path} is a playlist ({container.format.name}); give the video it leads to")
        yield container


@contextmanager
def _speakable(path: Path) -> Iterator[str]:
    """A name PyAV can hand to FFmpeg; a link's, where a file is called by bytes that are no UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        with tempfile.TemporaryDirectory(prefix="horatio-name-") as directory:
            link = Path(directory, f"input{path.suffix}" if path.suffix.isascii() else "input")
            link.symlink_to(path)
            yield str(link)
    else:
        yield str(path)


@contextmanager
def complete_or_gone(path: Path, *, format_name: str, options: dict[str, str]) -> Iterator[OutputContainer]:
    """A file for writing, which is removed again if anything goes wrong."""
    try:
        with av.open(str(path.absolute()), "w", format=format_name, options=options) as container:
            yield container
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def open_video(path: Path, stream_index: int) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The file and one of its video streams."""
    with open_media(path) as container:
        stream = container.streams[stream_index]
        assert isinstance(stream, VideoStream)
        yield container, stream


def packets_of(container: InputContainer, stream: VideoStream) -> Iterator[VideoPacket]:
    """The stream's packets in decoding order, without the empty ones.

    Only a packet's size tells whether it is empty: some streams have packets without a dts.
    """
    return (packet for packet in container.demux(stream) if packet.size)
