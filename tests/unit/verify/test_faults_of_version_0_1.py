"""What version 0.1 made of awkward files, and called verified: each is told now.

The sources are made to have the one property of the real file that mattered.
"""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from api_client.errors import MediaError
from api_client.verify import verify_result
from tests.results.made import Made
from tests.results.pictures import film
from tests.results.still import write_jpeg
from tests.results.video_file import sound_of, tone, write_growing_film, write_mask_and_film, write_video
from tests.unit.verify.conftest import SECONDS

MIRRORED = (-65536, 0, 0, 0, 65536, 0, 160 << 16, 0, 1 << 30)
BLACK, RED = np.zeros((96, 160, 3), np.uint8), np.full((96, 160, 3), (200, 20, 20), np.uint8)


def told(made: Made, out: Path) -> str:
    return "\n".join(verify_result(made.source, made.write(out)).differences)


def test_a_browsers_recording_whose_times_were_thrown_away(tmp_path: Path, out: Path) -> None:
    """Every third frame repeats a time: all were shown evenly instead, beside sound that was not."""
    own = [SECONDS[index - 1] if index % 3 == 2 else SECONDS[index] for index in range(48)]
    sound = tone(1.9, tmp_path)
    source = write_video(tmp_path / "chrome.mkv", film(48), own, sound=sound, time_base=Fraction(1, 1000))
    made = Made(source=source, pictures=film(48), seconds=[index * 0.06 for index in range(48)], sound=sound)

    report = told(made, out)

    assert "the annotated video shows 31 frames" in report
    assert "worst frame 46: 2.760 s instead of 1.840 s" in report
    assert "earlier beside the picture than in the source at the end" in report


def test_a_second_header_after_which_frames_were_red_and_looked_at(right: Made, out: Path) -> None:
    made = replace(right, pictures=[*right.pictures[:24], *[RED] * 24])

    assert "the annotated picture of 24 frames (from 24 to 47) shows a single shade" in told(made, out)


def test_no_sync_table_so_that_good_frames_were_black(right: Made, out: Path) -> None:
    unseen = dict.fromkeys(range(30, 40), "the frame cannot be decoded")
    boxes = {index: box for index, box in right.boxes.items() if index not in unseen}
    pictures = [BLACK if index in unseen else shown for index, shown in enumerate(right.pictures)]
    made = replace(right, pictures=pictures, unseen=unseen, boxes=boxes, gaps=[(30, 39)])

    assert "the log says of 10 frames (from 30 to 39) that it cannot be decoded" in told(made, out)


def test_a_selfie_that_was_upside_down(tmp_path: Path, out: Path) -> None:
    source = write_video(tmp_path / "selfie.mp4", film(12), SECONDS[:12], matrix=MIRRORED)
    shown = [picture[:, ::-1] for picture in film(12)]
    made = Made(source=source, pictures=shown, seconds=SECONDS[:12])
    assert told(made, out) == ""

    wrong = replace(made, pictures=[picture[::-1, ::-1] for picture in film(12)])

    assert "is the right one mirrored top to bottom" in told(wrong, out)


def test_a_transposed_photograph_that_was_only_turned(tmp_path: Path, out: Path) -> None:
    stored = film(1)[0]
    source = write_jpeg(tmp_path / "exif5.jpg", stored, orientation=5)
    made = Made(source=source, pictures=[stored.swapaxes(0, 1)], seconds=[0.0])
    assert told(made, out) == ""

    wrong = replace(made, pictures=[np.rot90(stored, -1)])

    assert "is the right one mirrored left to right" in told(wrong, out)


def test_fields_that_were_taken_for_frames(right: Made, out: Path) -> None:
    """Twice as many frames, every second one said not to decode."""
    unseen = dict.fromkeys(range(1, 96, 2), "the frame cannot be decoded")
    made = Made(
        source=right.source,
        pictures=[shown for shown in right.pictures for _ in range(2)],
        seconds=[index / 50 for index in range(96)],
        sound=right.sound,
        unseen=unseen,
        gaps=[(index, index) for index in unseen],
    )

    report = told(made, out)

    assert "48 frames are logged as undecodable where the source has no frame" in report
    assert "the log has 96 frames, the source 48" in report
    assert "the annotated video has 96 frames, the source 48" in report


def test_a_call_whose_picture_grew_that_stayed_small(tmp_path: Path, out: Path) -> None:
    small, large = film(12, width=80, height=48), film(12, width=160, height=96)
    source = write_growing_film(tmp_path / "call.mkv", [small, large])
    made = Made(source=source, pictures=film(24, width=80, height=48), seconds=SECONDS[:24])

    assert "is 80x48, the source's largest frame 160x96" in told(made, out)


def test_a_dashboard_camera_whose_second_picture_nobody_mentioned(tmp_path: Path, out: Path) -> None:
    source = write_video(tmp_path / "dash.mp4", film(12), SECONDS[:12], more_films=1)
    made = Made(source=source, pictures=film(12), seconds=SECONDS[:12])
    assert "nobody looked at video stream 1 of the source" in told(made, out)

    noted = replace(made, notes=["video stream 1 (h264) was not looked at"])

    assert told(noted, out) == ""


def test_the_stream_that_job_json_names_is_the_one_compared(tmp_path: Path, out: Path) -> None:
    source = write_video(tmp_path / "dash.mp4", film(12), SECONDS[:12], more_films=1)
    notes = ["video stream 0 (h264) was not looked at"]
    made = Made(source=source, pictures=film(12), seconds=SECONDS[:12], notes=notes, stream_index=1)

    assert told(made, out) == ""
    assert "nobody looked at video stream 1" in told(replace(made, stream_index=0), out)


def test_an_alpha_mask_that_was_taken_for_the_picture(tmp_path: Path, out: Path) -> None:
    mask = [np.where(picture > 150, 255, 0).astype(np.uint8) for picture in film(12)]
    source = write_mask_and_film(tmp_path / "alpha.mkv", mask, film(12))
    right = Made(source=source, pictures=film(12), seconds=SECONDS[:12])
    assert told(right, out) == ""

    assert "12 frames (from 0 to 11) is another one" in told(replace(right, pictures=mask), out)


def test_a_job_that_left_no_result(right: Made, out: Path) -> None:
    out.mkdir()

    with pytest.raises(MediaError, match=r"there is no job\.json in .*: name the directory"):
        verify_result(right.source, out)


def test_sound_that_is_declared_and_never_comes_is_not_missed(tmp_path: Path, out: Path) -> None:
    source = write_video(
        tmp_path / "silent.mkv",
        film(12),
        SECONDS[:12],
        sound=replace(tone(1, tmp_path), packets=[], seconds=[]),
    )
    made = Made(source=source, pictures=film(12), seconds=SECONDS[:12])

    assert told(made, out) == ""
    assert sound_of(source).packets == []
