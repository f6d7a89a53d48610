"""Results lie where nothing else does, and that is known before anything is computed."""

import json
import os
from pathlib import Path

import pytest

from api_client.errors import SettingsError
from api_client.results_place import (
    CLAIM,
    check_can_be_written,
    check_named_directory,
    claim_directory,
    fitting_stem,
    free_directory,
    job_of,
)


def results_of(job_id: str, directory: Path) -> Path:
    """A directory that holds a job's results."""
    directory.mkdir()
    (directory / "job.json").write_text(json.dumps({"job_id": job_id}))
    return directory


def test_a_directory_with_other_results_gets_a_number(tmp_path: Path) -> None:
    results_of("first", tmp_path / "walk-horatio")
    results_of("second", tmp_path / "walk-horatio-2")

    assert free_directory(tmp_path / "walk-horatio") == tmp_path / "walk-horatio-3"


def test_a_directory_with_anything_of_the_users_gets_a_number(tmp_path: Path) -> None:
    (tmp_path / "walk-horatio").mkdir()
    (tmp_path / "walk-horatio" / "notes.txt").write_text("mine")

    assert free_directory(tmp_path / "walk-horatio").name == "walk-horatio-2"


def test_a_file_in_its_place_gets_a_number(tmp_path: Path) -> None:
    (tmp_path / "walk-horatio").write_text("mine")

    assert free_directory(tmp_path / "walk-horatio").name == "walk-horatio-2"


def test_an_empty_directory_and_the_jobs_own_are_free(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    results_of("mine", tmp_path / "own")

    assert free_directory(tmp_path / "empty") == tmp_path / "empty"
    assert free_directory(tmp_path / "own", job_id="mine") == tmp_path / "own"


def test_two_inputs_of_one_name_get_two_directories(tmp_path: Path) -> None:
    first = free_directory(tmp_path / "walk-horatio")

    assert free_directory(tmp_path / "walk-horatio", taken={first}).name == "walk-horatio-2"


def test_a_named_directory_with_another_jobs_results_is_refused(tmp_path: Path) -> None:
    results_of("20260101-first", tmp_path / "out")

    with pytest.raises(SettingsError, match=r"holds the results of job 20260101-first: name another"):
        check_named_directory(tmp_path / "out", job_id="another")


def test_a_named_directory_with_other_files_is_fine(tmp_path: Path) -> None:
    (tmp_path / "walk.mp4").write_bytes(b"the input itself")

    check_named_directory(tmp_path)


def test_of_two_jobs_one_gets_the_directory_and_the_other_the_next(tmp_path: Path) -> None:
    first = claim_directory(tmp_path / "out", "first", if_taken="number")
    second = claim_directory(tmp_path / "out", "second", if_taken="number")

    assert (first.name, second.name) == ("out", "out-2")
    assert (job_of(first), job_of(second)) == ("first", "second")


def test_a_fetch_that_was_broken_off_goes_on_in_its_directory(tmp_path: Path) -> None:
    directory = claim_directory(tmp_path / "out", "job", if_taken="refuse")
    (directory / "detections.txt").write_text("half")

    assert claim_directory(tmp_path / "out", "job", if_taken="refuse") == directory
    assert (directory / CLAIM).read_text() == "job"


@pytest.mark.parametrize("stem", ["a" * 300, "ü" * 200, "日" * 120, "\udcff" * 250])
def test_a_long_name_is_cut_so_that_everything_named_after_it_fits(stem: str, tmp_path: Path) -> None:
    fitting = fitting_stem(f"{stem}.mp4", tmp_path)

    (tmp_path / f"{fitting}-horatio-9999").mkdir()
    (tmp_path / f"{fitting}-annotated.mp4").touch()
    assert stem.startswith(fitting)


@pytest.mark.parametrize("name", ["", ".", "..", "../..", "/", "a/../../etc/passwd", "\0"])
def test_a_name_from_the_store_never_leads_out_of_the_directory(name: str, tmp_path: Path) -> None:
    assert os.sep not in fitting_stem(name, tmp_path)
    assert fitting_stem(name, tmp_path)


def test_a_name_too_long_for_the_file_system_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="too long"):
        check_can_be_written(tmp_path / ("x" * 300) / "out", size_bytes=0)

    assert list(tmp_path.iterdir()) == []


def test_too_little_room_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MB free"):
        check_can_be_written(tmp_path / "out", size_bytes=1 << 60)


def test_a_place_that_cannot_be_written_is_told() -> None:
    with pytest.raises(SettingsError, match=r"results cannot go to /proc/out: .*-o names another"):
        check_can_be_written(Path("/proc/out"), size_bytes=0)
