"""Tiny videos in which every frame is different, written with FFmpeg's encoders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer

FRAMES = 48


@dataclass(frozen=True, kw_only=True)
class Film:
    """A recipe."""

    codec: str
    suffix: str
    options: Mapping[str, str] = field(default_factory=dict)
    """Of the encoder."""
    muxer: Mapping[str, str] = field(default_factory=dict)
    """Options of the container."""
    frames: int = FRAMES
    width: int = 96
    height: int = 64
    pix_fmt: str = "yuv420p"
    group: int = 10
    """Frames from one keyframe to the next."""
    b_frames: int = 0
    rate: Fraction = Fraction(25)
    time_base: Fraction | None = None
    """1/rate if not given."""
    pts: Sequence[int] | None = None
    """0, 1, 2, ... if not given."""
    rotation: int = 0
    audio: Sequence[tuple[str, int]] = ()
    """(codec, samples per second) of each sound track."""
    sound_starts: int = 0
    """At this sample."""

    def write(self, directory: Path) -> Path:
        directory.mkdir(exist_ok=True)
        path = directory / f"film{self.suffix}"
        with av.open(str(path), "w", options=dict(self.muxer)) as file:
            self._write_sound(file, *self._write_pictures(file))
        return path

    def _write_pictures(self, file: OutputContainer) -> tuple[list, list]:
        stream = file.add_stream(self.codec, rate=self.rate, options={"threads": "1", **self.options})
        stream.width, stream.height, stream.pix_fmt = self.width, self.height, self.pix_fmt
        time_base = self.time_base or 1 / self.rate
        stream.codec_context.time_base = time_base
        stream.codec_context.gop_size = self.group
        stream.codec_context.max_b_frames = self.b_frames
        if self.rotation:
            stream.set_display_rotation(self.rotation)
        tracks = [self._sound_track(file, codec, rate) for codec, rate in self.audio]
        packets = []
        for index in range(self.frames):
            frame = av.VideoFrame.from_ndarray(picture(index, self.width, self.height), format="rgb24")
            frame = frame.reformat(format=self.pix_fmt)
            frame.pts = self.pts[index] if self.pts else index
            frame.time_base = time_base
            packets += stream.encode(frame)
        return [*packets, *stream.encode(None)], tracks

    @staticmethod
    def _sound_track(file: OutputContainer, codec: str, rate: int):
        return file.add_stream(codec, rate=rate, layout="mono", bit_rate=64_000)

    def _write_sound(self, file: OutputContainer, packets: list, tracks: list) -> None:
        for number, track in enumerate(tracks):
            samples = int(self.frames / self.rate * track.codec_context.sample_rate)
            wave = np.sin(np.arange(samples, dtype=np.float32) / (7 + number))[None]
            tone = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            tone.sample_rate, tone.pts = track.codec_context.sample_rate, self.sound_starts
            tone.time_base = Fraction(1, track.codec_context.sample_rate)
            packets += [*track.encode(tone), *track.encode(None)]
        packets.sort(key=lambda packet: packet.dts * packet.time_base)
        file.mux(packets)


def picture(index: int, width: int, height: int) -> np.ndarray:
    """A moving gradient, with the frame's number in black and white blocks."""
    y, x = np.mgrid[0:height, 0:width]
    frame = np.stack([2 * x + 5 * index, 3 * y + 7 * index, x + y + 11 * index], axis=-1) % 256
    for bit in range(8):
        frame[4:14, 4 + 11 * bit : 14 + 11 * bit] = 255 * (index >> bit & 1)
    return frame.astype(np.uint8)


def x264(group: int = 10, **parameters: object) -> dict[str, str]:
    fixed = {"keyint": group, "min-keyint": group, "scenecut": 0, "b-adapt": 0, "bframes": 0}
    return {"preset": "ultrafast", "x264-params": _joined({**fixed, **parameters})}


def x265(group: int = 10, **parameters: object) -> dict[str, str]:
    fixed = {"keyint": group, "min-keyint": group, "scenecut": 0, "b-adapt": 0, "bframes": 3, "pools": 1}
    quiet = {"frame-threads": 1, "log-level": "none"}
    return {"preset": "ultrafast", "x265-params": _joined({**fixed, **quiet, **parameters})}


def _joined(parameters: dict[str, object]) -> str:
    return ":".join(f"{name.replace('_', '-')}={value}" for name, value in parameters.items())
