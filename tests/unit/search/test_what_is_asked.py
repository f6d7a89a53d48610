"""`client search`: what cannot be searched for is refused in one line, most of it before anything starts."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api_client import Client
from api_client.cli.main import run
from api_client.detectors import SHIPPED_WEIGHTS
from api_client.errors import SettingsError
from api_client.search.request import since_when
from api_client.settings import Settings
from api_client.store import ObjectStore
from tests.unit.client.test_query import learnt_file
from tests.unit.search.footage import store_looked_at

RED = [[("red", 0)]] * 10
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["search", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_no_word_or_an_empty_one(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is nothing to search for" in refusal(capsys)
    assert "the vocabulary is empty" in refusal(capsys, "")
    assert "the vocabulary is empty" in refusal(capsys, " , ")


def test_a_job_that_is_not_there_or_kept_no_regions(
    settings: Settings, store: ObjectStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store_looked_at(store, tmp_path, [None], job_id="looked-away")

    assert "no job 'nowhere' in" in refusal(capsys, "dog", "--job", "nowhere")
    assert "job looked-away kept no regions" in refusal(capsys, "dog", "--job", "looked-away")


def test_a_store_without_regions(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert "kept regions to search: `client submit VIDEO` makes one" in refusal(capsys, "dog")


def test_no_time_no_number(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--since is 'lately', which is no time: write 2026-11-01" in refusal(
        capsys, "dog", "--since", "lately"
    )
    assert "--top is 0" in refusal(capsys, "dog", "--top", "0")
    assert "threshold" in refusal(capsys, "dog", "-t", "7")


def test_what_was_learnt_with_another_detector(
    settings: Settings, store: ObjectStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store_looked_at(store, tmp_path, [RED])
    path = learnt_file(tmp_path, detector="pocket", weights=SHIPPED_WEIGHTS["pocket"])

    assert "'pug' was learnt with the detector 'pocket' and other weights" in refusal(capsys, str(path))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-04-01T12:30+00:00", datetime(2026, 4, 1, 12, 30, tzinfo=UTC)),
        ("90m", NOW - timedelta(minutes=90)),
        ("12h", NOW - timedelta(hours=12)),
        ("7d", NOW - timedelta(days=7)),
        ("2w", NOW - timedelta(weeks=2)),
    ],
)
def test_times_as_people_write_them(text: str, moment: datetime) -> None:
    assert since_when(text, now=NOW) == moment


def test_a_date_is_this_machines() -> None:
    assert since_when("2026-04-01") == datetime(2026, 4, 1).astimezone(UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "7", "7 years", "2026-13-01", "999999w"])
def test_no_times(text: str) -> None:
    with pytest.raises(SettingsError, match="which is no time"):
        since_when(text)


def test_moments_as_lines_for_programs(
    settings: Settings, store: ObjectStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = store_looked_at(store, tmp_path, [RED])

    assert run(["search", "red, green", "--json"]) == 0

    output = capsys.readouterr()
    moment = json.loads(output.out)
    assert (moment["word"], moment["job_id"], moment["last_seconds"]) == ("red", job.job_id, 0.9)
    assert output.err.splitlines() == ["green: nothing", "1 moment in 1 source, 1 job; 1 look asked"]


def test_a_phrase_is_asked_as_one_word_and_that_is_said(
    settings: Settings, store: ObjectStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store_looked_at(store, tmp_path, [RED])

    assert run(["search", "red car"]) == 0

    output = capsys.readouterr()
    assert output.out.startswith("0.90  red car  0:00 to 0:00.9")
    assert "note: 'red car' is asked as one word" in output.err


def test_a_process_that_cannot_go_on_says_why_in_one_line(
    settings: Settings, store: ObjectStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store_looked_at(store, tmp_path, [RED])
    (settings.home / "search").write_text("no directory")

    line = refusal(capsys, "red")

    assert "the search ended unexpectedly: FileExistsError" in line or "NotADirectoryError" in line


def test_one_client_searches_again_and_leaves_nothing_running(
    settings: Settings, store: ObjectStore, tmp_path: Path
) -> None:
    store_looked_at(store, tmp_path, [RED])
    with Client(settings) as client:
        first = client.search(["red"])
        process = client._searching._process
        assert process is not None
        process.kill()
        process.wait()

        again = client.search("red")
        last = client._searching._process

    assert first.answer == again.answer
    assert first.table.column("word").to_pylist() == ["red"]
    assert "<td>red</td>" in first._repr_html_()
    assert last is not None
    assert last.poll() is not None
