"""The whole video: word by word, and which frames the two jobs disagree about most."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from api_client.compare.matching import Matched, matched
from api_client.log.frames import FrameRecord


@dataclass(kw_only=True)
class ClassAgreement:
    """One word, in detections. Mutable: it is counted up frame by frame."""

    class_name: str
    both: int = 0
    """Found by both jobs in the same place."""
    only_first: int = 0
    only_second: int = 0
    iou_sum: float = 0.0

    @property
    def agreement(self) -> float:
        """Share of what either found that both found, 0 to 1."""
        return self.both / (self.both + self.only_first + self.only_second)

    @property
    def mean_iou(self) -> float | None:
        """Of what both found; None where nothing was."""
        return self.iou_sum / self.both if self.both else None


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """One frame in which the jobs differ."""

    frame_index: int
    time_seconds: float
    amount: float
    """Sum of the confidences of all boxes that only one of them has."""
    found: Matched


@dataclass(kw_only=True)
class Agreement:
    """Counted up frame by frame."""

    frames_compared: int = 0
    """Those both jobs looked at."""
    classes: dict[str, ClassAgreement] = field(default_factory=dict)
    """By label without upper case."""
    amounts: list[tuple[float, int, float]] = field(default_factory=list)
    """(amount, frame, seconds) of every frame with any disagreement."""

    def add(self, frame: FrameRecord, found: Matched) -> None:
        """Count one frame."""
        self.frames_compared += 1
        for box, _, iou in found.both:
            counted = self._of(box.class_name)
            counted.both += 1
            counted.iou_sum += iou
        for box in found.only_first:
            self._of(box.class_name).only_first += 1
        for box in found.only_second:
            self._of(box.class_name).only_second += 1
        amount = sum(box.confidence for box in (*found.only_first, *found.only_second))
        if amount:
            self.amounts.append((amount, frame.frame_index, frame.time_seconds))

    def in_order(self) -> list[ClassAgreement]:
        """Words by falling number of what was found."""
        return sorted(
            self.classes.values(), key=lambda c: (-(c.both + c.only_first + c.only_second), c.class_name)
        )

    def worst(self, count: int, *, apart_seconds: float) -> list[int]:
        """Indices of the frames with most disagreement, none near another, in order of time."""
        chosen: list[tuple[float, int]] = []
        for _, frame_index, seconds in sorted(self.amounts, key=lambda it: (-it[0], it[1])):
            if len(chosen) < count and all(abs(seconds - other) >= apart_seconds for other, _ in chosen):
                chosen.append((seconds, frame_index))
        return [frame_index for _, frame_index in sorted(chosen)]

    def _of(self, label: str) -> ClassAgreement:
        return self.classes.setdefault(label.casefold(), ClassAgreement(class_name=label))


def compared(
    first: Iterable[FrameRecord], second: Iterable[FrameRecord]
) -> Iterator[tuple[FrameRecord, Matched | None]]:
    """Yield every frame of the first log, and what came of it; None where not both jobs looked at it.

    Only what a detector saw counts, nothing that was placed between two looks.
    """
    for ours, theirs in zip(first, second, strict=True):
        both_looked = ours.unseen is None and theirs.unseen is None
        yield ours, matched(ours.detections, theirs.detections) if both_looked else None


def agreement_of(frames: Iterable[tuple[FrameRecord, Matched | None]]) -> Agreement:
    """Count all frames."""
    agreement = Agreement()
    for frame, found in frames:
        if found is not None:
            agreement.add(frame, found)
    return agreement


def disagreements(
    frames: Iterable[tuple[FrameRecord, Matched | None]], wanted: Sequence[int]
) -> Iterator[Disagreement]:
    """Yield what the jobs found in these frames, in order."""
    chosen = set(wanted)
    for frame, found in frames:
        if frame.frame_index in chosen and found is not None:
            amount = sum(box.confidence for box in (*found.only_first, *found.only_second))
            yield Disagreement(
                frame_index=frame.frame_index, time_seconds=frame.time_seconds, amount=amount, found=found
            )
