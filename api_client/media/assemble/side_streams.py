"""Audio and subtitles: copied packet for packet into a file of their own."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, lcm
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.stream import Stream
from numpy.typing import NDArray

from api_client.contract.digest import file_sha256
from api_client.contract.source import SideStreams
from api_client.media.av_errors import av_errors_of
from api_client.media.opening import AnyPacket, complete_or_gone, open_media
from api_client.media.source.clock import side_times
from api_client.media.source.packet_table import SideTable
from api_client.media.source.source_video import SourceVideo

_MP4_CODECS = frozenset(
    {"aac", "ac3", "alac", "dts", "eac3", "flac", "mp2", "mp3", "opus", "mov_text", "dvd_subtitle"}
)
"""What players expect in an mp4. FFmpeg would also put PCM and Vorbis there."""

FORMATS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska", ".wmv": "asf"}
"""In the order in which they are tried, for these streams and then for the annotated video alike.

An mp4 or mov times sound to the sample, the side_streams to the millisecond.
"""

_LONGEST_DURATION = 2**31 - 2
"""Of a packet in an mp4, in units of its stream's time base, as FFmpeg's muxer has it."""


def output_suffix(side_streams: SideStreams | None) -> str:
    """Of the annotated video that is to carry these streams: ".mp4" wherever possible."""
    return side_streams.file_suffix if side_streams else ".mp4"


@dataclass(frozen=True, kw_only=True)
class CopiedSideStreams:
    """Audio and subtitles in a file of their own."""

    file: tuple[SideStreams, Path] | None
    """None where there is neither."""
    left_out: tuple[str, ...]
    """One line for each stream that the annotated video will not have."""


def copy_side_streams(source: SourceVideo, directory: Path) -> CopiedSideStreams:
    """Copy all audio, and the subtitles that fit with it.

    Packets and timestamps are kept exactly (to the nearest sample, where the source times audio otherwise),
    except where the source's clock starts again: then they are moved together with the pictures.
    """
    with av_errors_of(source.path), open_media(source.path) as container:
        streams = _carried(container, source)
        return CopiedSideStreams(
            left_out=tuple(_left_out(container, streams, source)),
            file=_file_of(container, streams, source, directory) if streams else None,
        )


def _file_of(
    container: InputContainer, streams: list[Stream], source: SourceVideo, directory: Path
) -> tuple[SideStreams, Path]:
    path = directory / f"side_streams{_suffix_for(streams, source)}"
    _copy(container, streams, source, path)
    codecs = tuple(_codec(stream) for stream in streams if stream.type == "audio")
    return _described(path, codecs), path


def _left_out(container: InputContainer, carried: list[Stream], source: SourceVideo) -> Iterator[str]:
    numbers = {stream.index for stream in carried}
    for stream in container.streams:
        if stream.index not in numbers and stream.type != "video":
            yield f"{stream.type} stream {stream.index} ({_codec(stream)}) {_why_left_out(stream, source)}"


def _why_left_out(stream: Stream, source: SourceVideo) -> str:
    side = source.sides.get(stream.index)
    if side is not None and not len(side):
        return "is declared and never comes: it is left out of the annotated video"
    if side is not None and not _is_taken(side, source).any():
        return "has nothing at that time: it is left out of the annotated video"
    return "is left out of the annotated video"


def _copy(container: InputContainer, streams: list[Stream], source: SourceVideo, path: Path) -> None:
    options = _options(path.suffix, streams)
    format_name = FORMATS[path.suffix]
    with av_errors_of(path), complete_or_gone(path, format_name=format_name, options=options) as file:
        copies = {stream.index: copied_stream(file, stream) for stream in streams}
        for packet in _in_order(container, streams, source):
            packet.stream = copies[packet.stream.index]
            file.mux(packet)


def copied_stream(file: OutputContainer, template: Stream) -> Stream:
    """A stream of `file` for the packets of another."""
    stream = file.add_stream_from_template(template, opaque=True)
    assert template.time_base is not None
    stream.time_base = template.time_base
    for key in ("language", "title"):
        if value := template.metadata.get(key):
            stream.metadata[key] = value
    return stream


def movie_timescale(streams: list[Stream], *, at_least: int = 1) -> int:
    """Units in which an edit list can state the start of each stream exactly."""
    scales = [s.codec_context.sample_rate for s in streams if isinstance(s, AudioStream)]
    together = lcm(at_least, *scales)
    return together if together < 2**31 else max(at_least, *scales)


def _codec(stream: Stream) -> str:
    return stream.codec.canonical_name if stream.codec_context else "no codec"


def _carried(container: InputContainer, source: SourceVideo) -> list[Stream]:
    audio: list[Stream] = [s for s in container.streams.audio if _can_be_copied(s, source)]
    suffix = _suffix_for(audio, source)
    audio = [stream for stream in audio if _fits(suffix, stream, source)]
    subtitles = [
        stream
        for stream in container.streams.subtitles
        if _can_be_copied(stream, source) and _fits(suffix, stream, source)
    ]
    return [*audio, *subtitles]


def _can_be_copied(stream: Stream, source: SourceVideo) -> bool:
    """Whether the stream comes, and says what every container wants to know."""
    side = source.sides.get(stream.index)
    if stream.codec_context is None or side is None or not _is_taken(side, source).any():
        return False
    if not isinstance(stream, AudioStream):
        return True
    return bool(stream.codec_context.sample_rate and stream.codec_context.channels)


def _suffix_for(streams: list[Stream], source: SourceVideo) -> str:
    """The first container that takes all of them; the one that takes most of them, if none does."""
    return max(FORMATS, key=lambda suffix: sum(_fits(suffix, stream, source) for stream in streams))


def _fits(suffix: str, stream: Stream, source: SourceVideo) -> bool:
    if suffix in (".mp4", ".mov") and not _fit_the_pauses(stream, source):
        return False
    if suffix == ".mp4":
        return _codec(stream) in _MP4_CODECS
    with av.open(os.devnull, "w", format=FORMATS[suffix]) as file:
        return stream.codec.name in file.supported_codecs


def _fit_the_pauses(stream: Stream, source: SourceVideo) -> bool:
    """An mp4 says how long each packet lasts in 31 bits, in samples: half a day of 48 kHz."""
    side = source.sides[stream.index]
    units_per_second = side.time_base.denominator
    if isinstance(stream, AudioStream):
        units_per_second = stream.codec_context.sample_rate
    times = side_times(side, source.stretches)[_is_taken(side, source)]
    longest = int(np.diff(times).max(initial=0))
    return longest * side.time_base * units_per_second < _LONGEST_DURATION


def _options(suffix: str, streams: list[Stream]) -> dict[str, str]:
    if suffix not in (".mp4", ".mov"):
        return {}
    return {"movie_timescale": str(movie_timescale(streams))}


def _in_order(container: InputContainer, streams: list[Stream], source: SourceVideo) -> Iterator[AnyPacket]:
    """Packets with the increasing decoding timestamps that muxers insist on, on the pictures' clock."""
    times = {}
    for stream in streams:
        side = source.sides[stream.index]
        taken = _is_taken(side, source).tolist()
        times[stream.index] = iter(zip(side_times(side, source.stretches).tolist(), taken, strict=True))
    with av_errors_of(source.path):
        for packet in container.demux(streams):
            if packet.size:
                time, is_taken = next(times[packet.stream.index])
                packet.pts = packet.dts = time
                if is_taken:
                    yield packet


def _is_taken(side: SideTable, source: SourceVideo) -> NDArray[np.bool_]:
    """Of each packet, whether it begins while the frames that are taken are shown."""
    times = side_times(side, source.stretches)
    start, end = source.span_seconds
    taken = np.ones(len(times), np.bool_)
    if start is not None:
        taken &= times >= ceil(start / side.time_base)
    if end is not None:
        taken &= times < ceil(end / side.time_base)
    return taken


def _described(path: Path, codecs: tuple[str, ...]) -> SideStreams:
    return SideStreams(
        file_suffix=path.suffix,
        size_bytes=path.stat().st_size,
        sha256=file_sha256(path),
        audio_codecs=codecs,
    )
