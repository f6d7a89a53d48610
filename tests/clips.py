"""Small generated videos whose content is known."""

from pathlib import Path

import av
import numpy as np

RED, BLUE = (220, 30, 30), (30, 30, 220)


def picture(index: int, *, width: int = 160, height: int = 96) -> np.ndarray:
    """A grey field with a red square going right and a blue one going left."""
    frame = np.full((height, width, 3), 128, np.uint8)
    left = 2 * index % (width - 24)
    frame[8:32, left : left + 24] = RED
    frame[56:80, width - 24 - left : width - left] = BLUE
    return frame


def write_clip(
    path: Path, *, frames: int, gop: int, rate: int = 12, audio: bool = True, grey_frames: range = range(0)
) -> Path:
    """Write an H.264 clip, with a tone as its sound; `grey_frames` show the empty field."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=rate, options={"g": str(gop), "sc_threshold": "0"})
        video.width, video.height, video.pix_fmt = 160, 96, "yuv420p"
        sound = container.add_stream("aac", rate=16_000, layout="mono") if audio else None
        for index in range(frames):
            shown = np.full((96, 160, 3), 128, np.uint8) if index in grey_frames else picture(index)
            container.mux(video.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        container.mux(video.encode(None))
        if sound is not None:
            samples = np.sin(np.arange(16_000 * frames // rate, dtype=np.float32) / 8)[None]
            tone = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
            tone.sample_rate, tone.pts = 16_000, 0
            container.mux(sound.encode(tone))
            container.mux(sound.encode(None))
    return path


def write_picture(path: Path, index: int = 0) -> Path:
    """Write one picture of the clip as PNG."""
    with av.open(str(path), "w", format="image2") as container:
        stream = container.add_stream("png")
        stream.width, stream.height, stream.pix_fmt = 160, 96, "rgb24"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(index), format="rgb24")))
        container.mux(stream.encode(None))
    return path
