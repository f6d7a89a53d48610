"""Nothing a user or a file named steers a terminal."""

import re
from pathlib import Path

import pytest

from api_client.cli.found_table import print_found
from api_client.cli.main import run
from api_client.cli.say import printable, styled, tell
from api_client.found import Found, FoundWord, MissedWord

HOSTILE = "a\x1b]0;title\x07b\nc\u202ed\x9be[bold]f[/bold]\udcffg\u2028h"
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\u2028\u2029]")


def test_steering_characters_are_written_out() -> None:
    assert printable(HOSTILE) == (r"a\x1b]0;title\x07b\nc\u202ed\x9be[bold]f[/bold]\udcffg\u2028h")


@pytest.mark.parametrize("text", ["naïve", "日本語", "👩\u200d🚀", "a\u200cb", "back\\slash"])
def test_ordinary_writing_is_left_alone(text: str) -> None:
    assert printable(text) == text


def test_markup_is_never_read(capsys: pytest.CaptureFixture[str]) -> None:
    word = FoundWord(
        word=HOSTILE,
        frames=1,
        objects=None,
        first_seen_seconds=0,
        last_seen_seconds=0,
        highest_confidence=1,
    )

    print_found(Found(words=(word,), missed=(MissedWord(word=HOSTILE, best_score=0.3),)))

    printed = capsys.readouterr().err
    assert not STEERING.search(printed)
    assert "[bold]" in printed.replace("\n", "")
    assert styled("[bold]x[/bold]").plain == "[bold]x[/bold]"


def test_an_error_about_a_hostile_name_is_one_clean_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["submit", f"{HOSTILE}.mp4", "-v", "dog"]) == 2

    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert not STEERING.search(printed)


def test_commands_in_messages_go_by_the_name_the_program_was_called(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "horatio").touch(0o755)
    monkeypatch.setattr("sys.argv", [str(tmp_path / "horatio")])
    monkeypatch.setenv("PATH", str(tmp_path))

    tell("`client resume JOB` goes on")
    monkeypatch.setenv("PATH", "/nowhere")
    tell("`client resume JOB` goes on")

    on_path, elsewhere = capsys.readouterr().err.splitlines()
    assert on_path == "`horatio resume JOB` goes on"
    assert elsewhere == f"`{tmp_path}/horatio resume JOB` goes on"


def test_the_command_line_prints_nothing_past_the_one_place() -> None:
    sources = Path(__file__).parents[3].joinpath("api_client", "cli").glob("*.py")
    printing = {
        path.name for path in sources if re.search(r"click\.echo\(|(?<![.\w])print\(", path.read_text())
    }

    assert printing <= {"say.py"}
