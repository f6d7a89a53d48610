"""The end of a job says what was found, and what nearly was."""

import json
from pathlib import Path

import pytest

from api_client.cli.found_table import clock, counts, print_found
from api_client.errors import IntegrityError
from api_client.found import read_found

DOG = {
    "detections": 12,
    "frames": 10,
    "highest_confidence": 0.91,
    "first_seen_seconds": 1.28,
    "last_seen_seconds": 62.0,
}


def summary(directory: Path, **more: object) -> Path:
    document = {"classes": {"dog": DOG}, "not_found": ["leash", "kettle"], **more}
    (directory / "summary.json").write_text(json.dumps(document))
    return directory


def test_words_found_and_missed_are_read(tmp_path: Path) -> None:
    found = read_found(summary(tmp_path, near_misses={"kettle": 0.31}))

    assert [(word.word, word.frames, word.objects) for word in found.words] == [("dog", 10, None)]
    assert [(word.word, word.best_score) for word in found.missed] == [("kettle", 0.31), ("leash", None)]
    assert found.threshold_hint == 0.3


def test_without_a_near_miss_there_is_no_hint(tmp_path: Path) -> None:
    assert read_found(summary(tmp_path)).threshold_hint is None


def test_a_word_whose_boxes_were_told_as_another_is_no_near_miss(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = read_found(summary(tmp_path, near_misses={"leash": 0.54}, told_as={"leash": "rope"}))

    print_found(found)

    assert found.threshold_hint is None
    printed = capsys.readouterr().err
    assert "not found: leash (its boxes were told as rope), kettle" in printed
    assert "try" not in printed


@pytest.mark.parametrize(("best", "hint"), [(0.3, 0.3), (0.349, 0.3), (0.35, 0.35), (0.04, None)])
def test_the_hint_is_a_round_number_that_would_have_found_it(
    tmp_path: Path, best: float, hint: float | None
) -> None:
    assert read_found(summary(tmp_path, near_misses={"leash": best})).threshold_hint == hint


def test_the_table_shows_all_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_found(read_found(summary(tmp_path, near_misses={"leash": 0.31})))

    printed = capsys.readouterr().err
    for shown in ("dog", "10", "00:01.3", "01:02.0", "0.91", "leash (best 0.31)", "kettle", "`-t 0.3`"):
        assert shown in printed
    assert "objects" not in printed


def test_distinct_objects_have_a_column_once_they_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_found(read_found(summary(tmp_path, classes={"dog": {**DOG, "objects": 2}})))

    assert "objects" in capsys.readouterr().err


def test_many_words_are_cut_short(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [f"word{number}" for number in range(1000)]
    found = read_found(summary(tmp_path, classes=dict.fromkeys(words, DOG), not_found=words))

    print_found(found)

    assert len(capsys.readouterr().err.splitlines()) < 40
    assert counts(found) == "word0 10, word1 10, word2 10, and 997 more"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"classes": 3, "not_found": []}'])
def test_a_damaged_summary_is_an_error_of_ours(tmp_path: Path, text: str) -> None:
    (tmp_path / "summary.json").write_text(text)

    with pytest.raises(IntegrityError):
        read_found(tmp_path)


def test_hours_are_shown_where_there_are_any() -> None:
    assert clock(3725.04) == "1:02:05.0"
