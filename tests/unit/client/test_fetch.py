"""Fetching: complete, under true names, over nothing of anybody else's."""

import json
from pathlib import Path

import pytest

from api_client import Client
from api_client.already_done import answered_in
from api_client.cli.main import run
from api_client.contract.marker import Gap
from api_client.errors import HoratioError, SettingsError, StoreUnavailableError
from api_client.settings import Settings
from api_client.store.directory import DirectoryStore
from tests.unit.client.stored_jobs import files_below, finish_job, store_job

GAP = Gap(first_frame=0, last_frame=9, reason="the worker died")


def test_files_get_true_names_in_the_directory_and_in_its_record(alone: Settings, tmp_path: Path) -> None:
    job = store_job(alone)
    finish_job(alone, job)

    fetched = Client(alone).fetch(job.job_id, tmp_path / "out")

    expected = {"clip-annotated.mp4", "detections.txt", "summary.json", "job.json"}
    assert files_below(tmp_path / "out") == expected
    recorded = json.loads((tmp_path / "out" / "job.json").read_text())
    assert {stored["name"] for stored in recorded["files"]} == expected - {"job.json"}
    assert fetched.video_path == tmp_path / "out" / "clip-annotated.mp4"
    assert set(fetched.paths.values()) == {tmp_path / "out" / name for name in expected}


def test_results_of_another_job_are_never_written_over(alone: Settings, tmp_path: Path) -> None:
    for job_id in ("20260101-a", "20260101-b"):
        finish_job(alone, store_job(alone, job_id=job_id))
    client = Client(alone)
    first = client.fetch("20260101-a", tmp_path / "out")

    with pytest.raises(SettingsError, match=r"job 20260101-a.*`client fetch 20260101-b -o DIRECTORY`"):
        client.fetch("20260101-b", tmp_path / "out")
    numbered = client.fetch("20260101-b", tmp_path / "out", if_taken="number")

    assert (first.directory.name, numbered.directory.name) == ("out", "out-2")
    assert json.loads((tmp_path / "out" / "job.json").read_text())["job_id"] == "20260101-a"


def test_a_store_that_does_not_answer_at_first_is_waited_for(
    alone: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, asked, get = store_job(alone), set(), DirectoryStore.get
    finish_job(alone, job)

    def away_at_first(store: DirectoryStore, key: str) -> bytes:
        if key not in asked:
            asked.add(key)
            raise StoreUnavailableError("away")
        return get(store, key)

    monkeypatch.setattr(DirectoryStore, "get", away_at_first)
    monkeypatch.setattr("api_client.waiting.time.sleep", lambda _: None)
    monkeypatch.chdir(tmp_path)

    assert Client(alone).fetch(job.job_id).paths["detections.txt"].exists()


def test_fetching_again_is_fine(alone: Settings, tmp_path: Path) -> None:
    job = store_job(alone)
    finish_job(alone, job)

    for _ in range(2):
        assert Client(alone).fetch(job.job_id, tmp_path / "out").directory == tmp_path / "out"


def test_a_directory_that_cannot_be_is_an_error_that_says_how_to_get_the_results(
    alone: Settings, tmp_path: Path
) -> None:
    job = store_job(alone)
    finish_job(alone, job)
    (tmp_path / "file").touch()

    with pytest.raises(HoratioError, match=r"`client fetch 20260101-clip -o DIRECTORY`"):
        Client(alone).fetch(job.job_id, tmp_path / "file" / "out")


def test_what_is_complete_answers_the_same_question_and_no_other(alone: Settings, tmp_path: Path) -> None:
    job = store_job(alone)
    finish_job(alone, job)
    Client(alone).fetch(job.job_id, tmp_path / "out")
    other = job.job.model_copy(update={"threshold": 0.3})

    assert answered_in([tmp_path / "none", tmp_path / "out"], job.source, job.job) == tmp_path / "out"
    assert answered_in([tmp_path / "out"], job.source, other) is None
    (tmp_path / "out" / "detections.txt").unlink()
    assert answered_in([tmp_path / "out"], job.source, job.job) is None


def test_results_with_gaps_answer_nothing_and_are_exit_status_3(
    alone: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job = store_job(alone)
    finish_job(alone, job, gaps=(GAP,))
    monkeypatch.chdir(tmp_path)

    status = run(["fetch", job.job_id])

    printed = capsys.readouterr()
    assert status == 3
    assert printed.out.splitlines() == ["clip-horatio/clip-annotated.mp4", "clip-horatio/detections.txt"]
    assert "frames 0 to 9 were not looked at: the worker died" in printed.err
    assert "dog (best 0.42)" in printed.err
    assert answered_in([tmp_path / "clip-horatio"], job.source, job.job) is None


def test_json_has_every_path_and_nothing_else_is_printed(
    alone: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = store_job(alone)
    finish_job(alone, job)

    assert run(["fetch", job.job_id, "-o", str(tmp_path / "out"), "--json", "-q"]) == 0

    printed = capsys.readouterr()
    line = json.loads(printed.out)
    assert line["files"]["detections.txt"] == str(tmp_path / "out" / "detections.txt")
    assert (line["state"], line["directory"]) == ("completed", str(tmp_path / "out"))
    assert printed.err == ""


def test_a_result_shows_itself_in_a_notebook(alone: Settings, tmp_path: Path) -> None:
    job = store_job(alone, file_name="<b>.mp4")
    finish_job(alone, job)

    shown = Client(alone).fetch(job.job_id, tmp_path / "out")._repr_html_()

    assert "&lt;b&gt;-annotated.mp4" in shown
    assert "<table>" in shown


def test_what_a_killed_fetch_left_goes_with_the_next(alone: Settings, tmp_path: Path) -> None:
    job = store_job(alone)
    finish_job(alone, job)
    Client(alone).fetch(job.job_id, tmp_path / "out")
    (tmp_path / "out" / ".fetching-x").mkdir()
    (tmp_path / "out" / ".fetching-x" / "video.part").write_bytes(b"half")

    Client(alone).fetch(job.job_id, tmp_path / "out")

    assert not (tmp_path / "out" / ".fetching-x").exists()
