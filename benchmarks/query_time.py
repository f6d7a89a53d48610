"""How long `client query` takes, from the shell's prompt to its results, of a long video.

    python -m benchmarks.query_time CLIP --minutes 10

The clip is repeated until it is long enough, and looked at once: its regions are stored for every repetition,
as workers store them. Then other words are asked by the command line, with nothing running before. Printed
are seconds on the clock, those of the processor's that asking and following took, and how busy the machine
was with other things.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from api_client.contract import ChunkMarker, ChunkSpec, Stage, keys
from api_client.contract.detection_log import write_log
from api_client.contract.marker import StoredFile
from api_client.contract.thresholds import Thresholds
from api_client.job_files import JobFiles
from api_client.log.regions import IndexBuilder, write_index
from api_client.media.source.probe import probe
from api_client.question import job_spec
from api_client.queue.connections import open_store_of
from api_client.settings import Settings
from api_client.submission import upload_job
from benchmarks.ask_again import FIRST, Looked, embedded, looked_at
from workers.detectors import Detector
from workers.detectors.registry import load_detector
from workers.frame_detections import FrameDetections
from workers.log_writer import record_batches
from workers.region_index import index_header

WORDS = "shoe, hat, shopping bag, escalator, door"


def repeated(clip: Path, minutes: float, path: Path) -> Path:
    """Write the clip again and again, packet for packet."""
    command = ["ffmpeg", "-v", "error", "-stream_loop", "1000", "-i", clip, "-c", "copy", "-an"]
    subprocess.run([*command, "-t", f"{60 * minutes}", path], check=True)
    return path


def stored_job(settings: Settings, video: Path, looked: Looked, detector: Detector) -> JobFiles:
    """A job whose detector has looked at every part."""
    store = open_store_of(settings)
    job = job_spec(settings, vocabulary=FIRST, rendering=None)
    manifest = upload_job(store, settings, probe(video), job, lambda _: None)
    files = JobFiles(store, manifest.job_id)
    with tempfile.TemporaryDirectory() as directory:
        for chunk in manifest.chunks:
            _store_part(files, chunk, looked, detector, settings.regions_per_frame, Path(directory))
    return files


def _store_part(
    files: JobFiles, chunk: ChunkSpec, looked: Looked, detector: Detector, most: int, directory: Path
) -> None:
    thresholds, manifest = Thresholds(default=detector.default_threshold), files.manifest()
    builder = IndexBuilder(index_header(detector, manifest.video, thresholds=thresholds, most_regions=most))
    frames = []
    for frame_index, pts in zip(chunk.frame_indices, chunk.pts, strict=True):
        seen = looked.frames[frame_index % len(looked.frames)].detections
        assert seen.regions is not None
        regions = seen.regions
        builder.add(frame_index, pts, regions.boxes_xyxy_px, regions.objectness, regions.features)
        frames.append(FrameDetections(frame_index=frame_index, pts=pts, detections=seen))
    index, log = directory / keys.REGIONS, directory / "detections.parquet"
    write_index(index, builder.built())
    write_log(log, record_batches(frames, manifest.video, manifest.job.vocabulary.labels))
    for path in (index, log):
        files.store.put_file(keys.part_output(files.job_id, Stage.DETECT, chunk.index, path.name), path)
    marker = ChunkMarker(
        outcome="done",
        files=(StoredFile.of(log), StoredFile.of(index)),
        worker="benchmark",
        detector_weights_digest=detector.weights_digest,
        threshold=detector.default_threshold,
    )
    files.write_part_marker(Stage.DETECT, chunk.index, marker)


def client(settings: Settings, *arguments: object) -> float:
    """Run the command line; return the seconds it took."""
    command = [sys.executable, "-P", "-m", "api_client.cli", *map(str, arguments)]
    started = time.perf_counter()
    subprocess.run(
        command, check=True, env={**os.environ, "HORATIO_HOME": str(settings.home)}, capture_output=True
    )
    return time.perf_counter() - started


def main() -> None:
    """Print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--frames", type=int, default=100, help="of the clip to look at")
    told = parser.parse_args()
    detector = load_detector("pocket", device="cpu")
    looked = looked_at(told.clip, detector, embedded(detector, FIRST), most=told.frames)
    with tempfile.TemporaryDirectory() as directory:
        settings = Settings.load(home=Path(directory) / "home")
        video = repeated(told.clip, told.minutes, Path(directory) / "long.mp4")
        files = stored_job(settings, video, looked, detector)
        client(settings, "resume", files.job_id, "-o", Path(directory) / "first", "-q")
        load = os.getloadavg()[0]
        manifest = files.manifest()
        for name in ("cold", "words known"):
            results = Path(directory) / name
            seconds = client(settings, "query", files.job_id, "-v", WORDS, "-o", results, "-q")
            print(
                f"{manifest.video.frame_count} frames in {len(manifest.chunks)} parts, {name}: "
                f"{seconds:.1f} s (load {load:.1f} on {os.cpu_count()} cores before)"
            )


if __name__ == "__main__":
    main()
