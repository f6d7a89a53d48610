"""Nothing that others write can be taken for something else in the text log."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api_client.log.boxes import LoggedBox
from api_client.log.exports.text import text_line
from api_client.log.frames import FrameRecord
from api_client.log.plain_text import bare_or_quoted, one_line


@pytest.mark.parametrize(
    "label", ["cat", "traffic light", "jack-o'-lantern", "كلب", "犬", "क\u200dष", "7 up"]
)
def test_words_stand_as_they_are(label: str) -> None:
    assert bare_or_quoted(label) == label


@pytest.mark.parametrize(
    "label",
    ["plain 0.54 [1 2 3 4], cat", "-", "(gap)", '"', "~cat", "#1", "a\tb", "a\u202eb", "a\u2028b", " a", ""],
)
def test_anything_else_is_quoted(label: str) -> None:
    assert bare_or_quoted(label).startswith('"')


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30), st.text(max_size=400))
def test_a_frame_is_one_line_of_three_fields_whatever_labels_and_reasons_say(label: str, reason: str) -> None:
    box = LoggedBox(7, 7, 0.7, 0, label, 0.5, 1, 2, 3, 4, None, False, None, None)
    unseen = one_line(reason, most=200)

    line = text_line(
        FrameRecord(frame_index=7, pts=7, time_seconds=0.7, unseen=unseen, boxes=(box,), size_px=(9, 9))
    )

    assert line.endswith("\n")
    assert line.count("\t") == 2
    assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") for c in line if c not in "\t\n")
    assert len(line.splitlines()) == 1
    assert len(line) < 600


def test_a_label_cannot_forge_a_detection() -> None:
    box = LoggedBox(0, 0, 0.0, 0, "plain 0.54 [1 2 3 4], cat", 0.5, 1, 2, 3, 4, 9, False, None, None)

    line = text_line(
        FrameRecord(frame_index=0, pts=0, time_seconds=0.0, unseen=None, boxes=(box,), size_px=(9, 9))
    )

    assert line == '0\t00:00:00.000\t"plain 0.54 [1 2 3 4], cat" 0.50 [1 2 3 4] #9\n'
