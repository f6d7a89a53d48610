"""Small real videos whose content is known, and the work of processing one."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from api_client.contract import (
    ChunkSpec,
    DetectorSpec,
    Gap,
    JobSpec,
    Manifest,
    PtsRuns,
    Rendering,
    VideoSpec,
)
from api_client.store.directory import DirectoryStore
from tasks.work import DetectWork, RenderWork
from tests.manifests import BOXES, asking, joined
from vocabularies import Vocabulary

WIDTH, HEIGHT = 96, 64
TICKS_PER_SECOND = 600
RED_SQUARE_PX = 20


def red_square_at(index: int) -> tuple[int, int, int, int]:
    """Where the red square of frame `index` is: it moves two pixels to the right in every frame."""
    left = 4 + 2 * (index % 35)
    return left, 30, left + RED_SQUARE_PX, 30 + RED_SQUARE_PX


def picture(index: int) -> NDArray[np.uint8]:
    """Grey, a red square that moves, and a blue bar that is there in every other frame."""
    frame = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    x_min, y_min, x_max, y_max = red_square_at(index)
    frame[y_min:y_max, x_min:x_max] = (255, 0, 0)
    if index % 2:
        frame[4:14, 10:80] = (0, 0, 255)
    return frame


def write_clip(path: Path, pts: Sequence[int]) -> None:
    """Write an H.264 mp4 of `picture(0)`, `picture(1)`, … at these pts, in 1/600 s."""
    with av.open(str(path), "w", options={"movie_timescale": str(TICKS_PER_SECOND)}) as container:
        stream = container.add_stream("libx264", options={"crf": "5", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv444p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS_PER_SECOND)
        for index, value in enumerate(pts):
            frame = av.VideoFrame.from_ndarray(picture(index), format="rgb24")
            frame.pts, frame.time_base = value, Fraction(1, TICKS_PER_SECOND)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def chunk_work(
    folder: Path,
    *,
    pts: Sequence[int] = range(0, 240, 20),
    labels: tuple[str, ...] = ("red", "blue"),
    every: int = 1,
    regions: int = 0,
    threshold: float | None = None,
    detector: str = "python:tests.colour_detector:load",
    heartbeat: Callable[[int], None] = lambda _frames_done: None,
) -> DetectWork:
    """The work of a job of one chunk, everything of it in `folder`."""
    video_path, output_dir = folder / "chunk.mp4", folder / "output"
    if not video_path.exists():
        write_clip(video_path, pts)
    output_dir.mkdir()
    chunk = ChunkSpec(
        index=0, first_frame=0, pts=PtsRuns.from_pts(pts), offset_pts=0, size_bytes=1, sha256="0" * 64
    )
    job = JobSpec(
        vocabulary=Vocabulary(name="custom", labels=labels),
        detector=DetectorSpec(name=detector),
        every=every,
        regions_per_frame=regions,
        threshold=threshold,
    )
    return DetectWork(
        manifest=_manifest(chunk, job),
        chunk=chunk,
        video_path=video_path,
        output_dir=output_dir,
        store=DirectoryStore(folder / "store"),
        heartbeat=heartbeat,
        lock=lambda _name: nullcontext(),
    )


def _manifest(chunk: ChunkSpec, job: JobSpec) -> Manifest:
    video = VideoSpec(
        codec="h264",
        width_px=WIDTH,
        height_px=HEIGHT,
        time_base=(1, TICKS_PER_SECOND),
        average_rate=(30, 1),
        frame_count=chunk.frame_count,
        first_pts=next(iter(chunk.pts)),
    )
    return joined(job, video, (chunk,))


def render_work(
    folder: Path,
    rows: Mapping[int, Path],
    *,
    rendering: Rendering = BOXES,
    gaps: tuple[Gap, ...] = (),
    heartbeat: Callable[[int], None] = lambda _frames_done: None,
    **options: Any,
) -> RenderWork:
    """The drawing of the same job."""
    looked = chunk_work(folder, **options)
    return RenderWork(
        manifest=asking(looked.manifest, rendering=rendering),
        chunk=looked.chunk,
        video_path=looked.video_path,
        rows=rows,
        gaps=gaps,
        output_dir=looked.output_dir,
        heartbeat=heartbeat,
    )
