"""One clip or reel: pictures, the sound that belongs to them, and chapters, in one file."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from heapq import merge
from pathlib import Path

from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.stream import Stream

from api_client.media.assemble.mp4_timing import exact_timing
from api_client.media.assemble.side_streams import FORMATS, copied_stream, movie_timescale
from api_client.media.av_errors import av_errors_of
from api_client.media.opening import AnyPacket, complete_or_gone, open_media
from api_client.media.source.timestamps import monotonic_dts
from api_client.moments.pictures import Pictures, Piece

_EXACT_SUFFIXES = (".mp4", ".mov")
_SEEK_MARGIN_SECONDS = 1

_Timed = tuple[float, int, AnyPacket]
"""(decoding time in seconds, tie-breaker, packet)."""


def clip_suffix(sound_suffix: str | None) -> str:
    """Of clips whose sound lies in such a file: ".mp4" wherever possible."""
    return sound_suffix if sound_suffix in (".mp4", ".mov", ".mkv") else ".mkv" if sound_suffix else ".mp4"


def write_clip(
    output: Path, pictures: Pictures, sound: Path | None, *, chapters: Sequence[tuple[Piece, str]] = ()
) -> None:
    """Write a file whose pictures and sound keep the times they have to each other.

    Sound is copied by the packet: of each piece it is what begins within it. chapters: with their titles.
    Raises `MediaError` where it cannot be written; then nothing is left.
    """
    with ExitStack() as stack:
        stack.enter_context(av_errors_of(output))
        template = stack.enter_context(pictures.template())
        heard = stack.enter_context(open_media(sound)) if sound else None
        voices: list[Stream] = list(heard.streams.audio) if heard else []
        options = _options(output.suffix, pictures.time_base, voices)
        file = stack.enter_context(
            complete_or_gone(output, format_name=FORMATS[output.suffix], options=options)
        )
        stream = copied_stream(file, template)
        stream.time_base = pictures.time_base
        copies = {voice.index: copied_stream(file, voice) for voice in voices}
        _set_chapters(file, chapters)
        streams = [_pictures(pictures, stream)]
        if heard is not None and voices:
            streams.append(_sounds(heard, voices, copies, pictures.pieces))
        for _, _, packet in merge(*streams, key=lambda timed: timed[:2]):
            file.mux(packet)


def _options(suffix: str, time_base: Fraction, voices: list[Stream]) -> dict[str, str]:
    if suffix not in _EXACT_SUFFIXES:
        return {}
    timescale = time_base.denominator
    together = movie_timescale(voices, at_least=timescale)
    return {"movflags": "+faststart", **exact_timing(timescale, movie_timescale=together)}


def _set_chapters(file: OutputContainer, chapters: Sequence[tuple[Piece, str]]) -> None:
    if chapters:
        file.set_chapters(
            [
                {
                    "id": number,
                    "start": round(1000 * piece.at),
                    "end": round(1000 * (piece.at + piece.end - piece.start)),
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": title},
                }
                for number, (piece, title) in enumerate(chapters, start=1)
            ]
        )


def _pictures(pictures: Pictures, stream: Stream) -> Iterator[_Timed]:
    times = zip(pictures.pts.tolist(), monotonic_dts(pictures.pts).tolist(), strict=True)
    packets: Iterator[AnyPacket] = pictures.packets()  # type: ignore[assignment]  # of a video stream, one of any
    for packet, (pts, dts) in zip(packets, times, strict=True):
        packet.stream = stream
        packet.time_base = pictures.time_base
        packet.pts, packet.dts = pts, dts
        yield float(dts * pictures.time_base), 0, packet


def _sounds(
    heard: InputContainer, voices: list[Stream], copies: dict[int, Stream], pieces: Sequence[Piece]
) -> Iterator[_Timed]:
    free_from: dict[int, int] = {}
    for piece in pieces:
        for packet in _within(heard, voices, piece):
            assert packet.pts is not None
            assert packet.time_base is not None
            number = packet.stream.index
            pts = packet.pts + round((piece.at - piece.start) / packet.time_base)
            if pts < free_from.get(number, 0):  # what sounds at the end of the piece before is still on
                continue
            free_from[number] = pts + max(packet.duration or 1, 1)
            packet.pts = packet.dts = pts
            packet.stream = copies[number]
            yield float(pts * packet.time_base), 1 + number, packet


def _within(heard: InputContainer, voices: list[Stream], piece: Piece) -> Iterator[AnyPacket]:
    """Yield the packets that begin within a piece, stream by stream in the order of the file."""
    _seek(heard, voices[0], piece.start)
    over: set[int] = set()
    for packet in heard.demux(voices):
        if not packet.size or packet.pts is None or packet.time_base is None:
            continue
        seconds = packet.pts * packet.time_base
        if seconds >= piece.end:
            over.add(packet.stream.index)
            if len(over) == len(voices):
                return
        elif seconds >= piece.start:
            yield packet


def _seek(heard: InputContainer, voice: Stream, start: Fraction) -> None:
    """Go to some place before the piece."""
    assert isinstance(voice, AudioStream)
    assert voice.time_base is not None
    earlier = start - _SEEK_MARGIN_SECONDS
    first = (voice.start_time or 0) * voice.time_base
    heard.seek(round(max(earlier, first) / voice.time_base), stream=voice, backward=True)
