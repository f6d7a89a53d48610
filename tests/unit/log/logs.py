"""Chunk logs and jobs of made-up boxes, and what becomes of them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from api_client.contract import ChunkMarker, JobResult, Manifest, Stage, keys
from api_client.contract.detection_log import SCHEMA, write_log
from api_client.contract.marker import StoredFile
from api_client.job_files import JobFiles
from api_client.store import open_store
from tasks.log.making import LogMaking
from tests.made_log import made_log
from tests.manifests import asking, chunk, manifest, store_manifest
from vocabularies import Vocabulary

Row = dict[str, object]
RATE = 10
WIDTH, HEIGHT = 64, 48


def row(
    frame_index: int,
    class_id: int,
    confidence: float,
    box: tuple[float, float, float, float] = (1.0, 2.0, 30.5, 40.0),
    *,
    mask: bytes | None = None,
) -> Row:
    """One detection; its label is filled in by `Job`."""
    sides = dict(zip(("x_min", "y_min", "x_max", "y_max"), box, strict=True))
    return {
        "frame_index": frame_index,
        "pts": frame_index,
        "time_seconds": frame_index / RATE,
        "class_id": class_id,
        "confidence": confidence,
        **sides,
        "tracker_id": None,
        "mask": mask,
    }


def walker(frames: Iterable[int], class_id: int = 0, *, x: float = 2.0, confidence: float = 0.9) -> list[Row]:
    """Somebody who walks to the right, half a pixel a frame."""
    return [row(i, class_id, confidence, (x + i / 2, 5.0, x + 10 + i / 2, 35.0)) for i in frames]


class Job:
    """A job in a store of its own, whose chunks are done."""

    def __init__(
        self,
        directory: Path,
        rows: Sequence[Row],
        *,
        frames: int = 40,
        frames_per_chunk: int = 40,
        labels: Sequence[str] = ("cat", "dog"),
        **job: object,
    ) -> None:
        self.directory = directory
        starts = range(0, frames, frames_per_chunk)
        spans = [range(start, min(frames, start + frames_per_chunk)) for start in starts]
        made = manifest(chunks=tuple(chunk(i, span, first_frame=span[0]) for i, span in enumerate(spans)))
        vocabulary = Vocabulary(name="custom", labels=tuple(labels))
        self.manifest: Manifest = asking(made, **{"vocabulary": vocabulary, "threshold": 0.5, **job})
        self.files = JobFiles(open_store(str(directory / "store")), "job")
        for index, span in enumerate(spans):
            inside = [
                {**r, "class_name": labels[int(str(r["class_id"]))]} for r in rows if r["frame_index"] in span
            ]
            self._finish(
                index, sorted(inside, key=lambda r: (r["frame_index"], -float(str(r["confidence"]))))
            )

    def merge(self) -> tuple[LogMaking, list[str]]:
        """Put its logs together in `results`."""
        (self.directory / "results").mkdir(exist_ok=True)
        return made_log(self.files.store, self.manifest, self.directory / "results")

    def store_results(self) -> None:
        """As a job without a video ends."""
        log, names = self.merge()
        results = self.directory / "results"
        for name in names:
            self.files.store.put_file(keys.result("job", name), results / name)
        done = JobResult(
            state="completed",
            job_id="job",
            created_at=datetime.now(UTC),
            finished_at=datetime.now(UTC),
            files=tuple(StoredFile.of(results / name) for name in names),
            frame_count=log.summary.frames,
            detection_count=log.summary.detections,
            provenance={},
        )
        store_manifest(self.files.store, self.manifest)
        self.files.store.put(keys.job_done("job"), done.to_bytes())

    def _finish(self, index: int, rows: list[Row]) -> None:
        path = self.directory / "detections.parquet"
        write_log(path, [pa.RecordBatch.from_pylist(rows, schema=SCHEMA)])
        self.files.store.put_file(keys.part_output("job", Stage.DETECT, index, path.name), path)
        marker = ChunkMarker(outcome="done", files=(StoredFile.of(path),), worker="test")
        self.files.write_part_marker(Stage.DETECT, index, marker)
