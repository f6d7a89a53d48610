"""The boxes of one frame: which of them are the same in both jobs."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from api_client.log.boxes import LoggedBox
from api_client.log.tracks.association import matched as best_pairs
from api_client.log.tracks.association import overlaps

LEAST_IOU = 0.5


@dataclass(frozen=True, kw_only=True)
class Matched:
    """What came of one frame."""

    both: tuple[tuple[LoggedBox, LoggedBox, float], ...]
    """Of the first job, of the second, and their intersection over union."""
    only_first: tuple[LoggedBox, ...]
    only_second: tuple[LoggedBox, ...]


def matched(first: Iterable[LoggedBox], second: Iterable[LoggedBox]) -> Matched:
    """Pair boxes of the same label whose IoU is `LEAST_IOU` or more, so that all together fit best.

    Upper and lower case of labels do not matter.
    """
    firsts, seconds = _by_label(first), _by_label(second)
    both: list[tuple[LoggedBox, LoggedBox, float]] = []
    only_first: list[LoggedBox] = []
    only_second: list[LoggedBox] = []
    for label in firsts.keys() | seconds.keys():
        ours, theirs = firsts.get(label, []), seconds.get(label, [])
        pairs = _pairs(ours, theirs)
        both += [(ours[i], theirs[j], iou) for i, j, iou in pairs]
        only_first += _rest(ours, {i for i, _, _ in pairs})
        only_second += _rest(theirs, {j for _, j, _ in pairs})
    return Matched(both=tuple(both), only_first=tuple(only_first), only_second=tuple(only_second))


def _by_label(boxes: Iterable[LoggedBox]) -> dict[str, list[LoggedBox]]:
    by_label: dict[str, list[LoggedBox]] = defaultdict(list)
    for box in boxes:
        by_label[box.class_name.casefold()].append(box)
    return by_label


def _pairs(ours: list[LoggedBox], theirs: list[LoggedBox]) -> list[tuple[int, int, float]]:
    if not ours or not theirs:
        return []
    ious = overlaps(*(np.array([box.box_xyxy_px for box in boxes]) for boxes in (ours, theirs)))
    rows, columns = best_pairs(ious, at_least=LEAST_IOU)
    return [(i, j, float(ious[i, j])) for i, j in zip(rows.tolist(), columns.tolist(), strict=True)]


def _rest(boxes: list[LoggedBox], taken: set[int]) -> list[LoggedBox]:
    return [box for index, box in enumerate(boxes) if index not in taken]
