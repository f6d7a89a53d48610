"""What the exit status says. Scripts rely on it, and `docs/results.md` lists it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api_client.status import JobStatus  # a command that is only listed needs none of it

COMPLETE = 0
FAILED = 1
"""The job failed or was cancelled, or a verification found differences."""
UNUSABLE = 2
"""What was asked for cannot be: nothing was started, or nothing answers."""
WITH_GAPS = 3
"""Complete but for frames nobody could look at, or but for the video or parts of it."""
INTERRUPTED = 130
TERMINATED = 143

_BY_GRAVITY = (COMPLETE, WITH_GAPS, FAILED)


def status_of(last: "JobStatus") -> int:
    """Return the exit status for the end of a job."""
    return {"completed": COMPLETE, "completed_with_gaps": WITH_GAPS}.get(last.state, FAILED)


def gravest(statuses: list[int]) -> int:
    """Return the one that speaks for many jobs: a failure before a gap, a gap before none."""
    return max(statuses, key=_BY_GRAVITY.index, default=COMPLETE)
