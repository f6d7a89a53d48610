"""The pocket detector behind a worker's pipeline, beside a bare loop over the same pictures."""

from collections.abc import Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path

import av
import numpy as np

from api_client.contract.thresholds import Thresholds
from api_client.local.cores import usable_cores
from api_client.media.pictures.reading import read_picture
from api_client.store.directory import DirectoryStore
from benchmarks.bench.footage import Parts
from benchmarks.bench.measuring import Row, side_by_side, speed_row
from workers.detect_pipeline import DetectPipeline
from workers.detectors import Detector, EmbeddedVocabulary
from workers.detectors.registry import load_detector
from workers.device import choose_device
from workers.embeddings import EmbeddingCache
from workers.part_output import encoded_picture
from workers.render_pipeline import RenderPipeline


def rows(clip: Path, photographs: list[Path], directory: Path, *, repeats: int) -> Iterator[Row]:
    """A video, and a thousand photographs (the same ones again and again)."""
    detector = load_detector(
        "pocket",
        device=choose_device("auto"),
        weights=None,
        cache=directory,
        threads=usable_cores(),
        allow_python=False,
    )
    yield _video(clip, detector, directory / "video", repeats)
    if photographs:
        yield _pictures(photographs, detector, directory / "pictures", repeats)


def _video(clip: Path, detector: Detector, directory: Path, repeats: int) -> Row:
    parts = Parts.of(clip, directory)
    vocabulary = _embedded(parts, detector)

    def bare() -> None:
        with av.open(str(clip)) as container:
            frames = (frame.to_ndarray(format="rgb24") for frame in container.decode(video=0))
            while batch := [np.asarray(frame, np.uint8) for frame in islice(frames, detector.batch_size)]:
                detector.detect(batch, vocabulary, threshold=0.4)

    times = side_by_side(lambda: _look(parts, detector, vocabulary), bare, repeats=repeats)
    return speed_row(
        "pocket in the worker's pipeline, 640x272",
        *(parts.frames, "frames", times, "bare loop"), goal=0.92, repeats=repeats,
    )  # fmt: skip


def _pictures(photographs: list[Path], detector: Detector, directory: Path, repeats: int) -> Row:
    parts = Parts.of(photographs, directory, tracks=False)
    vocabulary = _embedded(parts, detector)

    def ours() -> None:
        _look(parts, detector, vocabulary)
        for work in parts.render_works():
            RenderPipeline(work).run()

    def bare() -> None:
        for path in photographs:
            rgb = read_picture(path).rgb
            detector.detect([rgb], vocabulary, threshold=0.4)
            encoded_picture(path.name, rgb)

    times = side_by_side(ours, bare, repeats=repeats)
    return speed_row(
        f"{len(photographs)} photographs: look, draw, write",
        *(parts.frames, "pictures", times, "bare loop"), goal=1 / 1.15, repeats=repeats,
    )  # fmt: skip


def _look(parts: Parts, detector: Detector, vocabulary: EmbeddedVocabulary) -> None:
    for work in parts.detect_works():
        DetectPipeline(
            work, detector=detector, vocabulary=vocabulary, thresholds=Thresholds(default=0.55)
        ).run()


def _embedded(parts: Parts, detector: Detector) -> EmbeddedVocabulary:
    return EmbeddingCache().embed(
        parts.manifest.job.vocabulary,
        detector.text_encoder,
        DirectoryStore(parts.directory / "store"),
        lambda _name: nullcontext(),
        progress=lambda _done, _total: None,
    )
