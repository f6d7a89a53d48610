"""A worker whose chunks cost nothing: `celery -A benchmarks.load_boot worker -Q detect`.

`LOAD_WORK_SECONDS` makes each cost that long.
"""

import os
import time

from tasks.processors import install
from tasks.work import DetectOutput, DetectWork
from workers.boot import app

__all__ = ["app"]


class NoProcessors:
    """Writes an output of a few bytes."""

    device = "none"

    def warm_up(self) -> None:
        """There is nothing to load."""

    def detect(self, work: DetectWork) -> DetectOutput:
        """Sleep for as long as was asked for."""
        began_at = time.perf_counter()
        time.sleep(float(os.environ.get("LOAD_WORK_SECONDS", "0")))
        path = work.output_dir / "detections.parquet"
        path.write_bytes(b"nothing")
        work.heartbeat(work.chunk.frame_count)
        return DetectOutput(
            detection_count=0,
            unreadable_frames=(),
            seconds_by_stage={"work": time.perf_counter() - began_at},
            detector_weights_digest="0" * 64,
        )


install(NoProcessors)
