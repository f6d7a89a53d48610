import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.contract.one_line import MOST_CHARACTERS, one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain, naïve 猫 👩‍🚒", "plain, naïve 猫 👩‍🚒"),
        ("a\nb\r\n\tc\u2028d", "a b c d"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\udcff", "\\udcff"),
        ("", ""),
    ],
)
def test_what_people_wrote_stays_and_what_moves_a_terminal_is_escaped(text: str, line: str) -> None:
    assert one_line(text) == line


@given(st.text(st.characters(codec=None)))
def test_any_text_becomes_one_printable_line(text: str) -> None:
    line = one_line(text)

    assert len(line.splitlines()) <= 1
    assert line.encode().decode() == line
    assert one_line(line) == line


def test_a_text_of_many_megabytes_is_cut() -> None:
    assert one_line("x" * 10_000_000) == "x" * (MOST_CHARACTERS - 1) + "…"
