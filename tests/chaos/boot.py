"""A worker as in production, but for a processor without torch, whose children are ready at once.

`celery -A tests.chaos.boot worker -Q detect,control`
"""

from collections.abc import Generator

import tasks.reduce.job
import workers.pipeline
from api_client.media.frames.decode import DecodedFrame, decode_chunk
from tasks.app import settings
from tasks.processor import install
from tasks.reduce.log import merge_logs
from tasks.work import ChunkOutput, ChunkWork
from tests.chaos.gates import gate
from workers.boot import app
from workers.detectors.registry import load_detector
from workers.embeddings import EmbeddingCache

__all__ = ["app"]


class LightProcessor:
    """`WorkerProcessor` for detectors in NumPy: the same pipeline, and no device."""

    device = "cpu"

    def __init__(self) -> None:
        self._embeddings = EmbeddingCache()

    def warm_up(self) -> None:
        """There is nothing to load."""

    def __call__(self, work: ChunkWork) -> ChunkOutput:
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
        threshold = detector.default_threshold if job.threshold is None else job.threshold
        return workers.pipeline.ChunkPipeline(
            work, detector=detector, vocabulary=vocabulary, threshold=threshold
        ).run()


def _gated_decode(*args: object, **kwargs: object) -> Generator[DecodedFrame, None, None]:
    gate("decode")
    yield from decode_chunk(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they come


def _gated_merge(*args: object, **kwargs: object) -> object:
    gate("reduce")
    return merge_logs(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they come


tasks.reduce.job.merge_logs = _gated_merge  # type: ignore[assignment]
workers.pipeline.decode_chunk = _gated_decode  # type: ignore[assignment]
workers.pipeline.peak_memory_bytes = lambda: None  # the real one asks torch
install(LightProcessor)
