"""How often objects keep their identity, on people's own annotations of crowds, streets and sports.

    python -m benchmarks.identities FOLDER [FOLDER ...] --every 1 3 6

FOLDER: sequences as the MOT Challenge lays them out, `SEQUENCE/gt/gt.txt` beside `SEQUENCE/seqinfo.ini`
(motchallenge.net; SportsMOT, github.com/MCG-NJU/SportsMOT). No picture is needed: what is followed are the
annotated boxes, as they are ("perfect") or worn: one in ten lost, each side moved by 4 % of the box (standard
deviation), confidences from .4 to 1. Since every box followed is an annotated one, nothing has to be matched
by place: IDF1 (Ristani et al. 2016) is counted from which identities go together. Prints a line of JSON each.
"""

import argparse
import json
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import astuple, dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from api_client.log.tracks.parameters import TrackerParameters
from benchmarks.tracking_quality import follow
from workers.detectors.pocket import DEFAULT_THRESHOLD

PEDESTRIAN = 1
Table = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Counts:
    """Of one sequence, or of several together."""

    annotated: int = 0
    followed: int = 0
    right: int = 0
    """Boxes whose identity is the one that goes with their object's."""
    changes: int = 0
    """Times that an object was followed under another identity than before."""
    objects: int = 0
    tracks: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(mine + its for mine, its in zip(astuple(self), astuple(other), strict=True)))


def sequences(folder: Path) -> Iterator[tuple[float, Table]]:
    """Frames a second, and a row an annotated box: frame, identity, left, top, width, height."""
    for truth in sorted(folder.glob("**/gt/gt.txt")):
        information = ConfigParser()
        information.read(truth.parent.parent / "seqinfo.ini")
        rows = np.loadtxt(truth, delimiter=",", ndmin=2)
        considered = rows[:, 6] != 0
        if _has_classes(rows):
            considered &= rows[:, 7] == PEDESTRIAN
        rows = rows[considered & (rows[:, 4] > 0)]
        yield float(information["Sequence"]["frameRate"]), rows[np.argsort(rows[:, 0], kind="stable"), :6]


def _has_classes(rows: Table) -> bool:
    """Whether cars and statues are marked too, as since MOT16: a class, and the share that can be seen."""
    return rows.shape[1] >= 9 and bool((rows[:, 7] >= 1).all() and (abs(rows[:, 8] - 0.5) <= 0.5).all())


def counted(rows: Table, kind: str, *, rate: float, every: int) -> Counts:
    """Follow a sequence's boxes as a job of the default threshold does, and count."""
    frames = int(rows[:, 0].max())
    rows = rows[(rows[:, 0].astype(int) - 1) % every == 0]
    detections, kept = _detections(rows, kind)
    parameters = TrackerParameters.at(
        Fraction(rate), every=every, frames=frames, lowest_confidence=DEFAULT_THRESHOLD
    )
    return _counts(len(rows), rows[kept, 1].astype(int), follow(detections[kept], parameters))


def _detections(rows: Table, kind: str) -> tuple[Table, NDArray[np.bool_]]:
    """Frame from 0, x_min, y_min, x_max, y_max, confidence; and which of them there are."""
    frames, boxes = rows[:, 0] - 1, np.concatenate([rows[:, 2:4], rows[:, 2:4] + rows[:, 4:6]], axis=1)
    if kind == "perfect":
        return np.column_stack([frames, boxes, np.ones(len(rows))]), np.ones(len(rows), bool)
    random = np.random.default_rng(0)
    moved = boxes + random.normal(0, 0.04, boxes.shape) * np.tile(rows[:, 4:6], 2)
    detections = np.column_stack([frames, moved, random.uniform(0.4, 1, len(rows))])
    return detections, random.random(len(rows)) > 0.1


def _counts(annotated: int, objects: Integers, numbers: Integers) -> Counts:
    followed = numbers > 0
    names, row = np.unique(objects[followed], return_inverse=True)
    tracks, column = np.unique(numbers[followed], return_inverse=True)
    together = np.zeros((len(names), len(tracks)))
    np.add.at(together, (row, column), 1)
    of_each = (numbers[followed & (objects == name)] for name in names)
    return Counts(
        annotated=annotated,
        followed=int(followed.sum()),
        right=int(together[linear_sum_assignment(together, maximize=True)].sum()),
        changes=sum(int(np.count_nonzero(np.diff(one))) for one in of_each),
        objects=len(np.unique(objects)),
        tracks=len(tracks),
    )


def main() -> None:
    """Print a line for each folder, kind of detections, and frames that are looked at."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--every", type=int, nargs="+", default=[1])
    options = parser.parse_args()
    for folder in options.folders:
        truths = list(sequences(folder))
        for every in options.every:
            for kind in ("perfect", "worn"):
                each = (counted(rows, kind, rate=rate, every=every) for rate, rows in truths)
                _print(folder, every, kind, sum(each, Counts()))


def _print(folder: Path, every: int, kind: str, counts: Counts) -> None:
    found = {
        "folder": folder.name,
        "every": every,
        "detections": kind,
        "IDF1": round(2 * counts.right / max(1, counts.annotated + counts.followed), 3),
        "followed": round(counts.followed / max(1, counts.annotated), 3),
        "changes": counts.changes,
        "tracks": counts.tracks,
        "objects": counts.objects,
    }
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
