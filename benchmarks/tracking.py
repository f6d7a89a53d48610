"""How fast objects are followed, and in how much memory, over a made-up log of any length.

    python -m benchmarks.tracking --boxes 10000000

People walk through the picture, are missed now and then, and there are false alarms. Each part runs in a
process of its own and prints a line of JSON: frames a second of processor time (what a core does that
has nothing else to do) and peak resident memory. `follow` is the
tracker alone (reads the gathered log, writes each row's track), `write` the second pass with the Parquet
export, `write-all` with JSON Lines and text too, as the reducer does it.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from api_client.contract import (
    ChunkSpec,
    DetectorSpec,
    JobDocument,
    JobSpec,
    Manifest,
    PtsRuns,
    Source,
    SourceSpec,
    VideoSpec,
)
from api_client.contract.detection_log import SCHEMA, write_log
from api_client.log.exports import ExportedJob, write_exports
from api_client.log.frames import frames_of
from api_client.log.gathered import GatheredLog
from api_client.log.tracks import TrackerParameters, filled, link_log
from vocabularies import Vocabulary

_RATE = 25
_FRAMES_AT_ONCE = 20_000
_LABELS = ("person", "bag")
_WIDTH, _HEIGHT = 1920, 1080


def make_log(path: Path, *, frames: int, people: int) -> int:
    """Write a gathered log; return its rows."""
    random = np.random.default_rng(0)
    chunk = path.with_suffix(".chunk")
    rows = 0
    with GatheredLog(path) as gathered:
        for start in range(0, frames, _FRAMES_AT_ONCE):
            count = min(_FRAMES_AT_ONCE, frames - start)
            rows += write_log(chunk, _walks(random, start, count, people))
            gathered.append(chunk)
    chunk.unlink()
    return rows


def _walks(random: np.random.Generator, start: int, count: int, people: int) -> Iterator[pa.RecordBatch]:
    """Each person crosses the picture in twenty seconds or so, then another comes."""
    frame = np.repeat(np.arange(start, start + count), people)
    person = np.tile(np.arange(people), count)
    period = 400 + 37 * (person % 7)
    way = (frame + 61 * person) % period / period
    x = way * (_WIDTH - 100) + random.normal(0, 1, len(frame))
    y = (person * 97) % 700 + random.normal(0, 1, len(frame))
    seen = random.random(len(frame)) > 0.07
    boxes = [x, y, x + 80, y + 200]
    confidence = np.clip(random.normal(0.8, 0.1, len(frame)), 0.55, 0.99)
    label = (random.random(len(frame)) < 0.03).astype(np.int32)
    order = np.lexsort([-confidence[seen], frame[seen]])
    yield _batch(
        frame[seen][order], label[seen][order], confidence[seen][order], [side[seen][order] for side in boxes]
    )


def _batch(
    frame: np.ndarray, label: np.ndarray, confidence: np.ndarray, boxes: list[np.ndarray]
) -> pa.RecordBatch:
    none = np.full(len(frame), None)
    names = np.array(_LABELS)[label]
    columns = [frame, frame, frame / _RATE, label, names, confidence, *boxes, none, none]
    arrays = [pa.array(values, type=field.type) for values, field in zip(columns, SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def job_of(frames: int) -> Manifest:
    """A job of one chunk."""
    chunk = ChunkSpec(
        index=0,
        first_frame=0,
        pts=PtsRuns(runs=((0, 1, frames),)),
        offset_pts=0,
        size_bytes=1,
        sha256="0" * 64,
    )
    video = VideoSpec(
        codec="h264", width_px=_WIDTH, height_px=_HEIGHT, time_base=(1, _RATE), average_rate=(_RATE, 1),
        frame_count=frames, first_pts=0,
    )  # fmt: skip
    document = JobDocument(
        job_id="job",
        created_at="2026-01-01T00:00:00Z",
        source=SourceSpec(file_name="street.mp4", size_bytes=1, container="mp4"),
        source_id="0" * 32,
        job=JobSpec(
            vocabulary=Vocabulary(name="custom", labels=_LABELS), detector=DetectorSpec(name="pocket"),
            threshold=0.55,
        ),
    )  # fmt: skip
    return Manifest(document=document, footage=Source(source_id="0" * 32, video=video, chunks=(chunk,)))


def run_part(part: str, directory: Path, frames: int) -> None:
    """Do one part and print what it took."""
    manifest = job_of(frames)
    parameters = TrackerParameters.of(manifest, lowest_confidence=0.55)
    log = directory / "log.parquet"
    started = time.process_time()
    links = link_log(log, parameters, directory / "numbers")
    if part != "follow":
        started = time.process_time()
        ends = {track.tracker_id: track.last_frame for track in links.tracks}
        job = ExportedJob(manifest=manifest, description={}, last_frames=ends)
        stream = filled(frames_of(manifest, (), links.boxes(log, _LABELS)), parameters)
        write_exports(
            stream, ("parquet", "jsonl", "txt") if part == "write-all" else ("parquet",), directory, job
        )
    seconds = time.process_time() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    line = {"part": part, "tracks": len(links.tracks), "cpu_seconds": round(seconds, 1)}
    print(
        json.dumps({**line, "frames_per_cpu_second": round(frames / seconds), "peak_mb": round(peak_mb)}),
        flush=True,
    )


def main() -> None:
    """Make the log, then run each part in a process of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--boxes", type=int, default=10_000_000)
    parser.add_argument("--people", type=int, default=5, help="in a frame")
    parser.add_argument("--parts", default="follow,write,write-all")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    parser.add_argument("--directory", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    frames = arguments.boxes // arguments.people
    if arguments.part:
        run_part(arguments.part, arguments.directory, frames)
        return
    with tempfile.TemporaryDirectory(prefix="horatio-benchmark-") as directory:
        rows = make_log(Path(directory, "log.parquet"), frames=frames, people=arguments.people)
        print(json.dumps({"frames": frames, "rows": rows}), flush=True)
        for part in arguments.parts.split(","):
            command = [sys.executable, "-m", "benchmarks.tracking", *sys.argv[1:], "--part", part]
            subprocess.run([*command, "--directory", directory], check=True)


if __name__ == "__main__":
    main()
