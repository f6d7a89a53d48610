"""Right results of awkward inputs are verified: what may differ is allowed to, and nothing else."""

import itertools
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from api_client.verify import orientation, verify_result
from tests.results.made import Made
from tests.results.pictures import film, picture
from tests.results.still import write_jpeg
from tests.results.video_file import tone, write_growing_film, write_video
from tests.unit.verify.conftest import SECONDS

MILLISECONDS = Fraction(1, 1000)
MATRICES = {
    1: (1, 0, 0, 1),
    2: (-1, 0, 0, 1),
    3: (-1, 0, 0, -1),
    4: (1, 0, 0, -1),
    5: (0, 1, 1, 0),
    6: (0, 1, -1, 0),
    7: (0, -1, -1, 0),
    8: (0, -1, 1, 0),
}
"""Orientation → a, b, c, d of x' = ax + cy, y' = bx + dy."""


def told(made: Made, out: Path) -> str:
    return "\n".join(verify_result(made.source, made.write(out)).differences)


def oriented(stored: np.ndarray, number: int) -> np.ndarray:
    """As EXIF 2.32 has it: which side of the stored picture is the top, which the left."""
    return {
        1: stored,
        2: np.fliplr(stored),
        3: np.rot90(stored, 2),
        4: np.flipud(stored),
        5: stored.swapaxes(0, 1),
        6: np.rot90(stored, -1),
        7: np.rot90(stored, 2).swapaxes(0, 1),
        8: np.rot90(stored, 1),
    }[number]


@pytest.mark.parametrize("number", orientation.ALL)
def test_a_photograph_in_every_orientation(tmp_path: Path, out: Path, number: int) -> None:
    stored = picture(3)
    source = write_jpeg(tmp_path / "photo.jpg", stored, orientation=number, order="<>"[number % 2])
    made = Made(source=source, pictures=[oriented(stored, number)], seconds=[0.0])

    assert told(made, out) == ""
    wrong = replace(made, pictures=[oriented(made.pictures[0], 2)])
    assert "is the right one mirrored left to right" in told(wrong, out)


@pytest.mark.parametrize("number", orientation.ALL)
def test_a_film_in_every_orientation(tmp_path: Path, out: Path, number: int) -> None:
    a, b, c, d = (65536 * value for value in MATRICES[number])
    matrix = (a, b, 0, c, d, 0, 0, 0, 1 << 30)
    source = write_video(tmp_path / "film.mp4", film(4), SECONDS[:4], matrix=matrix)
    made = Made(source=source, pictures=[oriented(p, number) for p in film(4)], seconds=SECONDS[:4])

    assert told(made, out) == ""
    wrong = replace(made, pictures=[oriented(p, 3) for p in made.pictures])
    assert "is the right one upside down" in told(wrong, out)


def test_odd_sizes_are_padded(tmp_path: Path, out: Path) -> None:
    source = tmp_path / "odd.png"
    av.VideoFrame.from_ndarray(picture(0, width=161, height=97), format="rgb24").save(str(source))
    padded = np.pad(picture(0, width=161, height=97), ((0, 1), (0, 1), (0, 0)), mode="edge")

    assert told(Made(source=source, pictures=[padded], seconds=[0.0]), out) == ""


def test_repeated_times_are_moved_by_the_least(tmp_path: Path, out: Path) -> None:
    own = [SECONDS[index - 1] if index % 3 == 2 else SECONDS[index] for index in range(48)]
    source = write_video(tmp_path / "chrome.mkv", film(48), own, time_base=MILLISECONDS)
    kept = [second + 0.001 * (index % 3 == 2) for index, second in enumerate(own)]

    assert told(Made(source=source, pictures=film(48), seconds=kept), out) == ""


def test_pictures_of_an_avi_are_due_from_its_first_packet_on_however_they_were_reordered(
    tmp_path: Path, out: Path
) -> None:
    """AVI has times of decoding alone; what FFmpeg takes for the others jumps to and fro."""
    sound = tone(1.9, tmp_path)
    source = write_video(
        tmp_path / "film.avi", film(48), SECONDS, sound=sound, time_base=Fraction(1, 25), b_frames=2
    )
    made = Made(source=source, pictures=film(48), seconds=SECONDS, sound=sound)

    assert told(made, out) == ""
    waited = [second + 0.08 * (index > 0) for index, second in enumerate(SECONDS)]
    assert "at another time than the source" in told(replace(made, seconds=waited), out)


