"""The first pass: which track each row of the log is of."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from api_client.log.boxes import LoggedBox
from api_client.log.gathered import batches_of
from api_client.log.tracks.parameters import TrackerParameters
from api_client.log.tracks.sightings import Sightings, Track
from api_client.log.tracks.tracker import Tracker

_BOX = ("x_min", "y_min", "x_max", "y_max")
_NUMBER = np.dtype(np.int32)


@dataclass(frozen=True, kw_only=True)
class Links:
    """Which row is of which track, and what the tracks are."""

    numbers: Path | None
    """int32 a row of the log: the number its track was born under, 0 for none. On disk, since a log may
    have any length. None where nothing was followed."""
    identities: NDArray[np.int32]
    """Number at birth → `tracker_id`, 0 for what was seen too seldom to be a track."""
    tracks: tuple[Track, ...]

    def boxes(self, log: Path, labels: tuple[str, ...]) -> Iterator[LoggedBox]:
        """Yield the log's rows with their identity and the label of their track."""
        labels_of = np.array([-1, *(track.class_id for track in self.tracks)])
        if self.numbers is None:
            for batch in batches_of(log):
                yield from _boxes(batch, np.zeros(batch.num_rows, np.int32), labels_of, labels)
            return
        with self.numbers.open("rb") as numbers:
            for batch in batches_of(log):
                born = np.frombuffer(numbers.read(batch.num_rows * _NUMBER.itemsize), _NUMBER)
                yield from _boxes(batch, self.identities[born], labels_of, labels)


def no_links() -> Links:
    """What is known where nothing is followed."""
    return Links(numbers=None, identities=np.zeros(1, np.int32), tracks=())


def link_log(log: Path, parameters: TrackerParameters, numbers: Path) -> Links:
    """Follow the objects of a log; write each row's number to a file. Memory grows with the tracks alone.

    Frames that are looked at only because a chunk begins there take no part: how the video was cut must
    not change who is who. Their rows get an identity when frames are filled.
    """
    tracker = Tracker(parameters)
    with numbers.open("wb") as output:
        for frame_index, rows in _frames(log):
            if frame_index % parameters.every:
                output.write(np.zeros(len(rows.frames), _NUMBER).tobytes())
            else:
                numbers_of_rows = tracker.step(frame_index, rows.boxes, rows.confidence, rows.labels)
                output.write(numbers_of_rows.tobytes())
    tracker.finish()
    return _links(tracker, numbers)


@dataclass(slots=True)
class _Rows:
    """Rows of the log as arrays; (N, 4) and three times (N,)."""

    frames: NDArray[np.int64]
    boxes: NDArray[np.float64]
    confidence: NDArray[np.float64]
    labels: NDArray[np.int64]

    def between(self, start: int, stop: int) -> "_Rows":
        part = slice(start, stop)
        return _Rows(self.frames[part], self.boxes[part], self.confidence[part], self.labels[part])

    def then(self, other: "_Rows") -> "_Rows":
        return _Rows(
            np.concatenate([self.frames, other.frames]),
            np.concatenate([self.boxes, other.boxes]),
            np.concatenate([self.confidence, other.confidence]),
            np.concatenate([self.labels, other.labels]),
        )


def _frames(log: Path) -> Iterator[tuple[int, _Rows]]:
    """Yield the index and the rows of each frame that has any."""
    left: _Rows | None = None
    for batch in batches_of(log, ["frame_index", "class_id", "confidence", *_BOX]):
        rows = _rows(batch) if left is None else left.then(_rows(batch))
        starts = [0, *(np.flatnonzero(np.diff(rows.frames)) + 1).tolist()]
        for start, stop in pairwise(starts):
            yield int(rows.frames[start]), rows.between(start, stop)
        left = rows.between(starts[-1], len(rows.frames))  # its frame may go on in the next batch
    if left is not None and len(left.frames):
        yield int(left.frames[0]), left


def _rows(batch: pa.RecordBatch) -> _Rows:
    return _Rows(
        batch["frame_index"].to_numpy(),
        np.stack([batch[side].to_numpy() for side in _BOX], axis=1).astype(np.float64),
        batch["confidence"].to_numpy().astype(np.float64),
        batch["class_id"].to_numpy().astype(np.int64),
    )


def _links(tracker: Tracker, numbers: Path) -> Links:
    """Give identities in order of birth to what is a track."""
    identities = np.zeros(tracker.born + 1, np.int32)
    kept: list[tuple[int, Sightings]] = sorted(tracker.finished, key=lambda numbered: numbered[0])
    tracks = []
    for identity, (number, seen) in enumerate(kept, start=1):
        identities[number] = identity
        tracks.append(Track.of(identity, seen))
    return Links(numbers=numbers, identities=identities, tracks=tuple(tracks))


def _boxes(
    batch: pa.RecordBatch,
    identities: NDArray[np.int32],
    labels_of: NDArray[np.int64],
    labels: tuple[str, ...],
) -> Iterator[LoggedBox]:
    said = batch["class_id"].to_numpy()
    voted = np.where(identities > 0, labels_of[identities], said)
    columns = (
        batch["frame_index"].to_pylist(),
        batch["pts"].to_pylist(),
        batch["time_seconds"].to_pylist(),
        voted.tolist(),
        [labels[label] for label in voted.tolist()],
        *(batch[name].to_pylist() for name in ("confidence", *_BOX)),
        [identity or None for identity in identities.tolist()],
        [False] * batch.num_rows,
        [
            None if label == vote else labels[label]
            for label, vote in zip(said.tolist(), voted.tolist(), strict=True)
        ],
        batch["mask"].to_pylist(),
    )
    return map(LoggedBox._make, zip(*columns, strict=True))
