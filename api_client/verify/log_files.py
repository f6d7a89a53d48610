"""The three logs of a job, read side by side, and whether they say the same."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api_client.verify.report import Kind

_IN_TEXT = re.compile(r"(~?)(.+?) (\d\.\d\d) \[(-?\d+) (-?\d+) (-?\d+) (-?\d+)\](?: #(\d+))?(?:, |$)")
"""Mark of what was interpolated, word, confidence, corners, number of the track."""
_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d\.\d\d\d)")
_SIDES = ("x_min", "y_min", "x_max", "y_max")
_COLUMNS = ["frame_index", "time_seconds", "class_id", "class_name", "confidence", *_SIDES]
_TRACKING = ("tracker_id", "interpolated")
"""Columns that are compared where both have them: logs of earlier versions have not."""


@dataclass(frozen=True, kw_only=True)
class LoggedFrame:
    """One line of `detections.jsonl`."""

    frame_index: int
    time_seconds: float
    """Since frame 0."""
    unseen: str | None
    """Why no detector looked at it; None where one did."""
    detections: tuple[dict[str, Any], ...]
    """Those of the detector, then those interpolated between two of a track."""
    file_name: str | None = None
    """Of a picture, which has no time: `time_seconds` is its number."""
    size_px: tuple[int, int] | None = None
    """(width, height), of a picture."""

    @property
    def detected(self) -> tuple[dict[str, Any], ...]:
        """Those of the detector alone."""
        return tuple(found for found in self.detections if not found.get("interpolated"))


class LogFiles:
    """Reads `detections.jsonl` frame by frame, with `.txt` and `.parquet` beside it."""

    def __init__(self, files: dict[str, Path], frame_px: tuple[int, int], *, first_frame: int = 0) -> None:
        """first_frame: the number of the first that is to be in them."""
        self._files = files
        self._first_frame = first_frame
        self._frame_px = frame_px
        self.frames = self.detections = 0
        self._order, self._outside, self._malformed = Kind(), Kind(), Kind()
        self._twice, self._text, self._rows = Kind(), Kind(), Kind()
        self._last_index = -1

    def read(self) -> Iterator[LoggedFrame]:
        """Every frame, in the order of the file; what is no record is left out and told."""
        if "detections.jsonl" not in self._files:
            return
        with ExitStack() as stack:
            lines = stack.enter_context(self._files["detections.jsonl"].open(encoding="utf-8"))
            others = self._others(stack)
            for index, line in enumerate(lines, self._first_frame):
                frame = _record(line)
                if frame is None:
                    self._malformed.add(index)
                    continue
                self._check(index, frame)
                for other in others:
                    other.check(index, frame)
                self.frames, self.detections = self.frames + 1, self.detections + len(frame.detected)
                yield frame
            for other in others:
                other.finish(self.frames)

    def _others(self, stack: ExitStack) -> list["_Text | _Rows"]:
        others: list[_Text | _Rows] = []
        if text := self._files.get("detections.txt"):
            lines = stack.enter_context(text.open(encoding="utf-8", newline="\n"))
            others.append(_Text(lines, self._text))
        if parquet := self._files.get("detections.parquet"):
            others.append(_Rows(parquet, self._rows))
        return others

    def _check(self, index: int, frame: LoggedFrame) -> None:
        if frame.frame_index != index:
            self._order.add(index, f"line {index - self._first_frame + 1} is frame {frame.frame_index}")
        for found in frame.detections:
            if not _is_inside(found, frame.size_px or self._frame_px):
                box = " ".join(f"{found[side]:g}" for side in _SIDES)
                self._outside.add(frame.frame_index, f"{found['class_name']!r} at [{box}]")
        tracks = Counter(found.get("tracker_id") for found in frame.detections)
        repeated = [f"#{track} is {boxes} boxes" for track, boxes in tracks.items() if track and boxes > 1]
        if repeated:
            self._twice.add(frame.frame_index, repeated[0])

    def differences(self) -> list[str]:
        """One line a kind."""
        size = "{}x{} frame".format(*self._frame_px) if any(self._frame_px) else "picture"
        told = [
            (self._malformed, "detections.jsonl has lines that are no record: {where}"),
            (self._order, "detections.jsonl does not list each frame once and in order: {text}"),
            (self._outside, f"the log has boxes outside of the {size} in {{where}}: {{text}}"),
            (self._twice, "the log has an object more than once in {where}: {text}"),
            (self._text, "detections.txt does not agree with detections.jsonl in {where}: {text}"),
            (self._rows, "detections.parquet does not agree with detections.jsonl in {where}: {text}"),
        ]
        lines = [line.format(where=kind.where, text=kind.worst_text) for kind, line in told if kind.count]
        return lines + self._summary_differences()

    def _summary_differences(self) -> list[str]:
        path = self._files.get("summary.json")
        if path is None or "detections.jsonl" not in self._files:
            return []
        try:
            summary = json.loads(path.read_bytes())
            said = (summary["frames"], summary["detections"])
        except (ValueError, KeyError, TypeError):
            return ["summary.json is damaged"]
        if said != (self.frames, self.detections):
            return [
                f"summary.json counts {said[0]} frames and {said[1]} detections, "
                f"detections.jsonl {self.frames} and {self.detections}"
            ]
        return []


class _Text:
    """`detections.txt`, line by line."""

    def __init__(self, lines: Iterator[str], kind: Kind) -> None:
        self._lines, self._kind = lines, kind

    def check(self, index: int, frame: LoggedFrame) -> None:
        line = next(self._lines, None)
        if line is None:
            self._kind.add(index, "it has no line for that")
            return
        wrong = _text_difference(line.rstrip("\n"), frame)
        if wrong:
            self._kind.add(index, wrong)

    def finish(self, frames: int) -> None:
        extra = sum(1 for _ in self._lines)
        if extra:
            self._kind.add(frames, f"it has {extra} lines more")


class _Rows:
    """`detections.parquet`, row by row, a bounded number at a time."""

    def __init__(self, path: Path, kind: Kind) -> None:
        self._kind = kind
        self._rows = _rows_of(path)
        self._upcoming = self._next(0)

    def _next(self, index: int) -> dict[str, Any] | None:
        try:
            return next(self._rows, None)
        except (ValueError, OSError, KeyError, TypeError, NotImplementedError) as error:
            self._kind.add(index, f"it cannot be read ({str(error).splitlines()[0]})")
            return None

    def check(self, index: int, frame: LoggedFrame) -> None:
        rows = []
        while self._upcoming is not None and self._upcoming["frame_index"] <= frame.frame_index:
            rows.append(self._upcoming)
            self._upcoming = self._next(index)
        if len(rows) != len(frame.detections):
            self._kind.add(index, f"it has {len(rows)} rows instead of {len(frame.detections)}")
            return
        for row, found in zip(rows, frame.detections, strict=True):
            if not _same(row, found, frame):
                self._kind.add(index, f"it has {_in_words(row)} instead of {_in_words(found)}")
                return

    def finish(self, frames: int) -> None:
        if self._upcoming is not None:
            self._kind.add(frames, "it has rows for frames that are not there")


def _record(line: str) -> LoggedFrame | None:
    try:
        record = json.loads(line)
        detections, name = tuple(record["detections"]), record.get("file_name")
        for found in detections:
            float(found["confidence"]), str(found["class_name"]), [float(found[side]) for side in _SIDES]
        return LoggedFrame(
            frame_index=int(record["frame_index"]),
            time_seconds=float(record["frame_index"] if name is not None else record["time_seconds"]),
            unseen=record["unseen"],
            detections=detections,
            file_name=name,
            size_px=None if name is None else (int(record["width"]), int(record["height"])),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _is_inside(found: dict[str, Any], frame_px: tuple[int, int]) -> bool:
    x_min, y_min, x_max, y_max = (float(found[side]) for side in _SIDES)
    return -0.5 <= x_min < x_max <= frame_px[0] + 0.5 and -0.5 <= y_min < y_max <= frame_px[1] + 0.5


def _rows_of(path: Path) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet as pq  # only here: it would slow down every command

    with pq.ParquetFile(path) as log:
        columns = [*_COLUMNS, *(name for name in _TRACKING if name in log.schema_arrow.names)]
        for batch in log.iter_batches(batch_size=4096, columns=columns):
            yield from batch.to_pylist()


def _same(row: dict[str, Any], found: dict[str, Any], frame: LoggedFrame) -> bool:
    return bool(
        row["frame_index"] == frame.frame_index
        and row["class_name"] == found["class_name"]
        and row["class_id"] == found.get("class_id", row["class_id"])
        and abs(row["time_seconds"] - frame.time_seconds) < 1e-5
        and abs(row["confidence"] - found["confidence"]) < 1e-3
        and all(abs(row[side] - found[side]) < 0.02 for side in _SIDES)
        and all(row[name] == found[name] for name in _TRACKING if name in row and name in found)
    )


def _in_words(row: dict[str, Any]) -> str:
    box = " ".join(f"{row[side]:.0f}" for side in _SIDES)
    return f"{row['class_name']} {row['confidence']:.2f} [{box}]"


def _text_difference(line: str, frame: LoggedFrame) -> str | None:
    number, clock, said = (*line.split("\t", 2), "", "")[:3]
    if number != str(frame.frame_index):
        return f"it has frame {number!r} instead of {frame.frame_index}"
    if wrong := _place_difference(clock, frame):
        return wrong
    found = _IN_TEXT.findall(said.removeprefix(f"({frame.unseen}) "))
    if len(found) != len(frame.detections):
        return f"it lists {len(found)} detections instead of {len(frame.detections)}"
    for match, detection in zip(found, frame.detections, strict=True):
        if not _text_agrees(match, detection):
            return f"it says {''.join(match[:2])} {match[2]} instead of {_in_words(detection)}"
    return None


def _place_difference(said: str, frame: LoggedFrame) -> str | None:
    """What is wrong with a line's time, or the picture's name."""
    if frame.file_name is not None:
        return None if said == frame.file_name else f"it says {said!r} instead of {frame.file_name!r}"
    time = _CLOCK.fullmatch(said)
    if time is None:
        return f"{said!r} is no time"
    seconds = 3600 * int(time[1]) + 60 * int(time[2]) + float(time[3])
    if abs(seconds - frame.time_seconds) > 0.0011:
        return f"it says {said} instead of {frame.time_seconds:.3f} s"
    return None


def _text_agrees(match: tuple[str, ...], detection: dict[str, Any]) -> bool:
    mark, said_name, confidence, *corners, track = match
    name = str(detection["class_name"])
    same_name = said_name.startswith(name) or not name.isprintable()
    near = all(abs(int(a) - detection[side]) <= 0.52 for a, side in zip(corners, _SIDES, strict=True))
    tracked = detection.get("tracker_id")
    same_track = track == ("" if tracked is None else str(tracked))
    same_mark = bool(mark) == bool(detection.get("interpolated"))
    near_score = abs(float(confidence) - detection["confidence"]) <= 0.0051
    return same_name and near and same_track and same_mark and near_score
