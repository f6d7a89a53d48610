"""A broker or store that stops answering is waited for, and the user is told."""

import pytest

from api_client.errors import BrokerUnavailableError, HoratioError, JobFailedError, StoreUnavailableError
from api_client.status import JobStatus
from api_client.waiting import Retries
from api_client.watching import watched
from tests.manifests import manifest


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api_client.waiting.time.sleep", lambda _: None)


class Scripted:
    """Raises or returns what it was given, one a call."""

    def __init__(self, *steps: object) -> None:
        self._steps = list(steps)

    def __call__(self) -> JobStatus:
        step = self._steps.pop(0)
        if isinstance(step, Exception):
            raise step
        assert isinstance(step, JobStatus)
        return step


def status(state: str) -> JobStatus:
    known = JobStatus.unknown(manifest(job_id="20260101-walk"))
    return JobStatus(**{**vars(known), "state": state})


def watch(look: Scripted, *, wait_seconds: float = 600) -> list[JobStatus]:
    return [
        *watched(
            status("queued"),
            look=look,
            mend=lambda: None,
            check=lambda: None,
            wait_seconds=wait_seconds,
            interval_seconds=0,
            mend_seconds=15,
            clear=lambda: None,
        )
    ]


def test_a_watcher_waits_and_says_for_what() -> None:
    away = BrokerUnavailableError("the broker at r:6379 does not answer")

    seen = watch(Scripted(status("running"), away, away, status("completed")))

    assert [(s.state, s.waiting_for) for s in seen] == [
        ("running", None),
        ("running", str(away)),
        ("running", str(away)),
        ("completed", None),
    ]


def test_a_watcher_gives_up_with_the_job_and_the_command_that_goes_on() -> None:
    with pytest.raises(StoreUnavailableError, match=r"gave up after 0 s.*`client watch 20260101-walk`"):
        watch(Scripted(StoreUnavailableError("the store is away")), wait_seconds=0)


def test_what_no_waiting_mends_is_raised_at_once() -> None:
    with pytest.raises(JobFailedError):
        watch(Scripted(JobFailedError("no")))


def test_calls_are_repeated_until_they_are_answered() -> None:
    told: list[HoratioError] = []
    away = StoreUnavailableError("the store is away")

    answered = Retries(seconds=600, on_wait=told.append).call(Scripted(away, away, status("queued")))

    assert answered.state == "queued"
    assert told == [away, away]
