"""The workers' segments, read one after the other as one stream of packets."""

import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from av.container import InputContainer, OutputContainer
from av.stream import Stream

from api_client.contract.source import VideoSpec
from api_client.errors import IntegrityError
from api_client.media.assemble.side_streams import copied_stream
from api_client.media.av_errors import av_errors_of_our_own
from api_client.media.frames.colour import ColourConverter, shown_colours
from api_client.media.frames.encode import SegmentWriter, encoded_size_px, timescale_of
from api_client.media.opening import AnyPacket, open_media


class Segments:
    """All segments of a video. Each is opened once, in order, and closed before the next is asked for."""

    def __init__(self, paths: Iterable[Path], video: VideoSpec) -> None:
        self._paths = iter(paths)
        self._video = video
        self._extradata: bytes | None = None
        self.notes: list[str] = []

    def stream_in(self, file: OutputContainer) -> Stream:
        """Add a stream for these segments. Call once, before `packets`."""
        first = next(self._paths, None)
        if first is None:
            raise IntegrityError("there are no annotated segments to put together; submit the video again")
        self._paths = chain([first], self._paths)
        with av_errors_of_our_own(first), open_media(first) as container:
            template = container.streams.video[0]
            self._extradata = template.codec_context.extradata
            return copied_stream(file, template)

    def packets(self) -> Iterator[AnyPacket]:
        """Every frame's packet; pts, dts and duration in units of `timescale_of(video)`, from frame 0.

        Raises `IntegrityError` unless there is one for every frame of the video, at increasing times.
        """
        frame_count = 0
        held: AnyPacket | None = None
        for packet in self._timed():
            frame_count += 1
            if held is not None:
                assert held.pts is not None
                assert packet.pts is not None
                held.duration = packet.pts - held.pts
                if held.duration <= 0:
                    raise IntegrityError(
                        f"annotated frame {frame_count - 1} does not come after its predecessor"
                    )
                yield held
            held = packet
        if frame_count != self._video.frame_count or held is None:
            raise IntegrityError(
                f"the annotated segments hold {frame_count} frames, the video {self._video.frame_count}; "
                "submit the video again"
            )
        rate, per = self._video.average_rate
        held.duration = max(round(timescale_of(self._video) * per / rate), 1)
        yield held

    def _timed(self) -> Iterator[AnyPacket]:
        for path in self._paths:
            with av_errors_of_our_own(path), open_media(path) as container:
                if container.streams.video[0].codec_context.extradata == self._extradata:
                    yield from _in_ticks(container, self._video)
                    continue
            yield from self._encoded_again(path)

    def _encoded_again(self, path: Path) -> Iterator[AnyPacket]:
        """A segment some other encoder wrote, by ours."""
        self.notes.append(f"a segment came from another encoder build and was encoded again ({path.name})")
        with tempfile.TemporaryDirectory() as directory:
            again = Path(directory, "segment.mp4")
            _encode_again(path, again, self._video)
            with av_errors_of_our_own(again), open_media(again) as container:
                if container.streams.video[0].codec_context.extradata != self._extradata:
                    raise IntegrityError(
                        "the workers' segments come from encoders that do not go together; "
                        "install the same version of PyAV on all workers and submit the video again"
                    )
                yield from _in_ticks(container, self._video)


def _in_ticks(container: InputContainer, video: VideoSpec) -> Iterator[AnyPacket]:
    stream = container.streams.video[0]
    assert stream.time_base is not None
    scale = stream.time_base * timescale_of(video)
    packet: AnyPacket
    for packet in container.demux([stream]):
        if not packet.size:
            continue
        assert packet.pts is not None, "our own mp4 states every pts"
        packet.pts = packet.dts = round(packet.pts * scale)
        yield packet


def _encode_again(path: Path, again: Path, video: VideoSpec) -> None:
    # Segments are upright already, padded or scaled, and have the colours that are shown.
    width_px, height_px = encoded_size_px(video)
    size = {"width_px": width_px, "height_px": height_px, "orientation": 1}
    shown = shown_colours(video).model_copy(update=size)
    convert = ColourConverter(shown)
    with open_media(path) as container, SegmentWriter(again, shown) as writer:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        for frame in container.decode(stream):
            assert frame.pts is not None
            writer.write_at(convert.rgb(frame), round(frame.pts * stream.time_base * timescale_of(video)))
