"""Whether the annotated video carries the source's sound, packet for packet, in step with the picture."""

import hashlib
import re
from array import array
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from av.packet import Packet
from av.stream import Stream

from api_client.verify.clock import RESTART_SECONDS
from api_client.verify.opening import media_errors, open_media
from api_client.verify.taken import Span

_DIGEST_BYTES = 16
_EVERYTHING: Span = (None, None)
_NEVER = -(2**63)
TOLERANCE_SECONDS = 0.020
"""How far sound may be moved against the picture."""
_LEFT_OUT = re.compile(r"\bstream (\d+)\b.*\bleft out\b|\bleft out\b.*\bstream (\d+)\b")


@dataclass(kw_only=True)
class Track:
    """One stream of sound. Mutable: it is filled packet by packet, 24 bytes each."""

    stream_index: int
    codec: str
    unit_seconds: Fraction
    """Of the stream's clock."""
    digests: bytearray = field(default_factory=bytearray, repr=False)
    """Sixteen bytes of each packet's payload."""
    ticks: "array[int]" = field(default_factory=lambda: array("q"), repr=False)
    """When each packet is heard, in units of the stream's clock; `_NEVER` where nothing says."""
    whole: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    """Of all payloads one after the other: raw sound may be cut differently into packets."""

    def __len__(self) -> int:
        """How many packets there are."""
        return len(self.ticks)

    def digest(self, number: int) -> bytes:
        """Of one packet's payload."""
        return bytes(self.digests[_DIGEST_BYTES * number : _DIGEST_BYTES * (number + 1)])

    def seconds(self, number: int) -> Fraction | None:
        """When one packet is heard on the file's clock; None where nothing says."""
        ticks = self.ticks[number]
        return None if ticks == _NEVER else ticks * self.unit_seconds


def tracks_of(path: Path, span: Span = _EVERYTHING) -> list[Track]:
    """All sound of a file that begins within a span, in one pass over its packets.

    A stream without a packet is no sound.
    """
    with open_media(path) as container:
        streams = [stream for stream in container.streams.audio if stream.codec_context is not None]
        tracks = {
            stream.index: Track(
                stream_index=stream.index,
                codec=stream.codec.canonical_name,
                unit_seconds=stream.time_base or Fraction(1),
            )
            for stream in streams
        }
        if streams:
            with media_errors(path):
                for packet in container.demux(list[Stream](streams)):
                    if packet.size and _is_within(span, packet):
                        _add(tracks[packet.stream.index], packet)
    return [track for track in tracks.values() if len(track)]


def _is_within(span: Span, packet: "Packet[Stream]") -> bool:
    ticks = packet.pts if packet.pts is not None else packet.dts
    if span == _EVERYTHING or ticks is None:
        return span == _EVERYTHING
    seconds = ticks * Fraction(packet.time_base)
    start, end = span
    return (start is None or seconds >= start) and (end is None or seconds < end)


def _add(track: Track, packet: "Packet[Stream]") -> None:
    payload = _payload(bytes(packet), track.codec)
    track.digests += hashlib.sha256(payload).digest()[:_DIGEST_BYTES]
    track.whole.update(payload)
    ticks = packet.pts if packet.pts is not None else packet.dts
    track.ticks.append(_NEVER if ticks is None else ticks)


def _payload(data: bytes, codec: str) -> bytes:
    """Without the transport header of AAC, which an mp4 states once for all packets."""
    if codec == "aac" and len(data) > 7 and data[0] == 0xFF and data[1] & 0xF6 == 0xF0:
        return data[7 if data[1] & 1 else 9 :]
    return data


def compare_sound(
    source: Path,
    annotated: Path,
    notes: tuple[str, ...],
    picture_shifts: list[tuple[Fraction, Fraction]],
    span: Span | None = _EVERYTHING,
    wait: Fraction = Fraction(0),
) -> tuple[list[str], list[str]]:
    """(differences, remarks).

    picture_shifts: by how much the picture was moved, at the beginning and the end of each run of the
    source's clock; empty where the source's pictures have no times.
    span: which part of the source was taken; None where nothing tells.
    wait: seconds by which pictures may come later than their times, see `Film.wait_seconds`.
    """
    if span is None:
        return [], ["the sound was not compared: the source gives its pictures no times to cut it by"]
    left_out = {int(number) for note in notes for number in _numbers(note)}
    wanted = [track for track in tracks_of(source, span) if track.stream_index not in left_out]
    found = tracks_of(annotated)
    if not wanted:
        extra = [f"the annotated video has sound that the source has not ({t.codec})" for t in found]
        return extra, ["the source has no sound to compare"]
    differences, remarks = [], []
    for number, track in enumerate(wanted):
        name = f"sound stream {track.stream_index} ({track.codec}, {len(track)} packets)"
        if number >= len(found):
            differences.append(f"{name} is not in the annotated video, and no note of job.json says so")
            continue
        differences += _packet_differences(name, track, found[number])
        if not picture_shifts:
            remarks.append(f"{name} could not be held against the picture, which has no times in the source")
            continue
        differences += _shift_differences(name, track, found[number], picture_shifts, wait)
    return differences, remarks


def _numbers(note: str) -> list[str]:
    return [number for groups in _LEFT_OUT.findall(note) for number in groups if number]


def _packet_differences(name: str, wanted: Track, found: Track) -> list[str]:
    if wanted.digests == found.digests or wanted.whole.digest() == found.whole.digest():
        return []
    both = min(len(wanted), len(found))
    first = next((i for i in range(both) if wanted.digest(i) != found.digest(i)), both)
    return [f"{name} is not the same in the annotated video ({len(found)} packets) from packet {first} on"]


def _shift_differences(
    name: str, wanted: Track, found: Track, picture: list[tuple[Fraction, Fraction]], wait: Fraction
) -> list[str]:
    sound = _shifts(wanted, found)
    if not sound:
        return []
    places = [("at the beginning", sound[0][0], picture[0][0]), ("at the end", sound[-1][1], picture[-1][1])]
    if len(sound) == len(picture):
        places += [
            (f"in part {n + 1}", a[0], b[0]) for n, (a, b) in enumerate(zip(sound, picture, strict=True)) if n
        ]
    for place, moved, pictures_moved in places:
        apart = float(moved - pictures_moved)
        if not -TOLERANCE_SECONDS - wait <= apart <= TOLERANCE_SECONDS:
            word = "later" if apart > 0 else "earlier"
            return [f"{name} is {abs(apart):.3f} s {word} beside the picture than in the source {place}"]
    return []


def _shifts(wanted: Track, found: Track) -> list[tuple[Fraction, Fraction]]:
    """By how much sound was moved, at the beginning and end of each run of the source's clock."""
    runs: list[tuple[Fraction, Fraction]] = []
    latest: Fraction | None = None
    for number in range(min(len(wanted), len(found))):
        own, given = wanted.seconds(number), found.seconds(number)
        if own is None or given is None or wanted.digest(number) != found.digest(number):
            continue
        if latest is None or own < latest - RESTART_SECONDS:
            runs.append((given - own, given - own))
        runs[-1] = (runs[-1][0], given - own)
        latest = own
    return runs
