"""Rows of the table, and what they are measured with."""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table."""

    what: str
    ours: str
    baseline: str
    ratio: float
    """More than the goal is better where `more_is_better`, less otherwise."""
    goal: float
    more_is_better: bool
    repeats: int

    @property
    def holds(self) -> bool:
        """Whether the goal is met."""
        return self.ratio >= self.goal if self.more_is_better else self.ratio <= self.goal

    def to_markdown(self) -> str:
        """Return the line."""
        sign = "≥" if self.more_is_better else "≤"
        held = "yes" if self.holds else "**no**"
        cells = (self.what, self.ours, self.baseline, f"{self.ratio:.2f}", f"{sign} {self.goal:g}", held)
        return "| " + " | ".join((*cells, str(self.repeats))) + " |"


HEAD = """| what | Horatio | baseline | ratio | goal | holds | repeats |
| --- | --- | --- | --- | --- | --- | --- |"""


def seconds_of(work: Callable[[], object]) -> float:
    """How long a call takes."""
    began_at = time.perf_counter()
    work()
    return time.perf_counter() - began_at


def side_by_side(
    ours: Callable[[], object], baseline: Callable[[], object], *, repeats: int
) -> tuple[float, float]:
    """Median seconds of both, which take turns so that a busy moment strikes both; each once unmeasured."""
    ours()
    baseline()
    pairs = [(seconds_of(ours), seconds_of(baseline)) for _ in range(repeats)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def speed_row(
    what: str, units: int, unit: str, times: tuple[float, float], baseline: str, *, goal: float, repeats: int
) -> Row:
    """A row of how many units a second: the ratio is our speed by the baseline's."""
    ours, other = times
    return Row(
        what=what,
        ours=f"{units / ours:.0f} {unit}/s",
        baseline=f"{baseline}: {units / other:.0f} {unit}/s",
        ratio=other / ours,
        goal=goal,
        more_is_better=True,
        repeats=repeats,
    )


def cost_row(what: str, times: tuple[float, float], baseline: str, *, goal: float, repeats: int) -> Row:
    """A row of what something costs: the ratio is our seconds by the baseline's."""
    ours, other = times
    return Row(
        what=what,
        ours=f"{ours:.2f} s",
        baseline=f"{baseline}: {other:.2f} s",
        ratio=ours / other,
        goal=goal,
        more_is_better=False,
        repeats=repeats,
    )


def ffmpeg(*arguments: object) -> None:
    """Run FFmpeg's program quietly; one process, as many threads as it takes by itself."""
    command: Sequence[str] = ["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    subprocess.run(command, check=True)
