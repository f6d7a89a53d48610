"""Frames that consist of two fields, made whole: FFmpeg's bwdif, one frame out for each frame in."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from av.error import BlockingIOError as NothingYetError
from av.error import EOFError as EndError
from av.filter import Graph
from av.video.frame import VideoFrame

_OPTIONS = "mode=send_frame:parity=auto:deint=interlaced"
"""Only frames that say they are interlaced are touched."""


def deinterlaced(frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
    """As many frames, whose pts mean nothing; a change of size or format begins anew."""
    filtering: _Bwdif | None = None
    for frame in frames:
        if filtering and not filtering.takes(frame):
            yield from filtering.rest()
            filtering = None
        filtering = filtering or _Bwdif(frame)
        yield from filtering.through(frame)
    if filtering:
        yield from filtering.rest()


class _Bwdif:
    def __init__(self, frame: VideoFrame) -> None:
        self._looks = _looks(frame)
        self._count = 0
        self._graph = Graph()
        self._graph.threads = 1
        source = self._graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
        )
        bwdif, sink = self._graph.add("bwdif", _OPTIONS), self._graph.add("buffersink")
        source.link_to(bwdif)
        bwdif.link_to(sink)
        self._graph.configure()

    def takes(self, frame: VideoFrame) -> bool:
        return _looks(frame) == self._looks

    def through(self, frame: VideoFrame) -> Iterator[VideoFrame]:
        self._count += 1
        frame.pts = self._count  # the filter insists on times that rise
        self._graph.push(frame)
        yield from self._pulled()

    def rest(self) -> Iterator[VideoFrame]:
        self._graph.push(None)
        yield from self._pulled()

    def _pulled(self) -> Iterator[VideoFrame]:
        with suppress(NothingYetError, EndError):
            while True:
                frame = self._graph.pull()
                assert isinstance(frame, VideoFrame)
                yield frame


def _looks(frame: VideoFrame) -> tuple[int, int, str]:
    return frame.width, frame.height, frame.format.name
