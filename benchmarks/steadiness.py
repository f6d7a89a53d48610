"""How steady what a log says is: before objects are followed, and after.

    python -m benchmarks.steadiness RESULTS...

RESULTS: directories that `client submit` or `client fetch` filled. For each, one line of JSON: how much the
number of boxes changes from one frame to the next on average, and how often the label changes inside a
track, both for what the detector said (detections) and for what is followed (rows with a `tracker_id`).
"""

import argparse
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq


def steadiness(results: Path) -> dict[str, Any]:
    """Measure one directory of results."""
    rows = pq.read_table(results / "detections.parquet").drop_columns(["mask"]).to_pylist()
    frames = json.loads((results / "summary.json").read_text())["frames"]
    detected = [row for row in rows if not row["interpolated"]]
    followed = [row for row in rows if row["tracker_id"] is not None]
    return {
        "results": results.name,
        "frames": frames,
        "detections": len(detected),
        "followed": len(followed),
        "interpolated": len(rows) - len(detected),
        "tracks": len({row["tracker_id"] for row in followed}),
        "change_per_frame": {
            "detections": _change(detected, frames),
            "followed": _change(followed, frames),
        },
        "label_changes_in_tracks": {
            "detections": _label_changes([row for row in followed if not row["interpolated"]], voted=False),
            "followed": _label_changes(followed, voted=True),
        },
    }


def _change(rows: list[dict[str, Any]], frames: int) -> float:
    counts = np.bincount([row["frame_index"] for row in rows], minlength=frames)
    return round(float(np.abs(np.diff(counts)).mean()), 3)


def _label_changes(rows: list[dict[str, Any]], *, voted: bool) -> int:
    labels: dict[int, list[str]] = {}
    for row in rows:
        said = row["class_name"] if voted else row["detected_as"] or row["class_name"]
        labels.setdefault(row["tracker_id"], []).append(said)
    return sum(a != b for said in labels.values() for a, b in pairwise(said))


def main() -> None:
    """Print a line for each directory."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path, nargs="+")
    for results in parser.parse_args().results:
        print(json.dumps(steadiness(results)))


if __name__ == "__main__":
    main()
