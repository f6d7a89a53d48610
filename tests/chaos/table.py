"""What a run says of itself: a table for the terminal, and a page."""

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Line:
    """One case."""

    stage: str
    fault: str
    expected: str
    holds: bool
    seconds: float | None
    """From the start of the client to its end; None where it did not end."""
    why: str
    """What went wrong, in a few lines."""


def read_table(path: Path) -> list[Line]:
    """Read what `tests.chaos.conftest` wrote, in a steady order."""
    lines = [_line(json.loads(text)) for text in path.read_text().splitlines()]
    return sorted(lines, key=lambda line: (line.fault, line.stage))


def _line(told: dict[str, object]) -> Line:
    return Line(
        stage=str(told.get("stage", told["test"])),
        fault=str(told.get("fault", "")),
        expected=str(told.get("result", "")),
        holds=told["outcome"] == "passed",
        seconds=float(str(told["seconds"])) if "seconds" in told else None,
        why=str(told["why"]),
    )


def to_text(lines: Iterable[Line], seconds: float) -> str:
    """Return the table for a terminal: fault by stage, result, seconds."""
    lines = list(lines)
    rows = [
        f"{'ok' if line.holds else 'FAIL':<4} {line.fault:<54} {line.stage:<20} {line.expected:<28} "
        f"{_of(line)}"
        for line in lines
    ]
    held = sum(line.holds for line in lines)
    return "\n".join([*rows, f"{held} of {len(lines)} cases hold, in {seconds / 60:.1f} minutes"])


def to_page(lines: Iterable[Line], seconds: float, *, lanes: int) -> str:
    """Return docs/reliability.md."""
    lines = list(lines)
    held = sum(line.holds for line in lines)
    parts = [
        _INTRODUCTION.format(
            held=held, count=len(lines), minutes=seconds / 60, lanes=lanes, cores=os.cpu_count()
        )
    ]
    by_fault: defaultdict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        by_fault[line.fault, line.expected].append(line)
    parts += [
        "| fault | result | where it strikes, and the seconds from submitting to the end |",
        "| --- | --- | --- |",
    ]
    for (fault, expected), cases in by_fault.items():
        where = ", ".join(f"{case.stage} {_of(case)}{'' if case.holds else ' **fails**'}" for case in cases)
        parts.append(f"| {fault} | {expected} | {where} |")
    return "\n".join(parts) + "\n"


def _of(line: Line) -> str:
    return "never" if line.seconds is None else f"{line.seconds:.1f}"


_INTRODUCTION = """# Reliability

What was done to jobs, and what became of them. `make chaos` prints this table and writes this page:
{held} of {count} cases hold, in {minutes:.0f} minutes on {cores} cores, {lanes} at a time.
"""
