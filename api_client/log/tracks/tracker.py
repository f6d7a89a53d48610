"""ByteTrack (Zhang et al. 2022): every detection is associated, the unsure ones after the sure.

1. Every track is moved to where it is expected (`motion`).
2. Sure detections are matched with all tracks, those out of sight too, by overlap times confidence.
3. Tracks that were seen once are matched with the sure detections left over.
4. Unsure ones are matched with the tracks left over that were seen lately, by overlap.
5. Sure detections that are still left over are matched with tracks of their label that were seen lately, by
   the overlap of boxes enlarged (C-BIoU, Yang et al. 2023): a ball flies past its own box in one step.
6. What is sure and still left over begins a track.

The paper's code has 4 before 3. It ends a track that is not seen in its second step, and in step 4 takes only
those that were seen the step before. Here the former take part in step 4 too and wait two steps, since what
was seen too seldom is no track in the end anyhow; and lately is three steps ago. Both are measured
(docs/tracks.md).

Association is across labels, since a detector may call one thing by two names; a detection whose label is
not the one that leads in the track counts a little less, so that two boxes of different labels on one spot
do not swap, and has to lie where the track's box does: after a cut, or behind what hides it, something else
is nearby, and is no longer the car. Where the track's own label was found on that very spot too, the
detector tells the two apart, as a rider from the bicycle: the other is not of the track.
Shapes: T tracks, N detections, K pairs.
"""

import numpy as np
from numpy.typing import NDArray

from api_client.log.tracks.association import Indices, enlarged, matched, overlaps
from api_client.log.tracks.motion import Floats, Motion
from api_client.log.tracks.parameters import TrackerParameters
from api_client.log.tracks.sightings import Sightings

_SURE, _NEW, _UNSURE, _NEAR = 0.2, 0.3, 0.4, 0.3
"""Least similarity for steps 2 to 5. The paper's code has 0.5 for unsure detections."""
_LATELY_STEPS = 3
_ENLARGED_BY = 0.5
"""Of its sides, on each of them: how much a box grows in step 5."""
_OTHER_LABEL = 0.9
_OTHER_LABEL_OVERLAP = 0.5
"""Least overlap of a detection with another label; half is what counts as the same place."""
_NEW_STEPS = 2
"""How long a track waits that was seen once."""
_LONG_AGO = -(1 << 40)


