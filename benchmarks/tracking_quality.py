"""How well objects are followed, against people's own annotations and against another implementation.

    python -m benchmarks.tracking_quality VENV

VENV: a virtual environment that holds `motmetrics` (whose package ships the ground truth of TUD-Campus and
TUD-Stadtmitte, with detections), `trackeval` (which computes HOTA, MOTA, IDF1) and Roboflow's `trackers`
(whose ByteTrack stands for the reference): `python -m venv VENV; VENV/bin/pip install motmetrics trackeval
trackers`. It is apart because `trackers` brings `opencv-python`, which does not go with the headless build.
Prints one line of JSON a sequence and tracker; nothing where the environment lacks a package.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from api_client.log.tracks.parameters import TrackerParameters
from api_client.log.tracks.tracker import Tracker

SEQUENCES = ("TUD-Campus", "TUD-Stadtmitte")
_PARAMETERS = TrackerParameters(sure_confidence=0.6, remembered_steps=25, sightings_needed=1)


def detections_of(table: np.ndarray, kind: str) -> np.ndarray:
    """Frame, x_min, y_min, x_max, y_max, confidence; without identity.

    kind: "perfect" takes the boxes as they are; "worn" loses one in ten, moves the others by a pixel or
    two, and gives them confidences from .4 to 1, the same every time.
    """
    random = np.random.default_rng(0)
    boxes = np.column_stack([table[:, 0], table[:, 2:4], table[:, 2:4] + table[:, 4:6], np.ones(len(table))])
    if kind == "worn":
        boxes[:, 1:5] += random.normal(0, 2, (len(boxes), 4))
        boxes[:, 5] = random.uniform(0.4, 1.0, len(boxes))
        boxes = boxes[random.random(len(boxes)) > 0.1]
    return boxes[np.argsort(boxes[:, 0], kind="stable")]


def follow(detections: np.ndarray, parameters: TrackerParameters = _PARAMETERS) -> np.ndarray:
    """(N,): our identity of each detection, 0 for none. They are in order of their frames."""
    tracker = Tracker(parameters)
    frames = np.unique(detections[:, 0])
    parts = [detections[detections[:, 0] == frame] for frame in frames]
    numbers = np.concatenate(
        [
            tracker.step(int(frame), part[:, 1:5], part[:, 5], np.zeros(len(part), np.int64))
            for frame, part in zip(frames, parts, strict=True)
        ]
    )
    tracker.finish()
    return np.where(np.isin(numbers, [number for number, _ in tracker.finished]), numbers, 0)


_REFERENCE = """
import json, sys, warnings
import numpy as np
warnings.simplefilter("ignore")
import supervision as sv
from trackers import ByteTrackTracker
rows = np.load(sys.argv[1])
tracker = ByteTrackTracker(lost_track_buffer=25, frame_rate=30.0, track_activation_threshold=0.6,
                           minimum_consecutive_frames=1, high_conf_det_threshold=0.6)
out = np.zeros(len(rows), int)
for frame in np.unique(rows[:, 0]):
    where = np.flatnonzero(rows[:, 0] == frame)
    boxes, confidence = rows[where, 1:5].astype(np.float32), rows[where, 5].astype(np.float32)
    labels = np.zeros(len(where), int)
    found = sv.Detections(xyxy=boxes, confidence=confidence, class_id=labels, data={"row": where})
    tracked = tracker.update(found)
    for row, identity in zip(tracked.data["row"], tracked.tracker_id):
        out[row] = max(0, int(identity) + 1)
np.save(sys.argv[2], out)
"""

_METRICS = """
import contextlib, io, json, sys
import numpy as np
from trackeval.metrics import CLEAR, HOTA, Identity
truth, found = np.load(sys.argv[1]), np.load(sys.argv[2])

def iou(a, b):
    corner = np.maximum(a[:, None, :2], b[None, :, :2])
    size = np.clip(np.minimum(a[:, None, 2:], b[None, :, 2:]) - corner, 0, None)
    common = size.prod(-1)
    area = lambda boxes: (boxes[:, 2:] - boxes[:, :2]).prod(-1)
    return common / (area(a)[:, None] + area(b)[None] - common)

def dense(ids):
    return np.unique(ids, return_inverse=True)[1]

