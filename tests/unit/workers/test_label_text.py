"""Labels in any script, as they are drawn."""

import pytest

from workers.drawing.label_text import drawable, fitted, text_width_px


@pytest.mark.parametrize("label", ["taxi", "café", "автобус", "λεωφορείο", "自転車", "버스", "what?"])
def test_scripts_the_font_knows_are_drawn_as_they_are(label):
    assert drawable(label) == label


@pytest.mark.parametrize(
    ("label", "expected"),
    [("🚕", r"\u1f695"), ("รถ", r"\u0e23\u0e16"), ("a\nb", r"a\u000ab"), ("\x00", r"\u0000")],
)
def test_what_has_no_glyph_is_written_as_its_code_point(label, expected):
    assert drawable(label) == expected


def test_words_from_right_to_left_are_laid_out_from_the_right():
    assert drawable("שלום עולם") == "םלוע םולש"


def test_combining_marks_are_composed():
    assert drawable("cafe\u0301") == "café"


def test_a_long_label_is_shortened_but_keeps_its_confidence():
    text = fitted("a thing of many words " * 50, "87%", 20, 300)

    assert text.endswith("… 87%")
    assert 200 < text_width_px(text, 20) <= 300


def test_a_short_label_is_left_alone():
    assert fitted("taxi", "87%", 20, 300) == "taxi 87%"


def test_room_for_nothing_leaves_the_confidence():
    assert fitted("taxi", "87%", 20, 3) == "… 87%"
