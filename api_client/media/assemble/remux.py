"""The annotated video: segments and audio put together without encoding anything again."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from fractions import Fraction
from heapq import merge
from math import floor, gcd
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.stream import Stream

from api_client.contract.source import VideoSpec
from api_client.media.assemble.mp4_timing import exact_timing
from api_client.media.assemble.segments import Segments
from api_client.media.assemble.side_streams import FORMATS, copied_stream, movie_timescale
from api_client.media.av_errors import av_errors_of
from api_client.media.frames.encode import timescale_of
from api_client.media.opening import AnyPacket, open_media

_EXACT_SUFFIXES = (".mp4", ".mov")

_Timed = tuple[float, int, AnyPacket]
"""(decoding time in seconds, tie-breaker, packet)."""


def assemble(
    segments: Iterable[Path], video: VideoSpec, side_streams: Path | None, output: Path
) -> list[str]:
    """Write the annotated video to `output`; return notes for people.

    Every frame keeps its exact timestamp and every audio packet its bytes and timestamp. Where the source's
    own clock does not start at zero (broadcast recordings), all streams are moved together so that it does.
    Segments are read one after the other, each once: `segments` may fetch them as they are asked for.
    Atomic: `output` appears when it is complete. Its suffix chooses the container (see `output_suffix`).

    Raises `IntegrityError` where the segments do not make up the video.
    """
    part = output.with_name(f".{output.name}.part")
    try:
        with ExitStack() as stack:
            stack.enter_context(av_errors_of(output))
            pictures = Segments(segments, video)
            other = stack.enter_context(open_media(side_streams)) if side_streams else None
            with _output(part, output.suffix, video, other) as file:
                _write(file, pictures, video, other)
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
    return [*pictures.notes, *_notes(output.suffix, video)]


def _output(part: Path, suffix: str, video: VideoSpec, other: InputContainer | None) -> OutputContainer:
    options = {}
    if suffix in _EXACT_SUFFIXES:
        timescale = timescale_of(video)
        streams: list[Stream] = list(other.streams) if other else []
        together = movie_timescale(streams, at_least=timescale)
        options = {"movflags": "+faststart", **exact_timing(timescale, movie_timescale=together)}
    return av.open(str(part.absolute()), "w", format=FORMATS[suffix], options=options)


def _write(file: OutputContainer, pictures: Segments, video: VideoSpec, other: InputContainer | None) -> None:
    origin = _origin_seconds(video, other)
    sources = [_picture_packets(pictures, pictures.stream_in(file), video, origin)]
    if other:
        copies = {stream.index: copied_stream(file, stream) for stream in other.streams}
        sources.append(_other_packets(other, copies, origin))
    for _, _, packet in merge(*sources):
        file.mux(packet)


def _origin_seconds(video: VideoSpec, other: InputContainer | None) -> Fraction:
    """What to subtract from the source's clock, so that every stream can state its times exactly.

    Zero, unless all streams begin later, or one earlier. (Where an mp4 hides an encoder's delay before zero,
    the stream still begins at zero: `start_time` is that of the first sample one hears.)
    """
    start = video.first_pts * video.seconds_per_pts
    common = timescale_of(video)
    for stream in other.streams if other else ():
        if stream.start_time is not None and stream.time_base:
            start = min(start, stream.start_time * stream.time_base)
        if isinstance(stream, AudioStream):
            common = gcd(common, stream.codec_context.sample_rate)
    return Fraction(floor(start * common), common)


def _picture_packets(
    pictures: Segments, stream: Stream, video: VideoSpec, origin: Fraction
) -> Iterator[_Timed]:
    timescale = timescale_of(video)
    first_tick = round((video.first_pts * video.seconds_per_pts - origin) * timescale)
    for packet in pictures.packets():
        assert packet.pts is not None
        packet.pts = packet.dts = packet.pts + first_tick
        packet.stream = stream
        packet.time_base = Fraction(1, timescale)
        yield packet.pts / timescale, 0, packet


def _other_packets(other: InputContainer, copies: dict[int, Stream], origin: Fraction) -> Iterator[_Timed]:
    for packet in other.demux():
        if not packet.size:
            continue
        assert packet.dts is not None, "copy_side_streams gives every packet timestamps"
        assert packet.pts is not None
        shift = round(origin / packet.time_base)
        packet.pts -= shift
        packet.dts -= shift
        seconds = float(packet.dts * packet.time_base)
        number = packet.stream.index
        packet.stream = copies[number]
        yield seconds, 1 + number, packet


def _notes(suffix: str, video: VideoSpec) -> list[str]:
    if suffix not in _EXACT_SUFFIXES and 1000 % timescale_of(video):
        return [f"the sound fits only in a {suffix}, which rounds timestamps to milliseconds"]
    is_exact = video.timescale is not None and video.time_base[1] % video.timescale == 0
    if timescale_of(video) != video.time_base[1] and not is_exact:
        return [f"timestamps are rounded to 1/{timescale_of(video)} s: an mp4 cannot hold finer ones"]
    return []