def test_a_clock_that_begins_anew_goes_on_with_its_sound(tmp_path: Path, out: Path) -> None:
    """Two recordings of a broadcast, one behind the other."""
    sound = tone(0.96, tmp_path)
    parts = [film(48)[:24], film(48)[24:]]
    for number, part in enumerate(parts):
        write_video(tmp_path / f"{number}.ts", part, SECONDS[:24], time_base=Fraction(1, 90_000))
    source = tmp_path / "joined.ts"
    source.write_bytes(b"".join((tmp_path / f"{number}.ts").read_bytes() for number in range(2)))
    made = Made(source=source, pictures=film(48), seconds=SECONDS)

    assert told(made, out) == ""
    assert "video has sound that the source has not" in told(replace(made, sound=sound), out)
    late = [second + 30 * (index >= 24) for index, second in enumerate(SECONDS)]
    assert "does not go on where the source's clock begins anew" in told(replace(made, seconds=late), out)


def test_a_pause_of_hours_is_kept(tmp_path: Path, out: Path) -> None:
    seconds = [second + 2000 * (index >= 10) for index, second in enumerate(SECONDS[:20])]
    source = write_video(tmp_path / "pause.mp4", film(20), seconds)
    made = Made(source=source, pictures=film(20), seconds=seconds)

    assert told(made, out) == ""
    assert "at another time" in told(replace(made, seconds=SECONDS[:20]), out)


def test_a_picture_that_changes_its_size_lies_in_the_middle(tmp_path: Path, out: Path) -> None:
    small, large = film(12, width=60, height=60), film(12, width=160, height=96)
    source = write_growing_film(tmp_path / "call.mkv", [small, large])
    boxed = [letterboxed(frame) for frame in small]
    made = Made(source=source, pictures=[*boxed, *large], seconds=SECONDS[:24])

    assert told(made, out) == ""
    wrong = [frame[::-1] for frame in boxed]
    assert "(from 0 to 11)" in told(replace(made, pictures=[*wrong, *large]), out)


def letterboxed(frame: np.ndarray) -> np.ndarray:
    """A square picture in the middle of a black 160x96 frame."""
    fitted = av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(96, 96).to_ndarray()
    wide = np.zeros((96, 160, 3), np.uint8)
    wide[:, 32:128] = fitted
    return wide


def test_interlaced_pictures_may_be_deinterlaced(tmp_path: Path, out: Path) -> None:
    fields = film(25)
    woven = [weave(first, second) for first, second in itertools.pairwise(fields)]
    source = write_video(tmp_path / "tape.mp4", woven, SECONDS[:24])
    notes = ["the video is interlaced: fields were put together with bwdif"]
    made = Made(source=source, pictures=fields[:24], seconds=SECONDS[:24], notes=notes)

    assert told(made, out) == ""
    assert "shows an earlier frame instead" in told(replace(made, pictures=fields[:24][::-1]), out)


def weave(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    woven = first.copy()
    woven[1::2] = second[1::2]
    return woven


def test_a_wide_range_of_brightness_may_be_toned_down(tmp_path: Path, out: Path) -> None:
    pq = {"color_trc": 16, "color_primaries": 9}
    source = write_video(tmp_path / "hdr.mp4", film(6), SECONDS[:6], tags=pq)
    toned = [(255 * (frame / 255.0) ** 0.45).astype(np.uint8) for frame in film(6)]
    made = Made(source=source, pictures=toned, seconds=SECONDS[:6])

    assert told(made, out) == ""
    assert told(replace(made, tags=pq), out) != ""
    assert told(replace(made, pictures=[frame[::-1] for frame in toned]), out) != ""


def test_sound_that_a_note_says_was_left_out_is_not_missed(right: Made, out: Path) -> None:
    note = "audio stream 1 (aac) is left out of the annotated video"

    assert told(replace(right, sound=None, notes=[note]), out) == ""


def test_raw_sound_may_be_cut_into_other_packets(tmp_path: Path, out: Path) -> None:
    from api_client.verify.sound import compare_sound

    for name, size in (("source.mov", 400), ("annotated.mkv", 1000)):
        write_pcm(tmp_path / name, size)

    assert compare_sound(tmp_path / "source.mov", tmp_path / "annotated.mkv", (), [])[0] == []


def write_pcm(path: Path, packet_samples: int) -> None:
    samples = np.arange(8000, dtype=np.int16)[None]
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_s16le", rate=8000, layout="mono")
        for at in range(0, 8000, packet_samples):
            frame = av.AudioFrame.from_ndarray(
                samples[:, at : at + packet_samples], format="s16", layout="mono"
            )
            frame.sample_rate, frame.pts, frame.time_base = 8000, at, Fraction(1, 8000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


def test_boxes_interpolated_where_nobody_looked(right: Made, out: Path) -> None:
    made = replace(right, unseen={20: "not looked at: every 5th frame is"})

    path = made.write(out)
    job = json.loads((path / "job.json").read_text())
    job["provenance"]["every"] = 5
    (path / "job.json").write_text(json.dumps(job))

    assert verify_result(made.source, path).differences == ()
