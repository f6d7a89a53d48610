"""From the regions of one frame after another to an index.

What things look like is most of the bytes. It is kept of all things a few times a second, and of a thing
that lives between two such moments once, where the detector was surest of it. Moments at which a thing is
faint are kept as boxes alone, so that it can be followed through them; one that is always faint is left out.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from api_client.log.regions.header import IndexHeader
from api_client.log.regions.index_file import RegionIndex
from api_client.log.regions.layout import Rows, encoded, row_bytes
from api_client.log.regions.linking import ThingLinker
from api_client.log.regions.look_moments import LookMoments


@dataclass(kw_only=True)
class _Best:
    """The surest look so far of a thing that none was kept of."""

    row: int
    objectness: float
    look: Rows


@dataclass(kw_only=True)
class _Columns:
    """Rows in the order in which they came."""

    thing: list[NDArray[np.int64]] = field(default_factory=list)
    frame: list[NDArray[np.int64]] = field(default_factory=list)
    pts: list[NDArray[np.int64]] = field(default_factory=list)
    boxes: list[NDArray[np.float32]] = field(default_factory=list)
    objectness: list[NDArray[np.float32]] = field(default_factory=list)
    count: int = 0


class IndexBuilder:
    """Takes the frames of a part in order. Looks are held as bytes; nothing else grows but a row a region."""

    def __init__(self, header: IndexHeader) -> None:
        self._header = header
        self._linker = ThingLinker()
        self._columns = _Columns()
        self._looks: dict[int, Rows] = {}
        """Row → look."""
        self._colours: dict[int, Rows] = {}
        """Row → colours, of looks of which they are known."""
        self._looked: set[int] = set()
        """Things of which a look was kept."""
        self._best: dict[int, _Best] = {}
        self._moments = LookMoments(header)

    def add(
        self,
        frame_index: int,
        pts: int,
        boxes_N4: NDArray[np.float32],
        objectness_N: NDArray[np.float32],
        features_NF: NDArray[np.floating],
        colours_NK: Rows | None = None,
    ) -> None:
        """Add a frame that was looked at; its regions best first.

        colours: as `RegionIndex.colours`.
        """
        sure = objectness_N >= self._header.least_objectness
        boxes, objectness, features = (
            column[sure][: self._header.most_regions] for column in (boxes_N4, objectness_N, features_NF)
        )
        if self._header.of_pictures:
            self._linker.forget()
        things = self._linker.add(np.asarray(boxes, np.float32))
        first_row = self._columns.count
        self._append(frame_index, pts, boxes, objectness, things)
        if len(things):
            rows = range(first_row, first_row + len(things))
            self._look(self._moments.begins(pts), things.tolist(), rows, objectness, features)
            if colours_NK is not None:
                of_rows = zip(rows, colours_NK[sure][: len(things)], strict=True)
                self._colours |= {row: colours for row, colours in of_rows if colours.any()}

    def built(self) -> RegionIndex:
        """Return the index of all that was added."""
        self._looks |= {best.row: best.look for best in self._best.values()}
        columns = self._columns
        thing_R, frame_R, pts_R = (
            np.concatenate((np.zeros(0, np.int64), *part))
            for part in (columns.thing, columns.frame, columns.pts)
        )
        order = np.lexsort((frame_R, thing_R))
        order = order[np.isin(thing_R[order], thing_R[list(self._looks)])]
        look_of_R = np.full(len(order), -1, np.int64)
        row_at = {int(row): place for place, row in enumerate(order)}
        kept = sorted((row_at[row], row) for row in self._looks)
        look_of_R[[place for place, _ in kept]] = np.arange(len(kept))
        nothing = np.zeros(len(self._header.colours), np.uint8)
        return RegionIndex(
            header=self._header,
            thing_R=thing_R[order],
            frame_R=frame_R[order],
            pts_R=pts_R[order],
            boxes_R4=np.concatenate((np.zeros((0, 4), np.float32), *columns.boxes))[order],
            objectness_R=np.concatenate((np.zeros(0, np.float32), *columns.objectness))[order],
            look_of_R=look_of_R,
            looks=np.array([self._looks[row] for _, row in kept], np.uint8).reshape(
                len(kept), row_bytes(self._header.layout)
            ),
            colours=np.array([self._colours.get(row, nothing) for _, row in kept], np.uint8).reshape(
                len(kept), len(nothing)
            ),
        )

    def _append(
        self,
        frame_index: int,
        pts: int,
        boxes: NDArray[np.float32],
        objectness: NDArray[np.float32],
        things: NDArray[np.int64],
    ) -> None:
        columns = self._columns
        columns.thing.append(things)
        columns.frame.append(np.full(len(things), frame_index, np.int64))
        columns.pts.append(np.full(len(things), pts, np.int64))
        columns.boxes.append(np.asarray(boxes, np.float32))
        columns.objectness.append(np.asarray(objectness, np.float32))
        columns.count += len(things)

    def _look(
        self,
        keep_all: bool,
        things: list[int],
        rows: range,
        objectness: NDArray[np.float32],
        features: NDArray[np.floating],
    ) -> None:
        wanted = [
            place
            for place in range(len(things))
            if objectness[place] >= self._header.sure_objectness
            and (keep_all or self._is_better(things[place], objectness[place]))
        ]
        looks = encoded(features[wanted], self._header.layout)
        for place, look in zip(wanted, looks, strict=True):
            if keep_all:
                self._looks[rows[place]] = look
                self._looked.add(things[place])
                self._best.pop(things[place], None)
            else:
                self._best[things[place]] = _Best(
                    row=rows[place], objectness=float(objectness[place]), look=look
                )

    def _is_better(self, thing: int, objectness: float) -> bool:
        if thing in self._looked:
            return False
        best = self._best.get(thing)
        return best is None or objectness > best.objectness
