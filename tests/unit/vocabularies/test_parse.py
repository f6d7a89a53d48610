import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabularies import VocabularyError, label_file, parse_vocabulary
from vocabularies.phrase_words import RELATIONS


def is_whole(word: str) -> bool:
    """Whether there is anything in it, and it is neither half a phrase, "person on", nor in quotes."""
    in_quotes = word.strip()[:1] in ("'", "\u2018", "\u2019")
    return word.strip() != "" and not in_quotes and " ".join(word.casefold().split()[1:]) not in RELATIONS


WORDS = st.lists(
    st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters=',#."“”|'), min_size=1).filter(
        is_whole
    ),
    min_size=1,
    unique_by=lambda word: unicodedata.normalize("NFC", " ".join(word.split())).casefold(),
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def labels(text: str) -> tuple[str, ...]:
    return parse_vocabulary(text).labels


def complaint(text: str) -> str:
    with pytest.raises(VocabularyError) as caught:
        parse_vocabulary(text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("taxi, cyclist, bollard", ("taxi", "cyclist", "bollard")),
        ("taxi,cyclist", ("taxi", "cyclist")),
        (" fire   hydrant ,\tstop sign ", ("fire hydrant", "stop sign")),
        ("taxi,, cyclist,", ("taxi", "cyclist")),
        ("taxi\ncyclist\r\n", ("taxi", "cyclist")),
        ("taxi", ("taxi",)),
        ("yellow taxi", ("yellow taxi",)),
        ("St. Bernard", ("St. Bernard",)),
        ("coco, lvis", ("coco", "lvis")),
        ("coko,", ("coko",)),
        ("TV/monitor, bed", ("TV/monitor", "bed")),
        ("cafe\u0301, 猫, 🚕", ("café", "猫", "🚕")),
    ],
)
def test_words_are_separated_by_commas(text: str, expected: tuple[str, ...]) -> None:
    assert labels(text) == expected
    assert parse_vocabulary(text).name == "custom"


def test_prompts_go_through() -> None:
    assert parse_vocabulary("taxi", prompts=("{}",)).prompts == ("{}",)


@given(WORDS)
def test_words_come_back_stripped_composed_and_in_order(words: list[str]) -> None:
    text = ", ".join(words) + ","
    parsed = labels(text)

    assert parsed == tuple(unicodedata.normalize("NFC", " ".join(word.split())) for word in words)
    assert labels(", ".join(parsed) + ",") == parsed


@given(st.text() | st.text("aco/.~,#' \t\n\0\x85\u2028"))
def test_any_text_is_a_vocabulary_or_one_line(text: str) -> None:
    try:
        outcome = parse_vocabulary(text).labels
    except VocabularyError as error:
        outcome = tuple(str(error).splitlines())

    assert outcome
    assert all(len(line.splitlines()) == 1 for line in outcome)


@pytest.mark.parametrize("text", ["", "  ", ",", " , ,", "\n"])
def test_nothing_is_told(text: str) -> None:
    assert "the vocabulary is empty" in complaint(text)


@pytest.mark.parametrize("text", ["taxi, cyclist, taxi", "taxi, Taxi", "caf\u00e9, cafe\u0301"])
def test_duplicates_are_told(text: str) -> None:
    assert "2 times" in complaint(text)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [("coko", "coco"), ("LIVS", "lvis"), ("imagenet", "imagenet1k"), ("object365", "objects365")],
)
def test_what_is_nearly_a_list_is_told_with_both_ways_out(text: str, nearest: str) -> None:
    told = complaint(text)

    assert f"did you mean '{nearest}'" in told
    assert f"write '{text},'" in told


@pytest.mark.parametrize("text", ["person", "cork", "taxi", "image", "hot dog"])
def test_ordinary_words_are_not_taken_for_lists(text: str) -> None:
    assert labels(text) == (text,)


@pytest.mark.parametrize("text", ["ta\x07xi", "taxi, cyc\x00list", "\ud800"])
def test_control_characters_are_told(text: str) -> None:
    assert "control character" in complaint(text)


def test_a_file_holds_a_label_on_each_line(here: Path) -> None:
    path = here / "street things.txt"
    path.write_bytes("\ufeff# what to look for\r\ntaxi\r\n\r\n  stop   sign # red\nC# book\n".encode())

    vocabulary = parse_vocabulary(str(path))

    assert vocabulary.labels == ("taxi", "stop sign", "C# book")
    assert vocabulary.name == "street things"


