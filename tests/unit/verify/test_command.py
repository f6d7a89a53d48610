"""`client verify`: what it prints, and with which status it ends."""

from dataclasses import replace
from pathlib import Path

import pytest

from api_client.cli.main import run
from api_client.verify import verify_result
from tests.results.made import Made


def test_verified_ends_with_0_and_one_line(
    right: Made, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right.write(out)

    assert run(["verify", str(right.source), str(out)]) == 0

    assert capsys.readouterr().out.startswith("verified: all 48 frames are in the log and in the annotated")


def test_differences_end_with_1_and_a_line_each(
    right: Made, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replace(right, sound=None, gaps=[(1, 2)]).write(out)

    assert run(["verify", str(right.source), str(out)]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "different",
        "different",
        "note",
        lines[3].split(":")[0],
    ]
    assert lines[3].startswith("2 differences in 48 frames")


@pytest.mark.parametrize("missing", ["source", "results"])
def test_nothing_to_compare_ends_with_2_and_one_line(
    right: Made, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    right.write(out)
    source, results = right.source, out
    if missing == "source":
        source = tmp_path / "gone.mp4"
    else:
        results = tmp_path

    assert run(["verify", str(source), str(results)]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert captured.err.startswith("client: ")


def test_progress_is_told_frame_by_frame(right: Made, out: Path) -> None:
    told: list[tuple[int, int]] = []

    verify_result(right.source, right.write(out), on_progress=lambda done, total: told.append((done, total)))

    assert told == [(done, 48) for done in range(1, 49)]
