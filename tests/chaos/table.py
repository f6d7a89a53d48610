"""What a run says of itself: a table for the terminal, and a page."""

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.arena import BOUND_SECONDS, LEFTOVER_SECONDS, SILENCE_SECONDS


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
    """Read what `tests.chaos.conftest` wrote, in a steady order; of a case that was run again, the last."""
    last = {told["test"]: told for told in map(json.loads, path.read_text().splitlines())}
    lines = map(_line, last.values())
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
            held=held,
            count=len(lines),
            minutes=seconds / 60,
            lanes=lanes,
            cores=os.cpu_count(),
            bound=BOUND_SECONDS,
            leftover=LEFTOVER_SECONDS,
            silence=SILENCE_SECONDS,
            look=SILENCE_SECONDS / 2,
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

What was done to jobs, and what became of them: {held} of {count} cases hold. `make chaos` runs them, prints
this table and writes this page (this one: {minutes:.0f} minutes on {cores} cores, {lanes} cases at a time).

Each case is a job of four chunks (or of 34 pictures in two) with real processes: the client, two workers that
do every stage, Redis, and an S3 server (SeaweedFS) behind a proxy that can refuse, hold, delay, cut and alter
what passes.
The fault strikes at one stage: the process that comes there is held until it is done. A case holds if the
job ends within {bound} s with the exit status and the message it should have; if its logs and its video are
the same bytes as those of a job to which nothing happens, or the gap is named and all other frames are the
same; and if {leftover} s later no key of work in Redis, no message, no temporary file and no process is
left. (What a dead worker held is excepted: Redis gives it out again later, and whoever gets it finds the
work done.)

The seconds are from the start of the client to its end: its own start, the job, and the time of the fault
are in them. A worker counts as silent after `HORATIO_SILENCE_SECONDS={silence}` here (60 by default), and
jobs are looked at every {look:g} s (15 by default): with the defaults, what waits for a silent worker waits
that much longer.
"""
