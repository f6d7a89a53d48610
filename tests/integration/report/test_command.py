"""`client report`: the page and the results beside it."""

from pathlib import Path

import pytest

from api_client.cli.main import run
from api_client.contract import keys
from api_client.job_files import JobFiles
from api_client.settings import Settings
from tests.clips import write_clip
from tests.finished_jobs import finish_job, row


@pytest.fixture
def job(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobFiles:
    clip = write_clip(tmp_path / "walk.mp4", frames=20, gop=10, rate=10)
    monkeypatch.setenv("HORATIO_HOME", str(settings.home))
    monkeypatch.chdir(tmp_path)
    return finish_job(settings, clip, [row(i, 0, 0.9, (8, 8, 40, 40)) for i in range(20)])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load(home=tmp_path / "home", chunk_frames=10)


def test_the_page_lies_beside_the_results_and_is_opened(
    job: JobFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: not opened.append(url))

    status = run(["report", job.job_id])

    assert status == 0
    assert capsys.readouterr().out == "walk-horatio/report.html\n"
    assert opened == [(tmp_path / "walk-horatio" / "report.html").as_uri()]
    assert (tmp_path / "walk-horatio" / "walk-annotated.mp4").exists()


def test_written_again_it_is_the_same_page_in_the_same_place(job: JobFiles, tmp_path: Path) -> None:
    run(["report", job.job_id, "--no-open"])
    first = (tmp_path / "walk-horatio" / "report.html").read_bytes()

    run(["report", job.job_id, "--no-open"])

    assert (tmp_path / "walk-horatio" / "report.html").read_bytes() == first
    assert not (tmp_path / "walk-horatio-2").exists()


def test_a_lost_part_costs_pictures_and_no_report(job: JobFiles, tmp_path: Path) -> None:
    whole = run(["report", job.job_id, "--no-open", "-o", "whole"])
    job.store.delete(keys.source_part(job.manifest().footage.source_id, 0))

    assert (whole, run(["report", job.job_id, "--no-open", "-o", "here"])) == (0, 0)
    assert "/9j/" in (tmp_path / "whole" / "report.html").read_text()  # a JPEG in base64
    assert "/9j/" not in (tmp_path / "here" / "report.html").read_text()


def test_another_jobs_directory_is_refused(job: JobFiles, capsys: pytest.CaptureFixture[str]) -> None:
    Path("there").mkdir()
    Path("there", "summary.json").write_text("{}")

    assert run(["report", job.job_id, "--no-open", "-o", "there"]) == 2
    assert "holds other results already" in capsys.readouterr().err
