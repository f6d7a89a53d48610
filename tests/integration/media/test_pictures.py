"""Photographs: all eight orientations, tiles, damage. Pillow writes and reads them independently."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from api_client.media.frames.decode import decode_chunk
from api_client.media.parts.plan import plan
from api_client.media.parts.split import split
from api_client.media.source.damaged import salvaged
from api_client.media.source.heif import clean_aperture
from api_client.media.source.probe import probe
from tests.integration.media.films import picture

_HARD = Path(__file__).parents[3] / ".." / "shared" / "hard-inputs"
_ORIENTATION = 0x0112


def _seen(path: Path, scratch: Path) -> np.ndarray:
    """What a detector would see."""
    source = probe(path)
    chunk, file = next(split(source, plan(source.table, target_seconds=9, max_frames=9), scratch))
    frames = list(decode_chunk(file, source.video, chunk))
    assert [frame.readable for frame in frames] == [True]
    return frames[0].rgb


def _written(path: Path, orientation: int) -> Path:
    image = Image.fromarray(picture(5, 96, 64))
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    image.save(path, exif=exif, quality=95)
    return path


@pytest.mark.parametrize(
    ("suffix", "orientation"),
    [
        *((suffix, orientation) for suffix in (".jpg", ".avif") for orientation in range(1, 9)),
        *((suffix, orientation) for suffix in (".png", ".webp", ".tif") for orientation in (2, 5, 6)),
    ],
)
def test_a_photograph_is_upright(suffix, orientation, tmp_path):
    path = _written(tmp_path / f"photo{suffix}", orientation)

    seen = _seen(path, tmp_path)

    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    assert seen.shape == expected.shape
    assert np.abs(seen.astype(int) - expected).mean() < 12


@pytest.mark.parametrize(("suffix", "part"), [(".jpg", 0.6), (".png", 0.6), (".webp", 0.7), (".bmp", 0.6)])
def test_what_is_left_of_a_picture_cut_short_is_looked_at_and_told(suffix, part, tmp_path):
    whole, path = tmp_path / f"whole{suffix}", tmp_path / f"cut{suffix}"
    Image.fromarray(picture(3, 320, 240)).save(whole, quality=90)
    path.write_bytes(whole.read_bytes()[: int(len(whole.read_bytes()) * part)])

    seen, expected = _seen(path, tmp_path), _seen(whole, tmp_path)

    rows = np.abs(seen.astype(int) - expected).mean(axis=(1, 2)) < 3
    assert 0.3 < rows.mean() < 1
    assert any("damaged or cut short" in note for note in probe(path).notes)
    assert not any("damaged" in note for note in probe(whole).notes)


def test_a_png_with_damage_in_its_middle_keeps_what_is_above(tmp_path):
    path = tmp_path / "photo.png"
    Image.fromarray(picture(3, 320, 240)).save(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 30] = bytes(30)
    path.write_bytes(data)

    seen = _seen(path, tmp_path)

    assert np.array_equal(seen[:60], picture(3, 320, 240)[:60])


@pytest.mark.parametrize(
    ("suffix", "at", "claim"),
    [(".png", 16, b"\x7f\xff\xff\xff"), (".webp", 4, b"\xfe\xff\xff\xff"), (".bmp", 2, b"\xff" * 4)],
)
def test_no_more_memory_is_taken_than_can_be_believed(suffix, at, claim, tmp_path):
    path = tmp_path / f"photo{suffix}"
    Image.fromarray(picture(3, 320, 240)).save(path)
    data = bytearray(path.read_bytes()[:-500])
    data[at : at + 4] = claim
    path.write_bytes(data)

    tracemalloc.start()
    try:
        salvaged(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 1 << 26


def test_a_clean_aperture_is_a_centred_crop():
    centred = b"".join(value.to_bytes(4, "big") for value in (80, 1, 40, 1, 0, 1, 0, 1))

    assert clean_aperture(centred, 96, 64) == (8, 12, 80, 40)


def test_the_tiles_of_a_photograph_make_one_picture(tmp_path):
    path = _HARD / "arrow.heic"
    if not path.exists():
        pytest.skip("../shared/hard-inputs is not there")

    seen = _seen(path, tmp_path)

    assert seen.shape == (4032, 3024, 3)
    seams = np.abs(np.diff(seen[:, 256::512].astype(int), axis=0)).mean(axis=(1, 2))
    assert seams[511::512].mean() < 3 * seams.mean()


def test_a_mask_of_transparency_is_not_the_film():
    path = _HARD / "alpha_video.avif"
    if not path.exists():
        pytest.skip("../shared/hard-inputs is not there")

    source = probe(path)

    assert (source.video.frame_count, source.stream_index) == (48, 2)
    assert source.notes == ()
