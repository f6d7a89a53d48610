"""Peak memory of the client and of the reducer over a generated long video.

    python -m benchmarks.memory --hours 2

Prints one JSON line per process: its peak resident memory, and what its imports alone take.
The workers' part is simulated by a writer of plain segments and of five made-up detections per frame.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pyarrow as pa
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from api_client.contract import ChunkMarker, ChunkSpec, Manifest, Stage, keys
from api_client.contract.detection_log import SCHEMA, write_log
from api_client.contract.job import DetectorSpec, JobSpec
from api_client.contract.marker import StoredFile
from api_client.job_files import JobFiles
from api_client.media.frames.encode import SegmentWriter
from api_client.media.source.probe import probe
from api_client.settings import Settings
from api_client.store import open_store
from api_client.submission import upload_job
from vocabularies import Vocabulary

_RATE = 30
_SIZE = (160, 90)
_SAMPLES_PER_SECOND, _SAMPLES_PER_PACKET = 16_000, 1024
_ROWS_PER_FRAME = 5


def make_video(path: Path, hours: float) -> None:
    """Repeat the packets of ten encoded seconds, picture and sound, without encoding them again."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=_RATE, options={"bf": "0", "g": str(_RATE * 10)})
        video.width, video.height, video.pix_fmt = *_SIZE, "yuv420p"
        audio = container.add_stream("aac", rate=_SAMPLES_PER_SECOND, layout="mono")
        pictures, sounds = _encoded_pictures(video), _encoded_sounds(audio)
        heard = 0
        for number in range(round(hours * 3600 * _RATE)):
            container.mux(_repeated(video, pictures, number, Fraction(1, _RATE)))
            while heard * _SAMPLES_PER_PACKET * _RATE < number * _SAMPLES_PER_SECOND:
                seconds = Fraction(_SAMPLES_PER_PACKET, _SAMPLES_PER_SECOND)
                container.mux(_repeated(audio, sounds, heard, seconds))
                heard += 1


def _encoded_pictures(stream: VideoStream) -> list[av.Packet]:
    noise = np.random.default_rng(0).integers(0, 255, (_SIZE[1], _SIZE[0] + 10 * _RATE, 3), np.uint8)
    views = (noise[:, i : i + _SIZE[0]].copy() for i in range(10 * _RATE))
    frames = (av.VideoFrame.from_ndarray(view, format="rgb24") for view in views)
    return [packet for frame in (*frames, None) for packet in stream.encode(frame)]


def _encoded_sounds(stream: AudioStream) -> list[av.Packet]:
    samples = np.sin(np.arange(10 * _SAMPLES_PER_SECOND, dtype=np.float32) / 8)[None]
    tone = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
    tone.sample_rate, tone.pts = _SAMPLES_PER_SECOND, 0
    return [packet for frame in (tone, None) for packet in stream.encode(frame)]


def _repeated(
    stream: VideoStream | AudioStream, packets: list[av.Packet], number: int, seconds: Fraction
) -> av.Packet:
    original = packets[number % len(packets)]
    packet = av.Packet(bytes(original))
    packet.stream, packet.time_base = stream, seconds
    packet.pts = packet.dts = number
    packet.is_keyframe = original.is_keyframe
    return packet


def submit(video: Path, store: Path) -> str:
    """The client's part; return the job's id."""
    job = JobSpec(
        vocabulary=Vocabulary(name="custom", labels=("noise",)), detector=DetectorSpec(name="pocket")
    )
    return upload_job(open_store(str(store)), Settings.load(), probe(video), job, lambda _: None).job_id


