"""Showing how far a job is, on the standard error: a live display on a terminal, plain lines elsewhere."""

import time
from collections import deque
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from api_client.cli.say import styled, tell
from api_client.contract.stages import Stage
from api_client.queue.job_state import PartProgress
from api_client.status import JobStatus

_RATE_WINDOW_SECONDS = 15.0
_PLAIN_INTERVAL_SECONDS = 5.0


class Rate:
    """Frames per second over the last seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def add(self, frames_done: int) -> None:
        """Note how many frames are done now."""
        now = time.monotonic()
        self._seen.append((now, frames_done))
        while now - self._seen[0][0] > _RATE_WINDOW_SECONDS:
            self._seen.popleft()

    @property
    def frames_per_second(self) -> float:
        """0.0 until something has happened."""
        (began, first), (ended, last) = self._seen[0], self._seen[-1]
        return max(0.0, (last - first) / (ended - began)) if ended > began else 0.0


class JobDisplay:
    """Shows one job until it ends."""

    def __init__(self, *, quiet: bool = False) -> None:
        console = Console(stderr=True, quiet=quiet)
        self._quiet = quiet
        self._live = Live(console=console, refresh_per_second=8) if console.is_terminal else None
        self._rate = Rate()
        self._stage: str | None = None
        self._plain_at = float("-inf")
        self._plain_state = ("", True)

    def __enter__(self) -> Self:
        if self._live:
            self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.__exit__(kind, error, trace)

    def show(self, status: JobStatus) -> None:
        """Show the newest status."""
        if status.stage != self._stage:  # its frames are counted from the first on
            self._rate, self._stage = Rate(), status.stage
        self._rate.add(status.frames_done)
        if self._live:
            self._live.update(_rendered(status, self._rate.frames_per_second))
        elif not self._quiet:
            self._show_plainly(status)

    def _show_plainly(self, status: JobStatus) -> None:
        """Print a line where the state has changed, and now and then."""
        state = (status.state, not (status.waiting_for or status.trouble))
        if state != self._plain_state or time.monotonic() - self._plain_at > _PLAIN_INTERVAL_SECONDS:
            self._plain_at, self._plain_state = time.monotonic(), state
            tell(describe(status, self._rate.frames_per_second))


def describe(status: JobStatus, frames_per_second: float = 0.0) -> str:
    """Return one line: state, frames, rate, time left."""
    words = [f"{status.job_id}: {status.state.replace('_', ' ')}"]
    is_counted = status.stage is None or Stage(status.stage).is_by_part
    if status.state != "failed" and is_counted:
        words.append(status.counted)
    if frames_per_second and is_counted and not status.has_ended:
        words.append(f"{frames_per_second:.1f} {status.unit}/s, {_time_left(status, frames_per_second)} left")
    if is_counted:
        words.append(f"{status.chunks_done}/{status.chunks_total} chunks")
    if status.detection_count is not None and status.has_result:
        words.append(f"{status.detection_count} detections")
    if status.reason:
        words.append(status.reason)
    if waiting := status.waiting_for or status.trouble:
        words.append(f"waiting: {waiting}")
    return ", ".join(words)


def _rendered(status: JobStatus, frames_per_second: float) -> RenderableType:
    state = status.state.replace("_", " ")
    numbers = status.counted
    if frames_per_second and not status.has_ended:
        numbers += f"  {frames_per_second:.1f}/s  {_time_left(status, frames_per_second)} left"
    workers = (
        styled(f"  {_named(p)}: {p.frames_done} {status.unit} on {p.worker}", "dim")
        for p in sorted(status.working, key=lambda p: p.item.index or 0)
    )
    trouble = status.waiting_for or status.trouble
    waiting = [styled(f"  waiting: {trouble}", "yellow")] if trouble else []
    progress = bar(f"{status.source_name}  {state}", status.frames_done, status.frames_total, numbers)
    return Group(progress, *waiting, *workers)


def _named(part: PartProgress) -> str:
    return str(part.item.stage) if part.item.index is None else f"chunk {part.item.index}"


def bar(title: str, done: int, total: int, numbers: str) -> Table:
    """Return one line with a bar in it."""
    row = Table.grid(padding=(0, 2))
    row.add_row(styled(title), ProgressBar(total=max(total, 1), completed=done, width=40), numbers)
    return row


def _time_left(status: JobStatus, frames_per_second: float) -> str:
    seconds = round((status.frames_total - status.frames_done) / frames_per_second)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
