"""Writing small video files frame by frame, with whatever times and sound a test wants."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer

MICROSECONDS = Fraction(1, 1_000_000)


@dataclass(frozen=True, kw_only=True)
class Sound:
    """Packets of one stream of sound."""

    packets: Sequence[bytes]
    seconds: Sequence[float]
    """When each is heard."""
    rate_hz: int = 16_000


def tone(seconds: float, directory: Path) -> Sound:
    """AAC of a tone, as it comes out of the encoder."""
    path = directory / "tone.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("aac", rate=16_000, layout="mono")
        samples = np.sin(np.cumsum(np.linspace(0.02, 0.4, int(16_000 * seconds))), dtype=np.float32)[None]
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate = 16_000
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return sound_of(path)


def sound_of(path: Path) -> Sound:
    """The first stream of sound of a file."""
    with av.open(str(path)) as file:
        packets = [packet for packet in file.demux(file.streams.audio[0]) if packet.size]
        seconds = [float(packet.pts * packet.time_base) for packet in packets]
        return Sound(packets=[bytes(packet) for packet in packets], seconds=seconds)


def write_video(
    path: Path,
    pictures: Sequence[np.ndarray],
    seconds: Sequence[float],
    *,
    sound: Sound | None = None,
    codec: str = "libx264",
    matrix: Sequence[int] | None = None,
    tags: dict[str, int] | None = None,
    time_base: Fraction = MICROSECONDS,
    more_films: int = 0,
    b_frames: int = 0,
) -> Path:
    """Write frames at their times, sound packets as they are, and `more_films` streams of the same."""
    muxer = {"movie_timescale": "1000000"} if path.suffix == ".mp4" else {}
    with av.open(str(path), "w", options=muxer) as file:
        streams = [
            _stream(file, pictures[0], codec, matrix, tags, time_base, b_frames)
            for _ in range(1 + more_films)
        ]
        track = _track(file) if sound else None
        packets = [packet for stream in streams for packet in _encoded(stream, pictures, seconds, time_base)]
        if sound and track:
            packets += _copied(track, sound)
        packets.sort(key=lambda packet: packet.dts * packet.time_base)
        for packet in packets:
            file.mux(packet)
    return path


def _stream(file: OutputContainer, picture, codec, matrix, tags, time_base, b_frames=0):
    x264 = {"g": "12", "sc_threshold": "0", "crf": "18", "preset": "ultrafast", "threads": "1"}
    stream = file.add_stream(codec, rate=25, options=x264 if codec == "libx264" else {"b": "1M"})
    stream.height, stream.width = picture.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.codec_context.max_b_frames = b_frames
    stream.codec_context.time_base = time_base
    if matrix:
        stream.set_display_matrix(matrix)
    for name, value in (tags or {}).items():
        setattr(stream.codec_context, name, value)
    return stream


def _track(file: OutputContainer):
    return file.add_stream("aac", rate=16_000, layout="mono")


def _encoded(stream, pictures, seconds, time_base):
    """Packets with the times asked for, whatever the encoder thinks of them."""
    packets = []
    for index, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame.pts, frame.time_base = index, time_base
        packets += stream.encode(frame)
    packets += stream.encode(None)
    for packet, second in zip(packets, seconds, strict=True):
        packet.pts = packet.dts = round(second / time_base)
        packet.time_base = time_base
        packet.duration = 0
    return packets


def _copied(track, sound: Sound):
    packets = []
    for data, second in zip(sound.packets, sound.seconds, strict=True):
        packet = av.Packet(data)
        packet.pts = packet.dts = round(second * sound.rate_hz)
        packet.time_base = Fraction(1, sound.rate_hz)
        packet.stream = track
        packets.append(packet)
    return packets


def write_growing_film(path: Path, parts: Sequence[Sequence[np.ndarray]]) -> Path:
    """One stream of VP8 at 25 frames/s whose pictures change their size from part to part."""
    with av.open(str(path), "w") as file:
        stream = _stream(file, parts[0][0], "libvpx", None, None, MICROSECONDS)
        at = 0
        for part in parts:
            seconds = [(at + number) / 25 for number in range(len(part))]
            encoder = stream if at == 0 else _encoder_like(part[0])
            for packet in _encoded(encoder, part, seconds, MICROSECONDS):
                packet.stream = stream
                file.mux(packet)
            at += len(part)
    return path


def write_mask_and_film(path: Path, mask: Sequence[np.ndarray], film: Sequence[np.ndarray]) -> Path:
    """A grey stream first, then the one in colour."""
    seconds = [number / 25 for number in range(len(film))]
    with av.open(str(path), "w") as file:
        streams = [_stream(file, film[0], codec, None, None, MICROSECONDS) for codec in ("ffv1", "libx264")]
        streams[0].pix_fmt = "gray"
        packets = [
            packet
            for stream, pictures in zip(streams, (mask, film), strict=True)
            for packet in _encoded(stream, pictures, seconds, MICROSECONDS)
        ]
        for packet in sorted(packets, key=lambda packet: packet.dts):
            file.mux(packet)
    return path


def _encoder_like(picture: np.ndarray):
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.height, encoder.width = picture.shape[:2]
    encoder.pix_fmt, encoder.time_base = "yuv420p", MICROSECONDS
    encoder.bit_rate, encoder.options = 1_000_000, {"lag-in-frames": "0"}
    return encoder
