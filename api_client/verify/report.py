"""What verification found."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class VerifyReport:
    """What was compared, and how it differs."""

    frames: int
    """In the input, as a plain decoder gives them."""
    differences: tuple[str, ...]
    """In words, one line a kind of difference."""
    remarks: tuple[str, ...] = ()
    """What could not be compared, and why."""
    worst_frame: int | None = None
    """The frame whose picture is least like the input's; None where no pictures were compared."""
    worst_psnr_db: float | None = None
    """How alike that one is, outside what was drawn: more is better, below 25 is a difference."""
    seconds: float = 0.0
    """How long it took."""
    unit: str = "frame"
    """What is counted: "frame", or "picture"."""

    def describe(self) -> str:
        """Return one line."""
        pace = f"{self.seconds:.1f} s, {self.frames / max(self.seconds, 1e-3):.0f} {self.unit}s/s"
        if self.differences:
            found = _counted(len(self.differences), "difference")
            return f"{found} in {_counted(self.frames, self.unit)} ({pace})"
        worst = ""
        if self.worst_frame is not None:
            worst = f"; least alike is {self.unit} {self.worst_frame} with {self.worst_psnr_db:.1f} dB"
        which = f"the one {self.unit} is" if self.frames == 1 else f"all {self.frames} {self.unit}s are"
        if self.unit == "picture":
            return f"verified: {which} in the log and annotated, once and alike{worst} ({pace})"
        return (
            f"verified: {which} in the log and in the annotated video, "
            f"once, in time and alike{worst} ({pace})"
        )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("s" if number != 1 else "")


class Kind:
    """Collects occurrences of one kind of difference, which become one line."""

    def __init__(self) -> None:
        self.count = 0
        self.first: int | None = None
        self.last: int | None = None
        self.worst_index: int | None = None
        self.worst_amount = 0.0
        self.worst_text = ""

    def add(self, frame_index: int, text: str = "", amount: float = 0.0) -> None:
        """Note that a frame shows it; the text of the greatest amount is kept."""
        self.count += 1
        self.first = frame_index if self.first is None else self.first
        self.last = frame_index
        if self.count == 1 or amount > self.worst_amount:
            self.worst_index, self.worst_amount, self.worst_text = frame_index, amount, text

    @property
    def where(self) -> str:
        """E.g. "frame 7" or "41 frames between 30 and 99"."""
        if self.count == 1:
            return f"frame {self.first}"
        return f"{self.count} frames (from {self.first} to {self.last})"
