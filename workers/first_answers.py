"""Words that were asked before are answered by the log of then, which saw every frame, and has masks.

A region shows one word. So where a new word fits a region better than the word of then, the new one stays;
and where the log of then shows a word that nobody asks for any more, the region may show another that was
asked both times.

Legend: N rows of one frame.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from api_client.contract.detection_log import SCHEMA
from api_client.contract.thresholds import Thresholds
from api_client.log.regions.linking import iou
from vocabularies import Vocabulary

SAME_REGION_IOU = 0.7
"""Two boxes this much alike are of one region."""
_SIDES = ("x_min", "y_min", "x_max", "y_max")


@dataclass(frozen=True, kw_only=True)
class FirstAnswers:
    """How the answers of then are taken over."""

    class_of: dict[str, int]
    """Label of then → class now, of the words that were asked both times."""
    labels: tuple[str, ...]
    """Of now."""
    floors: Thresholds
    """From which confidence on something is logged now."""

    @classmethod
    def of(
        cls, then: Vocabulary, now: Vocabulary, *, floors_then: Thresholds, floors_now: Thresholds
    ) -> "FirstAnswers | None":
        """Return None where nothing can be taken over: no common word, other prompts, all lower thresholds.

        floors: from where on was and is logged.
        """
        class_now = {label.casefold(): class_id for class_id, label in enumerate(now.words)}
        read_then, read_now = _read(then), _read(now)
        shared = {
            label: class_now[label.casefold()]
            for label in then.words
            if label.casefold() in class_now
            and read_then.get(label.casefold()) == read_now.get(label.casefold())
            and floors_now.of(now.words[class_now[label.casefold()]]) >= floors_then.of(label)
        }
        if not shared or then.prompts != now.prompts:
            return None
        return cls(class_of=shared, labels=now.labels, floors=floors_now)

    def merged(self, asked_now: Iterable[pa.RecordBatch], log_path: Path) -> Iterator[pa.RecordBatch]:
        """Yield the rows for now: those of the index, and those of the log of then where they hold."""
        now = pa.Table.from_batches(asked_now, SCHEMA)
        then = pq.read_table(log_path, schema=SCHEMA)
        then = then.filter(pa.array(then["confidence"].to_numpy() >= self._floors_of(then)))
        is_taken = pc.is_in(then["class_name"], pa.array(list(self.class_of), pa.string()))
        old, gone = then.filter(is_taken), then.filter(pc.invert(is_taken))
        is_shared = np.isin(now["class_id"].to_numpy(), list(self.class_of.values()))
        new, again = now.filter(pa.array(~is_shared)), now.filter(pa.array(is_shared))
        old = old.filter(pa.array(~_lies_on(old, new)))
        again = again.filter(pa.array(_lies_on(again, gone)))
        rows = pa.concat_tables([self._renamed(old), new, again])
        order = [("frame_index", "ascending"), ("confidence", "descending"), ("class_id", "ascending")]
        yield from rows.sort_by(order).combine_chunks().to_batches()

    def _floors_of(self, then: pa.Table) -> NDArray[np.float32]:
        """What each row must come up to now."""
        names = then["class_name"].to_pylist()
        words = (self.labels[self.class_of[name]] if name in self.class_of else name for name in names)
        return np.fromiter(map(self.floors.of, words), np.float32, len(names))

    def _renamed(self, rows: pa.Table) -> pa.Table:
        classes = [self.class_of[name] for name in rows["class_name"].to_pylist()]
        names = [self.labels[class_id] for class_id in classes]
        for column, values in (("class_id", classes), ("class_name", names)):
            field = SCHEMA.field(column)
            rows = rows.set_column(SCHEMA.get_field_index(column), field, pa.array(values, field.type))
        return rows.cast(SCHEMA)


def _read(vocabulary: Vocabulary) -> dict[str, str]:
    """How phrases are understood: what is one now may have been a word then."""
    return {phrase.label.casefold(): str(phrase) for phrase in vocabulary.phrases}


def _lies_on(rows: pa.Table, others: pa.Table) -> NDArray[np.bool_]:
    """Whether each row has the region of one of the others, in the same frame."""
    lies = np.zeros(len(rows), bool)
    row_frames, other_frames = rows["frame_index"].to_numpy(), others["frame_index"].to_numpy()
    row_boxes, other_boxes = _boxes(rows), _boxes(others)
    for frame in np.intersect1d(row_frames, other_frames).tolist():
        mine = slice(*np.searchsorted(row_frames, [frame, frame + 1]))
        theirs = slice(*np.searchsorted(other_frames, [frame, frame + 1]))
        lies[mine] = (iou(row_boxes[mine], other_boxes[theirs]) >= SAME_REGION_IOU).any(axis=1)
    return lies


def _boxes(rows: pa.Table) -> NDArray[np.float32]:
    return np.stack([rows[side].to_numpy() for side in _SIDES], axis=1)
