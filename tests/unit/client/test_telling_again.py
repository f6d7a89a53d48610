"""`client render` and `client track`: what cannot be told is refused in one line, before any job is made."""

import pytest

from api_client import Client
from api_client.cli.main import run
from api_client.contract import Manifest, TrackMarker
from api_client.job_files import JobFiles
from api_client.queue.connections import open_store_of
from api_client.settings import Settings
from tests.unit.client.stored_jobs import store_job


@pytest.fixture
def tracked(cluster: Settings) -> Manifest:
    """A job whose log is there, made with a threshold of 0.5."""
    job = store_job(cluster)
    marker = TrackMarker(files=(), rows=(), detection_count=0, provenance={"threshold": 0.5})
    JobFiles(open_store_of(cluster), job.job_id).write_tracked(marker)
    return job


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run([*arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_a_threshold_below_what_was_logged_is_refused(
    cluster: Settings, tracked: Manifest, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refusal(capsys, "track", tracked.job_id, "-t", "0.001")

    assert f"below what job {tracked.job_id} has logged" in line
    assert [job.job_id for job in Client(cluster).jobs()] == [tracked.job_id]


def test_what_the_log_does_not_tell_cannot_be_drawn(
    cluster: Settings, tracked: Manifest, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refusal(capsys, "render", tracked.job_id, "-t", "0.45")

    assert f"below 0.5, from where on the log of job {tracked.job_id} tells" in line
    assert f"client track {tracked.job_id} -t 0.45" in line
    assert [job.job_id for job in Client(cluster).jobs()] == [tracked.job_id]


def test_a_word_nobody_looked_for_cannot_be_shown(
    cluster: Settings, tracked: Manifest, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refusal(capsys, "render", tracked.job_id, "--only", "cat,zebra")

    assert "'zebra' is not among the words looked for" in line
    assert [job.job_id for job in Client(cluster).jobs()] == [tracked.job_id]
