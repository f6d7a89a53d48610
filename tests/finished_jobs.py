"""Finished jobs on real clips, whose detections are made up: as the stages leave them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from api_client.contract import ChunkMarker, ChunkSpec, JobResult, Stage, keys
from api_client.contract.detection_log import SCHEMA, write_log
from api_client.contract.marker import Gap, StoredFile
from api_client.job_files import JobFiles
from api_client.media.source.probe import probe
from api_client.question import job_spec
from api_client.queue.connections import open_store_of
from api_client.settings import Settings
from api_client.submission import upload_job
from tasks.connections import WorkerConnections
from tasks.job import Job
from tasks.log.making import LogMaking, detect_markers
from vocabularies import Vocabulary

Row = Mapping[str, Any]
Box = tuple[float, float, float, float]


def row(frame_index: int, class_id: int, confidence: float, box: Box) -> Row:
    """One detection; what its clip decides is filled in by `finish_job`."""
    sides = dict(zip(("x_min", "y_min", "x_max", "y_max"), box, strict=True))
    return {"frame_index": frame_index, "class_id": class_id, "confidence": confidence, **sides}


def finish_job(
    settings: Settings,
    clip: Path,
    rows: Sequence[Row],
    *,
    labels: Sequence[str] = ("cat", "dog"),
    gaps: tuple[Gap, ...] = (),
    with_video: bool = True,
    **job: Any,
) -> JobFiles:
    """Store a job that found these rows; the clip itself stands for its annotated video."""
    spec = job_spec(
        settings, vocabulary=Vocabulary(name="custom", labels=tuple(labels)), threshold=0.5, **job
    )
    store = open_store_of(settings)
    manifest = upload_job(store, settings, probe(clip), spec, lambda _: None)
    files = JobFiles(store, manifest.job_id)
    seconds = dict(_times(manifest.chunks, manifest.video.time_seconds))
    directory = settings.home / "results" / manifest.job_id
    directory.mkdir(parents=True)
    for chunk in manifest.chunks:
        inside = [r for r in rows if r["frame_index"] in chunk.frame_indices]
        _finish_chunk(files, chunk, [_filled(r, labels, seconds) for r in inside], directory)
    job_of_worker = Job(connections=WorkerConnections(settings), job_id=files.job_id)
    making = LogMaking(job_of_worker, detect_markers(job_of_worker), directory)
    making.gaps = gaps
    names = making.write(lambda: None)
    if with_video:
        names.append("annotated.mp4")
        (directory / names[-1]).write_bytes(clip.read_bytes())
    for name in names:
        store.put_file(keys.result(files.job_id, name), directory / name)
    result = JobResult(
        state="completed_with_gaps" if gaps else "completed",
        job_id=files.job_id,
        created_at=manifest.created_at,
        finished_at=datetime.now(UTC),
        files=tuple(StoredFile.of(directory / name) for name in names),
        frame_count=manifest.video.frame_count,
        detection_count=len(rows),
        gaps=gaps,
        provenance={"threshold": 0.5},
    )
    store.put(keys.job_done(files.job_id), result.to_bytes())
    files.close()
    return files


def _times(chunks: Iterable[ChunkSpec], time_seconds: Any) -> Iterable[tuple[int, tuple[int, float]]]:
    for chunk in chunks:
        for frame_index, pts in zip(chunk.frame_indices, chunk.pts, strict=True):
            yield frame_index, (pts, time_seconds(pts))


def _filled(found: Row, labels: Sequence[str], seconds: Mapping[int, tuple[int, float]]) -> Row:
    pts, time = seconds[found["frame_index"]]
    named = {"pts": pts, "time_seconds": time, "class_name": labels[found["class_id"]]}
    return {**found, **named, "tracker_id": None, "mask": None}


def _finish_chunk(files: JobFiles, chunk: ChunkSpec, rows: list[Row], directory: Path) -> None:
    path = directory / "detections.parquet"
    ordered = sorted(rows, key=lambda r: (r["frame_index"], -r["confidence"]))
    write_log(path, [pa.RecordBatch.from_pylist(ordered, schema=SCHEMA)])
    files.store.put_file(keys.part_output(files.job_id, Stage.DETECT, chunk.index, path.name), path)
    done = ChunkMarker(outcome="done", files=(StoredFile.of(path),), worker="test", threshold=0.5)
    files.write_part_marker(Stage.DETECT, chunk.index, done)