truth_ids, found_ids = dense(truth[:, 5]), dense(found[:, 5])
frames = np.unique(truth[:, 0])
data = {"gt_ids": [], "tracker_ids": [], "similarity_scores": []}
for frame in frames:
    t, f = truth[:, 0] == frame, found[:, 0] == frame
    data["gt_ids"].append(truth_ids[t]); data["tracker_ids"].append(found_ids[f])
    data["similarity_scores"].append(iou(truth[t, 1:5], found[f, 1:5]))
data |= {"num_gt_dets": len(truth), "num_tracker_dets": len(found), "num_gt_ids": truth_ids.max() + 1,
         "num_tracker_ids": found_ids.max() + 1, "num_timesteps": len(frames), "seq": "seq"}
with contextlib.redirect_stdout(io.StringIO()):
    clear, identity, hota = (metric.eval_sequence(data) for metric in (CLEAR(), Identity(), HOTA()))
print(json.dumps({"HOTA": round(float(hota["HOTA"].mean()), 3), "MOTA": round(float(clear["MOTA"]), 3),
                  "IDF1": round(float(identity["IDF1"]), 3), "switches": int(clear["IDSW"])}))
"""


def agreement(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Share of the detections both follow whose identities fit: of ours, each goes with one of theirs."""
    from scipy.optimize import linear_sum_assignment

    both = (ours > 0) & (theirs > 0)
    pairs = np.zeros((ours.max() + 1, theirs.max() + 1))
    np.add.at(pairs, (ours[both], theirs[both]), 1)
    return float(pairs[linear_sum_assignment(pairs, maximize=True)].sum() / max(1, both.sum()))


class Elsewhere:
    """Runs a script in the other environment; arrays go by file."""

    def __init__(self, venv: Path, directory: Path) -> None:
        self._python, self._directory = venv / "bin/python", directory

    def run(self, script: str, *arrays: np.ndarray) -> str:
        """Return what it prints; the arrays are its first arguments, `out.npy` its last."""
        paths = [self._directory / f"{number}.npy" for number in range(len(arrays))]
        for path, array in zip(paths, arrays, strict=True):
            np.save(path, array)
        command = [str(self._python), "-c", script, *map(str, paths), str(self._directory / "out.npy")]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def has(self, *modules: str) -> bool:
        """Whether all can be imported there."""
        command = [str(self._python), "-c", f"import {', '.join(modules)}"]
        return self._python.exists() and subprocess.run(command, capture_output=True).returncode == 0

    def truth(self, sequence: str) -> np.ndarray:
        """Ground truth as motmetrics ships it: frame, identity, left, top, width, height, considered."""
        script = "import importlib.util as u; print(u.find_spec('motmetrics').submodule_search_locations[0])"
        package = Path(self.run(script).strip())
        table = np.loadtxt(package / "data" / sequence / "gt.txt", delimiter=",")
        return table[table[:, 6] != 0]

    def reference(self, detections: np.ndarray) -> np.ndarray:
        """(N,): the identities Roboflow's ByteTrack gives, 0 for none."""
        self.run(_REFERENCE, detections)
        return np.load(self._directory / "out.npy")


def main() -> None:
    """Print a line for each sequence, kind of detections, and tracker."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("venv", type=Path)
    with tempfile.TemporaryDirectory(prefix="horatio-benchmark-") as directory:
        elsewhere = Elsewhere(parser.parse_args().venv, Path(directory))
        if not elsewhere.has("trackeval", "trackers", "supervision"):
            print("the environment lacks trackeval or trackers: nothing is measured")
            return
        for sequence in SEQUENCES:
            for kind in ("perfect", "worn"):
                _measure(elsewhere, sequence, kind)


def _measure(elsewhere: Elsewhere, sequence: str, kind: str) -> None:
    table = elsewhere.truth(sequence)
    truth = np.column_stack([table[:, 0], table[:, 2:4], table[:, 2:4] + table[:, 4:6], table[:, 1]])
    detections = detections_of(table, kind)
    identities = {"ours": follow(detections), "reference": elsewhere.reference(detections)}
    for name, numbers in identities.items():
        found = np.column_stack([detections[:, :5], numbers])[numbers > 0]
        scores = json.loads(elsewhere.run(_METRICS, truth, found))
        print(json.dumps({"sequence": sequence, "detections": kind, "tracker": name, **scores}), flush=True)
    share = round(agreement(identities["ours"], identities["reference"]), 3)
    print(json.dumps({"sequence": sequence, "detections": kind, "agreement": share}), flush=True)


if __name__ == "__main__":
    main()
