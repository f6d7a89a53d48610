"""Small intact files of every kind, made when they are needed: nothing but recipes is committed."""

import json
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from api_client.contract import ChunkMarker, JobDocument, JobResult, Rendering, TrackMarker
from api_client.contract.marker import Gap, StoredFile
from tests.manifests import DIGEST, chunk, manifest

_VIDEOS = {
    "mp4": ("libx264", {"g": "5", "bf": "2"}),
    "mov": ("mpeg4", {"g": "5"}),
    "mkv": ("libx264", {"g": "5", "bf": "2"}),
    "webm": ("libvpx", {"g": "5"}),
    "avi": ("mpeg4", {"g": "5"}),
    "ts": ("libx264", {"g": "5"}),
    "gif": ("gif", {}),
}
_PICTURES = {"jpeg": "mjpeg", "png": "png", "webp": "libwebp"}
FORMATS = (*_VIDEOS, *_PICTURES)
_PIXELS = {"gif": "rgb8", "jpeg": "yuvj420p", "png": "rgb24"}


def media(format_name: str, directory: Path) -> bytes:
    """A video of twelve frames with sound where the format has it, or one picture."""
    path = directory / f"seed.{format_name}"
    if format_name in _VIDEOS:
        codec, options = _VIDEOS[format_name]
        _write_video(path, codec, options, _PIXELS.get(format_name, "yuv420p"), sound=format_name == "mp4")
    else:
        _write_picture(path, _PICTURES[format_name], _PIXELS.get(format_name, "yuv420p"))
    return path.read_bytes()


def _write_video(path: Path, codec: str, options: dict[str, str], pixels: str, *, sound: bool) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=12, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        tone = container.add_stream("aac", rate=16_000, layout="mono") if sound else None
        for index in range(12):
            container.mux(stream.encode(_frame(index, pixels)))
        container.mux(stream.encode(None))
        if tone is not None:
            samples = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.float32), "fltp", "mono")
            samples.sample_rate, samples.pts = 16_000, 0
            container.mux(tone.encode(samples))
            container.mux(tone.encode(None))


def _write_picture(path: Path, codec: str, pixels: str) -> None:
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt = 64, 48, pixels
    encoder.time_base = Fraction(1, 12)
    packets = [*encoder.encode(_frame(3, pixels)), *encoder.encode(None)]
    path.write_bytes(b"".join(map(bytes, packets)))


def _frame(index: int, pixels: str) -> av.VideoFrame:
    picture = np.full((48, 64, 3), 128, np.uint8)
    picture[8:32, 2 * index : 2 * index + 24] = (220, 30, 30)
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixels)
    frame.pts = index
    return frame


def documents() -> dict[str, Any]:
    """One of each kind of stored document, with every field in use."""
    written_at = datetime(2026, 1, 1, tzinfo=UTC)
    stored = StoredFile(name="detections.txt", size_bytes=0, sha256=DIGEST)
    marker = ChunkMarker(
        outcome="done",
        files=(stored,),
        detection_count=3,
        near_misses={"dog": 0.4},
        unreadable_frames=(4,),
        reason="none",
        worker="host:1",
        seconds_by_stage={"decode": 0.1},
        detector_weights_digest=DIGEST,
    )
    result = JobResult(
        state="completed_with_gaps",
        job_id="job",
        created_at=written_at,
        finished_at=written_at,
        files=(stored,),
        frame_count=10,
        detection_count=3,
        gaps=(Gap(first_frame=1, last_frame=2, reason="damaged"),),
        notes=("a note",),
        provenance={"versions": {"av": "18"}},
    )
    tracked = TrackMarker(
        files=(stored,),
        rows=(stored.model_copy(update={"name": "000000.parquet"}),),
        detection_count=3,
        gaps=(Gap(first_frame=1, last_frame=2, reason="damaged"),),
        provenance={"threshold": 0.5, "seconds_by_stage": {"decode": 0.1}},
    )
    job = manifest(chunks=(chunk(0, range(0, 90, 10)), chunk(1, [100, 103, 107], first_frame=9)))
    return {
        "manifest": json.loads(job.footage.to_bytes()),
        "job": json.loads(_asking().to_bytes()),
        "track": json.loads(tracked.to_bytes()),
        "marker": json.loads(marker.to_bytes()),
        "result": json.loads(result.to_bytes()),
    }


def _asking() -> JobDocument:
    document = manifest(rendering=Rendering(only=("cat",), trails=True)).document
    job = document.job.model_copy(update={"threshold": 0.5, "exports": ("coco",)})
    return document.model_copy(update={"job": job})


VOCABULARY = "# what to look for\ntaxi\n\n  stop   sign # red\nC# book\ncafé\n猫, große\n🚕\n".encode()
SETTINGS = (
    b"HORATIO_BROKER_URL=redis://:secret@host:6379/0\nHORATIO_STORE_URL=s3://bucket/prefix\n"
    b"HORATIO_CHUNK_SECONDS=7.5\nHORATIO_CHUNK_FRAMES=300\nHORATIO_MAX_ATTEMPTS=3\nHORATIO_DEVICE=cpu\n"
    b"HORATIO_LOG_LEVEL=INFO\nHORATIO_ALLOW_PYTHON_DETECTORS=0\nHORATIO_METRICS_PORT=9000\nOTHER=1\n"
)
