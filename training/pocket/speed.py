"""How fast `detect` is: `python -m training.pocket.speed CLIP --words "person, car" --threads 2`.

Prints one JSON line: frames per second by the clock, and processor milliseconds per frame, which a busy
machine disturbs less.
"""

import argparse
import json
import time
from pathlib import Path

import av
import numpy as np

from training.pocket.evaluate import embed
from workers.detectors import Frame
from workers.detectors.pocket import DEFAULT_THRESHOLD, load


def main() -> None:
    """Measure and print."""
    options = _options()
    detector = load(device=options.device, threads=options.threads)
    words = embed(detector, [word.strip() for word in options.words.split(",")])
    frames = _frames(options.clip, detector.batch_size * options.batches)
    groups = [frames[i : i + detector.batch_size] for i in range(0, len(frames), detector.batch_size)]
    detector.detect(groups[0], words, threshold=DEFAULT_THRESHOLD)
    wall, processor = time.perf_counter(), time.process_time()
    for group in groups:
        detector.detect(group, words, threshold=DEFAULT_THRESHOLD, regions=options.regions)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(
        json.dumps(
            {
                "frames": len(frames),
                "frame": list(frames[0].shape[1::-1]),
                "batch": detector.batch_size,
                "threads": options.threads,
                "frames_per_second": round(len(frames) / wall, 1),
                "processor_ms_per_frame": round(1000 * processor / len(frames), 1),
            }
        )
    )


def _frames(clip: Path, count: int) -> list[Frame]:
    frames: list[Frame] = []
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            frames.append(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
            if len(frames) == count:
                break
    return frames


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--words", default="person, car")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batches", type=int, default=5)
    parser.add_argument("--regions", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