@pytest.mark.parametrize("text", ["labels.txt", "./labels.txt", "below/../labels.txt", "~/labels.txt"])
def test_a_file_is_found_by_path(here: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("HOME", str(here))
    (here / "below").mkdir()
    (here / "labels.txt").write_text("taxi\n")

    assert labels(text) == ("taxi",)


def test_a_comma_in_a_file_belongs_to_the_label(here: Path) -> None:
    (here / "labels.txt").write_text("tench, Tinca tinca\ngoldfish\n")

    assert labels("labels.txt") == ("tench, Tinca tinca", "goldfish")


def test_a_file_that_is_one_line_of_words_is_told(here: Path) -> None:
    (here / "labels.txt").write_text("taxi, cyclist\n")

    assert "one label on each line" in complaint("labels.txt")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "holds no label"),
        (b"# nothing\n\n", "holds no label"),
        (b"taxi\n\xff\xfe\n", "not UTF-8 at line 2"),
        ("taxi".encode("utf-16"), "UTF-16"),
        (b"\x7fELF\0\0", "no text file"),
        (b"taxi\ncyc\x07list\n", "control character"),
        (b"taxi\nTaxi\n", "2 times"),
    ],
)
def test_a_file_that_cannot_be_is_told(here: Path, content: bytes, told: str) -> None:
    (here / "labels.txt").write_bytes(content)

    assert told in complaint("labels.txt")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"taxi\n" * (60 << 18), "larger than 8 MiB"),
        (b"\n" * 200_001, "200001 lines"),
        (b"".join(b"%d\n" % index for index in range(50_001)), "50001 labels"),
        (b"x" * 1001, "has 1001 characters"),
        (b"x" * (7 << 20), "1000 are the most"),
    ],
)
def test_a_file_without_bounds_is_told(here: Path, content: bytes, told: str) -> None:
    (here / "labels.txt").write_bytes(content)

    assert told in complaint("labels.txt")


def test_a_pipe_nobody_writes_to_is_not_waited_for_long(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_file, "_WAIT_SECONDS", 0.01)
    os.mkfifo(here / "labels.txt")

    assert "nothing came out of 'labels.txt'" in complaint("labels.txt")


@pytest.mark.parametrize(
    ("path", "told"), [("/dev/urandom", "larger than 8 MiB"), ("/dev/null", "holds no label")]
)
def test_a_device_is_read_within_bounds(path: str, told: str) -> None:
    assert told in complaint(path)


def test_a_missing_file_is_told() -> None:
    assert complaint("labels.txt") == "there is no vocabulary file 'labels.txt': check its path"
    assert "'TV/monitor,'" in complaint("TV/monitor")
    assert "'coco'" in complaint("coco.txt")
    assert "no vocabulary file" in complaint("~nobody-of-that-name/labels")


def test_a_file_among_words_is_told() -> None:
    assert "'labels.txt' among the words" in complaint("taxi, labels.txt")


def test_a_directory_is_told(here: Path) -> None:
    assert "is a directory" in complaint(str(here))


def test_a_file_without_extension_is_told_from_the_word(here: Path) -> None:
    (here / "taxi").write_text("limousine\n")

    assert "write 'taxi,' or './taxi'" in complaint("taxi")
    assert labels("taxi,") == ("taxi",)
    assert labels("./taxi") == ("limousine",)


def test_an_unreadable_file_is_told(here: Path) -> None:
    (here / "labels.txt").write_text("taxi\n")
    (here / "labels.txt").chmod(0)
    user = os.geteuid()

    try:
        if user == 0:  # who may read everything
            os.seteuid(65534)
        told = complaint(str(here / "labels.txt"))
    finally:
        os.seteuid(user)

    assert "Permission denied" in told


def test_a_file_without_end_is_told() -> None:
    assert "too long for a vocabulary" in complaint("/dev/zero")


def test_a_pipe_is_a_file() -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, b"taxi\ncyclist\n")
    os.close(write_end)

    try:
        assert labels(f"/dev/fd/{read_end}") == ("taxi", "cyclist")
    finally:
        os.close(read_end)