class Tracker:
    """Follows the objects of one job. Feed it frames in order; the same frames give the same tracks."""

    def __init__(self, parameters: TrackerParameters) -> None:
        self.finished: list[tuple[int, Sightings]] = []
        """Tracks that have ended and were seen often enough, with the number they were born under."""
        self.born = 0
        """How many tracks were begun; they are numbered from 1."""
        self._parameters = parameters
        self._step = _LONG_AGO
        self._motion = Motion.at(np.zeros((0, 4)))
        self._number_T = np.zeros(0, np.int64)
        self._seen_T = np.zeros(0, np.int64)
        self._seen_surely_T = np.zeros(0, np.int64)
        self._times_T = np.zeros(0, np.int64)
        self._label_T = np.zeros(0, np.int64)
        self._sightings: dict[int, Sightings] = {}

    def step(
        self, frame_index: int, boxes_N4: Floats, confidence_N: Floats, label_N: NDArray[np.int64]
    ) -> NDArray[np.int32]:
        """Take in one frame's detections; return (N,), the number of each one's track, 0 for none.

        boxes_N4: x_min, y_min, x_max, y_max; finite. Frames in which nothing was found may be left out.
        """
        step = frame_index // self._parameters.every
        self._move_to(step)
        sure_N = confidence_N >= self._parameters.sure_confidence
        track_N = self._associate(boxes_N4, confidence_N, label_N, sure_N)
        found = (track_N >= 0).nonzero()[0]
        rows = track_N[found]
        self._motion.correct(rows, boxes_N4[found])
        self._seen_T[rows] = step
        self._seen_surely_T[rows[sure_N[found]]] = step
        self._times_T[rows] += 1
        number_N = np.zeros(len(track_N), np.int32)
        number_N[found] = self._number_T[rows]
        if len(found) < len(track_N):
            new = ((track_N < 0) & sure_N).nonzero()[0]
            number_N[new] = self._begin(boxes_N4[new], label_N[new])
        self._note(frame_index, number_N, boxes_N4, confidence_N, label_N)
        return number_N

    def finish(self) -> None:
        """End every track."""
        self._keep(np.zeros(len(self._number_T), bool))

    def _move_to(self, step: int) -> None:
        """Forget tracks that wait too long or never were confirmed, and predict the others."""
        steps, self._step = step - self._step, step
        if not len(self._number_T):
            return
        missed_T = step - 1 - self._seen_T
        lasting_T = (missed_T <= self._parameters.remembered_steps) & (
            (missed_T <= _NEW_STEPS) | (self._times_T > 1)
        )
        if not lasting_T.all():
            self._keep(lasting_T)
        self._motion.predict(steps)

    def _associate(
        self,
        boxes_N4: Floats,
        confidence_N: Floats,
        label_N: NDArray[np.int64],
        sure_N: NDArray[np.bool_],
    ) -> Indices:
        """(N,): each detection's track, -1 for none."""
        track_N = np.full(len(boxes_N4), -1)
        if not len(self._number_T) or not len(boxes_N4):
            return track_N
        similarity_TN = overlaps(self._motion.boxes(), boxes_N4)
        weight_TN = np.where(similarity_TN >= _OTHER_LABEL_OVERLAP, _OTHER_LABEL, 0.0)
        weight_TN[_told_apart(self._label_T, boxes_N4, label_N)] = 0.0
        weight_TN[self._label_T[:, None] == label_N] = 1.0
        similarity_TN *= weight_TN
        old_T = self._times_T > 1
        weighted_TN = similarity_TN * confidence_N
        free_T = np.ones(len(self._number_T), bool)
        _match(weighted_TN, old_T, sure_N, _SURE, track_N, free_T)
        if not old_T.all():
            _match(weighted_TN, ~old_T, sure_N & (track_N < 0), _NEW, track_N, free_T)
        if not sure_N.all():
            known_T = free_T & self._seen_lately() & self._is_sure()
            _match(similarity_TN, known_T, ~sure_N, _UNSURE, track_N, free_T)
        self._match_near(boxes_N4, label_N, sure_N & (track_N < 0), track_N, free_T)
        return track_N

    def _match_near(
        self,
        boxes_N4: Floats,
        label_N: NDArray[np.int64],
        wanted_N: NDArray[np.bool_],
        track_N: Indices,
        free_T: NDArray[np.bool_],
    ) -> None:
        """Pair what moved too far in one step for its boxes to overlap."""
        wanted_T = free_T & self._seen_lately()
        if not wanted_T.any() or not wanted_N.any():
            return
        near_TN = overlaps(enlarged(self._motion.boxes(), _ENLARGED_BY), enlarged(boxes_N4, _ENLARGED_BY))
        near_TN[self._label_T[:, None] != label_N] = 0.0
        _match(near_TN, wanted_T, wanted_N, _NEAR, track_N, free_T)

    def _seen_lately(self) -> NDArray[np.bool_]:
        """(T,): a few steps ago at most."""
        return np.asarray(self._seen_T >= self._step - _LATELY_STEPS)

    def _is_sure(self) -> NDArray[np.bool_]:
        """(T,): seen surely for as long as a track that is not seen at all is remembered."""
        return np.asarray(self._step - self._seen_surely_T <= self._parameters.remembered_steps)

    def _begin(self, boxes_K4: Floats, label_K: NDArray[np.int64]) -> NDArray[np.int64]:
        """(K,): the numbers of new tracks."""
        number_K = np.arange(self.born + 1, self.born + 1 + len(boxes_K4))
        self.born += len(boxes_K4)
        self._motion = self._motion.joined(Motion.at(boxes_K4))
        self._number_T = np.concatenate([self._number_T, number_K])
        now_K = np.full(len(number_K), self._step)
        self._seen_T = np.concatenate([self._seen_T, now_K])
        self._seen_surely_T = np.concatenate([self._seen_surely_T, now_K])
        self._times_T = np.concatenate([self._times_T, np.ones(len(number_K), np.int64)])
        self._label_T = np.concatenate([self._label_T, label_K])
        return number_K

    def _note(
        self,
        frame_index: int,
        number_N: NDArray[np.int32],
        boxes_N4: Floats,
        confidence_N: Floats,
        label_N: NDArray[np.int64],
    ) -> None:
        """Write down each detection with its track."""
        rows = zip(number_N.tolist(), label_N.tolist(), confidence_N.tolist(), boxes_N4.tolist(), strict=True)
        for number, label, confidence, box in rows:
            if not number:
                continue
            seen = self._sightings.get(number)
            if seen is None:
                seen = self._sightings[number] = Sightings(frame_index)
            before = seen.label
            if seen.add(frame_index, label, confidence, tuple(box)) != before:
                self._label_T[self._number_T == number] = seen.label

    def _keep(self, lasting_T: NDArray[np.bool_]) -> None:
        for number in self._number_T[~lasting_T].tolist():
            seen = self._sightings.pop(number)
            if seen.frames_seen >= self._parameters.sightings_needed:
                self.finished.append((number, seen))
        self._motion = self._motion.kept(lasting_T)
        self._number_T = self._number_T[lasting_T]
        self._seen_T = self._seen_T[lasting_T]
        self._seen_surely_T = self._seen_surely_T[lasting_T]
        self._times_T = self._times_T[lasting_T]
        self._label_T = self._label_T[lasting_T]


def _told_apart(
    label_T: NDArray[np.int64], boxes_N4: Floats, label_N: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """(T, N): where a detection lies is another, which bears the track's label."""
    if (label_N == label_N[0]).all():
        return np.zeros((len(label_T), len(label_N)), bool)
    same_spot_NN = overlaps(boxes_N4, boxes_N4) >= _OTHER_LABEL_OVERLAP
    return np.asarray((label_T[:, None] == label_N) @ same_spot_NN)


def _match(
    similarity_TN: Floats,
    wanted_T: NDArray[np.bool_],
    wanted_N: NDArray[np.bool_],
    at_least: float,
    track_N: Indices,
    free_T: NDArray[np.bool_],
) -> None:
    """Pair some tracks with some detections; note it in `track_N` and `free_T`."""
    some_T, some_N = wanted_T.nonzero()[0], wanted_N.nonzero()[0]
    if not len(some_T) or not len(some_N):
        return
    rows, columns = matched(similarity_TN[some_T[:, None], some_N], at_least=at_least)
    track_N[some_N[columns]] = some_T[rows]
    free_T[some_T[rows]] = False
