"""Animated WebP, frame by frame beside what Pillow, that is libwebp, plays."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from api_client.errors import MediaError
from api_client.media.frames.colour import Rgb
from api_client.media.frames.decode import decode_chunk
from api_client.media.parts.plan import plan
from api_client.media.parts.split import split
from api_client.media.source.probe import probe
from api_client.media.source.webp_film import webp_film
from api_client.verify.decoded import film

DURATIONS_MS = [100, 40, 250, 33, 77]
TIMES_MS = [0, 100, 140, 390, 423]
ORIENTATION_TAG = 0x0112


def moving(mode: str) -> list[Image.Image]:
    """A square that crosses a soft ground; in RGBA, with glass before nothing."""
    ground = np.random.default_rng(3).integers(0, 255, (2, 3, 3), np.uint8)
    still = Image.fromarray(ground).resize((81, 62), Image.Resampling.BILINEAR).convert(mode)
    if mode == "RGBA":
        still.putalpha(Image.linear_gradient("L").resize(still.size))
    frames = [still.copy() for _ in DURATIONS_MS]
    for number, frame in enumerate(frames):
        frame.paste((250, 20, 20), (10 * number, 20, 10 * number + 8, 30))
    return frames


def written(path: Path, mode: str = "RGB", **options: object) -> Path:
    frames = moving(mode)
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=DURATIONS_MS, **options)
    return path


def looked_at(path: Path, scratch: Path) -> tuple[list[int], list[Rgb]]:
    """(times, frames) as detectors get them, from parts of two frames."""
    source = probe(path)
    parts = split(source, plan(source.table, target_seconds=9, max_frames=2), scratch)
    frames = [frame for chunk, file in parts for frame in decode_chunk(file, source.video, chunk)]
    assert all(frame.readable for frame in frames)
    return [frame.pts for frame in frames], [frame.rgb for frame in frames]


def played(path: Path) -> list["np.ndarray[tuple[int, ...], np.dtype[np.int16]]"]:
    """On white."""
    with Image.open(path) as opened:
        frames = [frame.convert("RGBA") for frame in ImageSequence.Iterator(opened)]
    white = Image.new("RGBA", frames[0].size, "white")
    return [np.asarray(Image.alpha_composite(white, frame).convert("RGB"), np.int16) for frame in frames]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize(
    ("options", "furthest"),
    [
        ({"lossless": True}, 1),
        ({"lossless": True, "minimize_size": True, "kmin": 100, "kmax": 200}, 1),  # frames are patches
        ({"quality": 90, "allow_mixed": True}, None),
    ],
)
def test_every_frame_is_there_at_its_time_as_it_is_seen(
    tmp_path: Path, mode: str, options: dict[str, object], furthest: int | None
) -> None:
    path = written(tmp_path / "film.webp", mode, **options)

    times, frames = looked_at(path, tmp_path)

    assert times == TIMES_MS
    assert probe(path).video.time_base == (1, 1000)
    differences = [np.abs(frame - own) for frame, own in zip(frames, played(path), strict=True)]
    assert all(difference.mean() < 3 for difference in differences)  # chroma is spread in another way
    assert furthest is None or max(int(difference.max()) for difference in differences) <= furthest


def test_patches_lie_where_they_belong(tmp_path: Path) -> None:
    path = written(tmp_path / "film.webp", lossless=True, minimize_size=True, kmin=100, kmax=200)

    made = webp_film(path)

    assert made is not None
    assert (made.width_px, made.height_px) == (81, 62)
    assert {frame.top_px for frame in made.frames} == {0, 20}


def test_a_frame_shown_for_no_time_is_shown_as_browsers_show_it(tmp_path: Path) -> None:
    frames = moving("RGB")
    frames[0].save(tmp_path / "film.webp", save_all=True, append_images=frames[1:], duration=0)

    assert probe(tmp_path / "film.webp").table.pts.tolist() == [0, 100, 200, 300, 400]


def test_a_film_is_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = 6
    path = written(tmp_path / "film.webp", lossless=True, exif=exif)

    _, frames = looked_at(path, tmp_path)

    assert np.array_equal(frames[2], np.rot90(played(path)[2], -1))


def test_what_a_file_cut_short_still_has_is_used_and_told(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole.webp", lossless=True)
    path = tmp_path / "cut.webp"
    path.write_bytes(whole.read_bytes()[:-30])

    times, frames = looked_at(path, tmp_path)

    assert times == TIMES_MS[:-1]
    assert np.array_equal(frames[3], looked_at(whole, tmp_path)[1][3])
    assert probe(path).notes == ("the file is cut short: the frames that are whole are used",)


def test_a_damaged_frame_leaves_the_one_before_in_its_place(tmp_path: Path) -> None:
    path = written(tmp_path / "film.webp", lossless=True)
    made = webp_film(path)
    assert made is not None
    data, damaged = bytearray(path.read_bytes()), made.frames[2]
    data[damaged.start_bytes + 8 : damaged.start_bytes + damaged.size_bytes] = bytes(damaged.size_bytes - 8)
    path.write_bytes(data)

    times, _ = looked_at(path, tmp_path)

    assert times == [0, 100, 390, 423]
    assert probe(path).notes == ("1 of 5 frames are damaged: the one before stays in their place",)


def test_a_film_without_a_frame_that_can_be_decoded_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "film.webp", lossless=True)
    path.write_bytes(path.read_bytes()[:60])

    with pytest.raises(MediaError, match=r"film\.webp cannot be decoded \(webp\): it is damaged"):
        probe(path)


def test_a_film_that_claims_to_be_huge_is_refused_unread(tmp_path: Path) -> None:
    path = written(tmp_path / "film.webp", lossless=True)
    data = bytearray(path.read_bytes())
    data[24:30] = b"\xff" * 6
    path.write_bytes(data)

    with pytest.raises(MediaError, match=r"frames of 16777216x16777216 pixels, more than 67 million"):
        probe(path)


def test_verification_sees_the_same_film(tmp_path: Path) -> None:
    path = written(tmp_path / "film.webp", "RGBA", lossless=True)

    with film(path) as opened:
        shown = list(opened.frames())

    assert [one.time_seconds for one in shown] == [probe(path).table.time_base * ms for ms in TIMES_MS]
    assert np.abs(shown[4].frame.to_ndarray(format="rgb24") - played(path)[4]).max() <= 1
