"""Audio and subtitles: copied packet for packet into a file of their own."""

import os
from collections.abc import Iterator
from math import lcm
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.stream import Stream

from api_client.contract.digest import file_sha256
from api_client.contract.manifest import OtherStreams
from api_client.media.av_errors import av_errors_of
from api_client.media.opened import AnyPacket, complete_or_gone, opened
from api_client.media.source_video import SourceVideo

_MP4_CODECS = frozenset(
    {"aac", "ac3", "alac", "dts", "eac3", "flac", "mp2", "mp3", "opus", "mov_text", "dvd_subtitle"}
)
"""What players expect in an mp4. FFmpeg would also put PCM and Vorbis there."""

FORMATS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska", ".wmv": "asf"}
"""In the order in which they are tried, for these streams and then for the annotated video alike.

An mp4 or mov times sound to the sample, the others to the millisecond.
"""


def output_suffix(others: OtherStreams | None) -> str:
    """Of the annotated video that is to carry these streams: ".mp4" wherever possible."""
    return others.file_suffix if others else ".mp4"


def copy_others(source: SourceVideo, directory: Path) -> tuple[OtherStreams, Path] | None:
    """Copy all audio, and the subtitles that fit with it; None if there is neither.

    Packets and timestamps are kept exactly (to the nearest sample, where the source times audio otherwise).
    """
    with av_errors_of(source.path), opened(source.path) as container:
        streams = _carried(container)
        if not streams:
            return None
        suffix = _suffix_for(streams)
        path = directory / f"others{suffix}"
        _copy(container, streams, source.path, path)
        codecs = tuple(_codec(stream) for stream in streams if stream.type == "audio")
        return _described(path, codecs), path


def left_out(source: SourceVideo) -> tuple[str, ...]:
    """One line for each stream that the annotated video will not have."""
    with av_errors_of(source.path), opened(source.path) as container:
        carried = {stream.index for stream in _carried(container)}
        return tuple(
            f"{stream.type} stream {stream.index} ({_codec(stream)}) is left out of the annotated video"
            for stream in container.streams
            if stream.index not in carried and stream.type != "video"
        )


def _copy(container: InputContainer, streams: list[Stream], source: Path, path: Path) -> None:
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


def _carried(container: InputContainer) -> list[Stream]:
    audio: list[Stream] = [s for s in container.streams.audio if s.codec_context is not None]
    suffix = _suffix_for(audio)
    audio = [stream for stream in audio if _fits(suffix, stream)]
    subtitles = [s for s in container.streams.subtitles if s.codec_context and _fits(suffix, s)]
    return [*audio, *subtitles]


def _suffix_for(streams: list[Stream]) -> str:
    """The first container that takes all of them; the one that takes most of them, if none does."""
    return max(FORMATS, key=lambda suffix: sum(_fits(suffix, stream) for stream in streams))


def _fits(suffix: str, stream: Stream) -> bool:
    if suffix == ".mp4":
        return _codec(stream) in _MP4_CODECS
    with av.open(os.devnull, "w", format=FORMATS[suffix]) as file:
        return stream.codec.name in file.supported_codecs


def _options(suffix: str, streams: list[Stream]) -> dict[str, str]:
    if suffix not in (".mp4", ".mov"):
        return {}
    return {"movie_timescale": str(movie_timescale(streams))}


def _in_order(container: InputContainer, streams: list[Stream], source: Path) -> Iterator[AnyPacket]:
    """Packets with the increasing decoding timestamps that muxers insist on."""
    latest: dict[int, int] = {}
    with av_errors_of(source):
        for packet in container.demux(streams):
            wanted = packet.pts if packet.dts is None else packet.dts
            if not packet.size or wanted is None:
                continue
            index = packet.stream.index
            packet.dts = max(wanted, latest.get(index, wanted - 1) + 1)
            packet.pts = packet.dts if packet.pts is None else max(packet.pts, packet.dts)
            latest[index] = packet.dts
            yield packet


def _described(path: Path, codecs: tuple[str, ...]) -> OtherStreams:
    return OtherStreams(
        file_suffix=path.suffix,
        size_bytes=path.stat().st_size,
        sha256=file_sha256(path),
        audio_codecs=codecs,
    )
