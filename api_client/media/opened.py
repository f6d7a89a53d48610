"""Opening a video file for reading, the same way everywhere."""

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
def opened(path: Path) -> Iterator[InputContainer]:
    """The file, closed afterwards.

    A relative name with a colon would be taken for a URL: nothing but local files is read. Metadata in an
    unknown encoding is no reason to refuse a video.
    Raises `MediaError` for a playlist, whatever its name: it would have other files of this machine read.
    """
    options = {"protocol_whitelist": "file"}
    with av.open(str(path.absolute()), container_options=options, metadata_errors="replace") as container:
        if _PLAYLISTS.intersection(container.format.name.split(",")):
            raise MediaError(f"{path} is a playlist ({container.format.name}); give the video it leads to")
        yield container


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
def opened_video(path: Path, stream_index: int) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The file and one of its video streams."""
    with opened(path) as container:
        stream = container.streams[stream_index]
        assert isinstance(stream, VideoStream)
        yield container, stream


def best_video(container: InputContainer, path: Path) -> VideoStream:
    """The stream a player would show, which is a cover picture only where there is nothing else."""
    best = container.streams.best("video")
    if not isinstance(best, VideoStream):
        raise MediaError(f"{path} contains no video; give a file that does")
    return best


def packets_of(container: InputContainer, stream: VideoStream) -> Iterator[VideoPacket]:
    """The stream's packets in decoding order, without the empty ones.

    Only a packet's size tells whether it is empty: some streams have packets without a dts.
    """
    return (packet for packet in container.demux(stream) if packet.size)