def simulate_workers(store: Path, job_id: str) -> None:
    """Write what workers would write."""
    files = JobFiles(open_store(str(store)), job_id)
    manifest = files.manifest()
    with tempfile.TemporaryDirectory() as directory:
        for chunk in manifest.chunks:
            outputs = {
                Stage.DETECT: _log(Path(directory), manifest, chunk),
                Stage.RENDER: _segment(Path(directory), manifest, chunk),
            }
            for stage, path in outputs.items():
                files.store.put_file(keys.part_output(job_id, stage, chunk.index, path.name), path)
                stored = (StoredFile.of(path),)
                marker = ChunkMarker(outcome="done", files=stored, worker="benchmark", threshold=0.5)
                files.write_part_marker(stage, chunk.index, marker)


def _segment(directory: Path, manifest: Manifest, chunk: ChunkSpec) -> Path:
    path = directory / "segment.mp4"
    picture = np.zeros((_SIZE[1], _SIZE[0], 3), np.uint8)
    with SegmentWriter(path, manifest.video) as writer:
        for number, pts in enumerate(chunk.pts):
            picture[:, number % _SIZE[0]] += 90
            writer.write(picture, pts)
    return path


def _log(directory: Path, manifest: Manifest, chunk: ChunkSpec) -> Path:
    path = directory / "detections.parquet"
    box = {"x_min": 1.0, "y_min": 2.0, "x_max": 30.0, "y_max": 40.0}
    found = {"class_id": 0, "class_name": "noise", "confidence": 0.5, **box}
    rows = [
        {"frame_index": index, "pts": pts, "time_seconds": manifest.video.time_seconds(pts), **found}
        for index, pts in zip(chunk.frame_indices, chunk.pts, strict=True)
        for _ in range(_ROWS_PER_FRAME)
    ]
    write_log(path, [pa.RecordBatch.from_pylist(rows, schema=SCHEMA)])
    return path


def reduce(store: Path, job_id: str) -> None:
    """The control worker's part: the log, and the video."""
    from tasks.assemble import assemble
    from tasks.connections import WorkerConnections
    from tasks.job import Job
    from tasks.track import track

    job = Job(connections=WorkerConnections(Settings.load(store_url=str(store))), job_id=job_id)
    track(job, lambda: None)
    assemble(job, lambda: None)
    result = job.files.result()
    assert result is not None
    assert result.state == "completed", result.reason


def measured(part: Callable[[], object], name: str) -> None:
    """Print what a part took, in this process."""
    before_bytes = _peak_bytes()
    started = time.perf_counter()
    returned = part()
    line = {
        "process": name,
        "peak_mb": round(_peak_bytes() / 1e6),
        "imports_alone_mb": round(before_bytes / 1e6),
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(json.dumps({**line, "job_id": returned} if isinstance(returned, str) else line), flush=True)


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Run each part in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--part", choices=("submit", "reduce"))
    parser.add_argument("--directory", type=Path)
    parser.add_argument("--job", default="")
    arguments = parser.parse_args()
    if arguments.part == "submit":
        measured(
            lambda: submit(arguments.directory / "long.mp4", arguments.directory / "store"), "client submit"
        )
    elif arguments.part == "reduce":
        measured(lambda: reduce(arguments.directory / "store", arguments.job), "reducer")
    else:
        with tempfile.TemporaryDirectory(prefix="horatio-benchmark-") as directory:
            _all_parts(Path(directory), arguments.hours)


def _all_parts(directory: Path, hours: float) -> None:
    make_video(directory / "long.mp4", hours)
    size_mb = (directory / "long.mp4").stat().st_size / 1e6
    print(
        json.dumps({"video_hours": hours, "frames": round(hours * 3600 * _RATE), "size_mb": round(size_mb)})
    )
    command = [sys.executable, "-m", "benchmarks.memory", "--directory", str(directory), "--part"]
    submitted = subprocess.run([*command, "submit"], check=True, capture_output=True, text=True).stdout
    print(submitted, end="", flush=True)
    job_id = json.loads(submitted)["job_id"]
    simulate_workers(directory / "store", job_id)
    subprocess.run([*command, "reduce", "--job", job_id], check=True)


if __name__ == "__main__":
    main()
