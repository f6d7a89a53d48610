"""`client export`: from what is stored alone, what the job itself would have written."""

from pathlib import Path

import pytest

from api_client.asked_exports import checked_exports
from api_client.cli.main import run
from api_client.contract import keys
from api_client.contract.export_names import EXPORT_NAMES
from api_client.errors import IntegrityError, JobFailedError, SettingsError
from api_client.export import export_log
from tests.manifests import store_manifest
from tests.unit.log.logs import Job, row, walker


@pytest.fixture
def job(tmp_path: Path) -> Job:
    rows = [*walker([*range(0, 20, 2), *range(24, 40, 2)]), row(8, 1, 0.9, (40, 0, 60, 40))]
    return Job(tmp_path, rows, frames_per_chunk=16, every=2, exports=EXPORT_NAMES)


def test_every_format_is_the_same_as_the_jobs_own(job: Job, tmp_path: Path) -> None:
    job.store_results()

    written = export_log(job.files, EXPORT_NAMES, tmp_path / "out")

    assert len(written) == 13
    for path in written:
        assert path.read_bytes() == (tmp_path / "results" / path.name).read_bytes(), path.name
    assert sorted((tmp_path / "out").iterdir()) == sorted(written)


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(SettingsError, match="no format 'koko': there are parquet, jsonl"):
        checked_exports(["coco", "koko"], tracks=True)


def test_tracks_alone_need_tracks() -> None:
    with pytest.raises(SettingsError, match="without --no-tracks"):
        checked_exports(["mot"], tracks=False)


def test_a_job_that_is_not_finished_says_how_to_wait(job: Job, tmp_path: Path) -> None:
    store_manifest(job.files.store, job.manifest)

    with pytest.raises(JobFailedError, match="client watch job"):
        export_log(job.files, ["csv"], tmp_path / "out")


def test_a_damaged_log_is_noticed(job: Job, tmp_path: Path) -> None:
    job.store_results()
    job.files.store.put(keys.result("job", "detections.parquet"), b"PAR1 but not ours PAR1")

    with pytest.raises(IntegrityError, match="damaged"):
        export_log(job.files, ["csv"], tmp_path / "out")


def test_the_command_writes_the_files_and_prints_their_names(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job.store_results()
    monkeypatch.setenv("HORATIO_STORE_URL", job.files.store.url)
    monkeypatch.setenv("HORATIO_HOME", str(tmp_path / "home"))

    status = run(["export", "job", "--format", "mot, coco", "-o", str(tmp_path / "out")])

    assert status == 0
    assert capsys.readouterr().out.splitlines()[0] == str(tmp_path / "out/detections-mot.txt")
    assert run(["export", "job", "--format", "koko"]) == 2
    assert "there is no format 'koko'" in capsys.readouterr().err
