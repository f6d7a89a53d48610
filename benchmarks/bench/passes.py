"""What a single machine does with footage: cutting, looking, drawing, putting together."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from api_client.contract.thresholds import Thresholds
from api_client.footage import stored_footage
from api_client.media.assemble.remux import assemble
from api_client.picture_set import checked_footage
from api_client.settings import Settings
from api_client.store.directory import DirectoryStore
from benchmarks.bench.footage import Parts, longer
from benchmarks.bench.measuring import Row, cost_row, ffmpeg, side_by_side, speed_row
from benchmarks.bench.simulated import Waiting
from workers.detect_pipeline import DetectPipeline
from workers.detectors import EmbeddedVocabulary
from workers.render_pipeline import RenderPipeline

_ENCODED_ALIKE = (
    *("-c:v", "libx264", "-preset", "veryfast", "-crf", 22, "-threads", 4, "-pix_fmt", "yuv420p"),
    *("-x264-params", "open-gop=0:bframes=0:keyint=250:sliced-threads=0:no-mbtree=1"),
)
"""As `api_client.media.frames.encode` does."""
_LONGER_TIMES = 15
"""What is looked at once per file weighs less."""


def rows(clip: Path, directory: Path, name: str, *, repeats: int) -> Iterator[Row]:
    """All rows of one clip."""
    yield _splitting(clip, directory / "split", name, repeats)
    long_clip = longer(clip, directory, times=_LONGER_TIMES)
    yield _splitting(long_clip, directory / "split-long", f"{name}, {_LONGER_TIMES} times as long", repeats)
    parts = Parts.of(clip, directory / "parts")
    yield _looking(clip, parts, name, repeats)
    yield _drawing(clip, parts, name, repeats)
    yield _assembling(parts, name, repeats)


def _splitting(clip: Path, directory: Path, name: str, repeats: int) -> Row:
    directory.mkdir()
    settings = Settings.load(store_url=str(directory / "store"))

    def storing() -> None:
        shutil.rmtree(directory / "store", ignore_errors=True)
        footage = checked_footage(clip, stream=None, deinterlace=True)
        with stored_footage(DirectoryStore(directory / "store"), settings, footage, lambda _progress: None):
            pass

    def copying() -> None:
        segments = directory / "%06d.mp4"
        ffmpeg("-i", clip, "-c", "copy", "-f", "segment", "-segment_time", settings.chunk_seconds, segments)

    times = side_by_side(storing, copying, repeats=repeats)
    return cost_row(f"split and store, {name}", times, "`ffmpeg -f segment`", goal=1.5, repeats=repeats)


def _looking(clip: Path, parts: Parts, name: str, repeats: int) -> Row:
    vocabulary = EmbeddedVocabulary(
        vocabulary=parts.manifest.job.vocabulary, embeddings=np.zeros((2, 4), np.float32)
    )

    def detecting() -> None:
        for work in parts.detect_works():
            DetectPipeline(
                work, detector=Waiting(0), vocabulary=vocabulary, thresholds=Thresholds(default=0.5)
            ).run()

    def decoding() -> None:
        ffmpeg("-i", clip, "-f", "rawvideo", "-pix_fmt", "rgb24", "/dev/null")

    times = side_by_side(detecting, decoding, repeats=repeats)
    what = f"look at every frame with a detector that costs nothing, {name}"
    return speed_row(what, parts.frames, "frames", times, "`ffmpeg` to RGB", goal=0.9, repeats=repeats)


def _drawing(clip: Path, parts: Parts, name: str, repeats: int) -> Row:
    works = list(parts.render_works())

    def rendering() -> None:
        for work in works:
            RenderPipeline(work).run()

    def drawing() -> None:
        boxes = "drawbox=iw/8:ih/4:iw/4:ih/4:orange:3,drawbox=iw/2:ih/4:iw/4:ih/4:blue:3"
        ffmpeg("-i", clip, "-an", "-vf", boxes, *_ENCODED_ALIKE, parts.directory / "drawn.mp4")

    times = side_by_side(rendering, drawing, repeats=repeats)
    what = f"decode, draw two boxes, encode, {name}"
    return speed_row(what, parts.frames, "frames", times, "`ffmpeg` likewise", goal=0.9, repeats=repeats)


def _assembling(parts: Parts, name: str, repeats: int) -> Row:
    segments = [work.output_dir / "segment.mp4" for work in parts.render_works()]
    listed = parts.directory / "segments.txt"
    listed.write_text("".join(f"file '{path}'\n" for path in segments))

    def assembling() -> None:
        assemble(segments, parts.manifest.video, None, parts.directory / "assembled.mp4")

    def concatenating() -> None:
        ffmpeg("-f", "concat", "-safe", 0, "-i", listed, "-c", "copy", "-movflags", "+faststart",
               parts.directory / "concatenated.mp4")  # fmt: skip

    times = side_by_side(assembling, concatenating, repeats=repeats)
    what = f"put {len(segments)} segments together, {name}"
    return cost_row(what, times, "`ffmpeg -f concat`", goal=1.5, repeats=repeats)
