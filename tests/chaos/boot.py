"""A worker as in production, but for processors without torch, whose children are ready at once.

`celery -A tests.chaos.boot worker -Q detect,render,control`
"""

from collections.abc import Generator

import tasks.log.making
import workers.detect_pipeline
from api_client.contract.thresholds import Thresholds
from api_client.media.frames.decode import DecodedFrame
from api_client.media.frames.footage import decode_part
from tasks.app import settings
from tasks.log.making import make_log
from tasks.processors import install
from tasks.work import (
    AskOutput,
    AskWork,
    DetectOutput,
    DetectWork,
    EmbedWork,
    RenderOutput,
    RenderWork,
)
from tests.chaos.gates import gate
from tests.colour_detector import ColourWords
from workers.ask_processor import AskProcessor
from workers.boot import app
from workers.detectors.registry import load_detector
from workers.embeddings import EmbeddingCache, embed
from workers.render_pipeline import RenderPipeline

__all__ = ["app"]


class LightProcessors:
    """`WorkerProcessors` for detectors in NumPy: the same pipelines, and no device."""

    device = "cpu"

    def __init__(self) -> None:
        self._embeddings = EmbeddingCache()
        self._asking = AskProcessor(settings())

    def warm_up(self) -> None:
        """There is nothing to load."""

    def detect(self, work: DetectWork) -> DetectOutput:
        job = work.manifest.job
        detector = load_detector(
            job.detector.name,
            device=None,  # type: ignore[arg-type]  # the detectors of these tests have none
            allow_python=settings().allow_python_detectors,
        )
        vocabulary = self._embeddings.embed(
            job.vocabulary,
            detector.text_encoder,
            work.store,
            work.lock,
            progress=lambda _done, _total: work.heartbeat(0),
        )
        asked = detector.default_threshold if job.threshold is None else job.threshold
        return workers.detect_pipeline.DetectPipeline(
            work, detector=detector, vocabulary=vocabulary, thresholds=Thresholds(default=asked)
        ).run()

    def embed(self, work: EmbedWork) -> None:
        embed(
            work.job.vocabulary,
            ColourWords(),
            work.store,
            work.lock,
            progress=lambda _done, _total: work.heartbeat(0),
        )

    def ask(self, work: AskWork) -> AskOutput | None:
        return self._asking.ask(work)

    def render(self, work: RenderWork) -> RenderOutput:
        return RenderPipeline(work).run()


def _gated_decode(*args: object, **kwargs: object) -> Generator[DecodedFrame, None, None]:
    gate("decode")
    yield from decode_part(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they come


def _gated_log(*args: object, **kwargs: object) -> object:
    gate("track")
    return make_log(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they come


tasks.log.making.make_log = _gated_log  # type: ignore[assignment]
workers.detect_pipeline.decode_part = _gated_decode  # type: ignore[assignment]
workers.detect_pipeline.peak_memory_bytes = lambda: None  # the real one asks torch
install(LightProcessors)
