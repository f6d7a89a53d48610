"""What `jobs`, `status` and `cancel` say, whatever runs or does not."""

import json
from pathlib import Path

import pytest

from api_client import Client
from api_client.cli.main import run
from api_client.contract import Stage, keys
from api_client.queue.connections import Connections
from api_client.queue.items import Item
from api_client.settings import Settings
from tests.unit.client.stored_jobs import finish_chunk, finish_job, store_job


def test_a_job_nobody_works_on_is_interrupted(alone: Settings) -> None:
    job = store_job(alone)
    finish_chunk(alone, job, 0)

    (found,) = Client(alone).jobs()

    assert (found.state, found.frames_done, found.words) == ("interrupted", 10, ("cat", "dog"))
    assert not found.has_ended


def test_a_job_that_waits_for_workers_is_queued(cluster: Settings) -> None:
    job = store_job(cluster)
    Connections(cluster).dispatcher.enqueue_parts(job.job_id, Stage.DETECT, [0, 1])

    assert Client(cluster).status(job.job_id).state == "queued"


def test_a_job_the_cluster_has_forgotten_is_interrupted_and_counted_from_the_store(
    cluster: Settings,
) -> None:
    job = store_job(cluster)
    finish_chunk(cluster, job, 0)

    found = Client(cluster).status(job.job_id)

    assert (found.state, found.chunks_done) == ("interrupted", 1)


def test_chunks_that_redis_forgot_are_counted_beside_those_it_knows(cluster: Settings) -> None:
    job = store_job(cluster)
    finish_chunk(cluster, job, 0)
    Connections(cluster).state(job.job_id).finish(Item(stage=Stage.DETECT, index=1))

    assert Client(cluster).status(job.job_id).chunks_done == 2


def test_unfinished_jobs_are_shown_while_the_broker_is_away(
    alone: Settings, free_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job = store_job(alone)
    finish_chunk(alone, job, 0)
    monkeypatch.setenv("HORATIO_BROKER_URL", f"redis://127.0.0.1:{free_port}/0")
    monkeypatch.setenv("HORATIO_STORE_URL", alone.resolved_store_url)

    assert run(["jobs"]) == 0

    printed = capsys.readouterr()
    assert f"{job.job_id}  detecting" in printed.out
    assert "does not answer" in printed.err


def test_the_list_has_words_detector_and_the_size_of_the_store(
    alone: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    job = store_job(alone)
    finish_job(alone, job)

    assert run(["jobs"]) == 0

    printed = capsys.readouterr()
    (line,) = printed.out.splitlines()
    assert line.split() == [job.job_id, "completed", "20/20", "frames", "cat,", "dog", "(pocket)"]
    assert printed.err.startswith("1 job; file://")
    assert " kB: " in printed.err


def test_a_foreign_folder_among_the_jobs_hides_none(alone: Settings) -> None:
    job = store_job(alone)
    stray = Path(alone.resolved_store_url) / keys.JOBS / "2025_Backup"
    stray.mkdir()
    (stray / "x").touch()

    assert [found.job_id for found in Client(alone).jobs()] == [job.job_id]


def test_cancelling_a_finished_job_says_so_and_changes_nothing(
    alone: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    job = store_job(alone)
    finish_job(alone, job)

    assert run(["cancel", job.job_id]) == 0

    assert "has ended already (completed)" in capsys.readouterr().err
    assert Client(alone).status(job.job_id).state == "completed"


def test_cancelling_stops_one_that_goes_on(cluster: Settings) -> None:
    job = store_job(cluster)

    assert Client(cluster).cancel(job.job_id)

    assert Client(cluster).status(job.job_id).state == "cancelled"
    assert not Client(cluster).watch(job.job_id).__next__().working


def test_gc_deletes_one_by_name(alone: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    kept, gone = (store_job(alone, job_id=f"20260101-{name}") for name in ("kept", "gone"))

    assert run(["gc", gone.job_id]) == 0
    assert "would delete 1 job" in capsys.readouterr().err
    assert run(["gc", gone.job_id, "--yes"]) == 0

    assert [found.job_id for found in Client(alone).jobs()] == [kept.job_id]
    assert run(["gc", gone.job_id]) == 2
    assert run(["gc"]) == 2


def test_json_is_one_line_a_job(alone: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    store_job(alone)

    assert run(["jobs", "--json"]) == 0

    line = json.loads(capsys.readouterr().out)
    assert (line["detector"], line["word_count"]) == ("pocket", 2)
