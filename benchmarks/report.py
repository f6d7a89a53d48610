"""How large the report of a long video is, how soon it shows and answers: `python -m benchmarks.report`.

A made-up log: 100 000 frames, 1203 words, 4000 objects, about four boxes in a frame; crops of noise, the
least compressible there is. Needs Chromium, as the report's tests do.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import CDPSession, Page, sync_playwright

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
from api_client.log.boxes import LoggedBox
from api_client.log.frames import FrameRecord
from api_client.log.report import cut_crops, write_report
from vocabularies import Vocabulary

WORDS, RATE = 1203, 25
_TIMED = """
(deed) => new Promise((resolve) => {
  const begin = performance.now();
  eval(deed);
  requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - begin), 0));
})
"""
_SLIDER = "const s = document.getElementById('confidence'); s.value = {}; s.dispatchEvent(new Event('input'))"
_WORD = "const w = document.getElementById('word'); w.value = '{}'; w.dispatchEvent(new Event('input'))"
_FROM = "const f = document.getElementById('from'); f.value = '{}'; f.dispatchEvent(new Event('change'))"
DEEDS = {
    "confidence to 60 %": _SLIDER.format(60),
    "confidence to 90 %": _SLIDER.format(90),
    "confidence back": _SLIDER.format(50),
    "word 'thing 7'": _WORD.format("thing 7"),
    "word cleared": _WORD.format(""),
    "sorted by name": "document.querySelector('[data-sort=name]').click()",
    "scrolled to the middle": "const g = document.getElementById('grid'); g.scrollTop = g.scrollHeight / 2",
    "row opened": "document.querySelectorAll('.row')[6].querySelector('.name').click()",
    "zoomed": _FROM.format("10:00"),
    "whole video": "document.getElementById('whole').click()",
}


def manifest(frames: int) -> Manifest:
    """A job of that many frames."""
    pts = PtsRuns.from_pts(range(frames))
    chunk = ChunkSpec(index=0, first_frame=0, pts=pts, offset_pts=0, size_bytes=1, sha256="0" * 64)
    labels = tuple(f"thing {n}" for n in range(WORDS))
    video = VideoSpec(
        codec="h264", width_px=1920, height_px=1080, time_base=(1, RATE), average_rate=(RATE, 1),
        frame_count=frames, first_pts=0,
    )  # fmt: skip
    document = JobDocument(
        job_id="20260101-long",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        source=SourceSpec(file_name="long.mp4", size_bytes=1, container="mp4"),
        source_id="0" * 32,
        job=JobSpec(vocabulary=Vocabulary(name="lvis", labels=labels), detector=DetectorSpec(name="pocket")),
    )
    return Manifest(document=document, footage=Source(source_id="0" * 32, video=video, chunks=(chunk,)))


def made_tracks(frames: int, count: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Objects of random words and places in time, about a hundred frames each."""
    lengths = rng.integers(5, 2 * 4 * frames // count, count)
    firsts = np.sort(rng.integers(0, frames - lengths))
    return [
        {
            "tracker_id": n + 1, "class_id": int(word), "class_name": f"thing {word}",
            "first_frame": int(first), "last_frame": int(first + length - 1), "frames_seen": int(length),
            "best_seconds": int(first) / RATE, "best_confidence": 0.95, "best_frame": int(first),
            "x_min": 0.0, "y_min": 0.0, "x_max": 160.0, "y_max": 120.0,
        }
        for n, (first, length, word) in enumerate(
            zip(firsts, lengths, rng.integers(0, WORDS, count), strict=True)
        )
    ]  # fmt: skip


def made_frames(frames: int, tracks: list[dict[str, Any]], rng: np.random.Generator) -> Iterator[FrameRecord]:
    """Every frame with the objects that are in it, at random confidences, one in twenty interpolated."""
    begins: dict[int, list[dict[str, Any]]] = {}
    for track in tracks:
        begins.setdefault(track["first_frame"], []).append(track)
    there: list[dict[str, Any]] = []
    for index in range(frames):
        there = [track for track in there if track["last_frame"] >= index] + begins.get(index, [])
        confidences = rng.uniform(0.5, 1, len(there)).tolist()
        filled = (rng.uniform(size=len(there)) < 0.05).tolist()
        boxes = [
            LoggedBox(
                index, index, index / RATE, track["class_id"], track["class_name"], confidence,
                0, 0, 10, 10, track["tracker_id"], is_filled, None, None,
            )
            for track, confidence, is_filled in zip(there, confidences, filled, strict=True)
        ]  # fmt: skip
        yield FrameRecord(
            frame_index=index,
            pts=index,
            time_seconds=index / RATE,
            unseen=None,
            boxes=tuple(boxes),
            size_px=(640, 360),
        )


def written(directory: Path, frames: int, objects: int) -> Path:
    """Write the page; say how long that took and how large it is."""
    rng = np.random.default_rng(1)
    tracks = made_tracks(frames, objects, rng)
    noise = rng.integers(0, 255, (160, 160, 3), dtype=np.uint8)
    crops = {track["tracker_id"]: jpeg for track in tracks for jpeg in cut_crops(noise, [track]).values()}
    began = time.monotonic()
    path = directory / "report.html"
    write_report(
        path, manifest=manifest(frames), frames=made_frames(frames, tracks, rng), tracks=tracks, summary={},
        crops=crops, video_name=None,
    )  # fmt: skip
    print(f"written in {time.monotonic() - began:.1f} s, {path.stat().st_size / 1e6:.2f} MB")
    return path


def _main_thread_ms(session: CDPSession) -> float:
    """How long the page's main thread has computed, whatever else the machine has to do."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1000 * next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def measure(page: Page, path: Path) -> None:
    """Say when the page shows its rows, and how soon it answers."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]")
    shown = page.evaluate("performance.getEntriesByName('ready')[0]?.startTime ?? performance.now()")
    print(page.text_content("#counts"))
    print(f"{page.locator('.row').count()} rows in the document")
    print(f"{'shown':<24} {shown:6.0f} ms, {_main_thread_ms(session):6.0f} ms of computing")
    for name, deed in DEEDS.items():
        before = _main_thread_ms(session)
        took = page.evaluate(_TIMED, deed)
        print(f"{name:<24} {took:6.0f} ms, {_main_thread_ms(session) - before:6.0f} ms of computing")


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--objects", type=int, default=4000)
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        path = written(Path(directory), asked.frames, asked.objects)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for _ in range(asked.times):
            print(f"load average {os.getloadavg()[0]:.1f}")
            measure(browser.new_page(viewport={"width": 1400, "height": 900}), path)
        browser.close()


if __name__ == "__main__":
    main()
