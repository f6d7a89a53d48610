"""What a file's head says, against Pillow, which reads all of it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from api_client.errors import MediaError
from api_client.media.pictures.looking import picture_size_px
from api_client.media.pictures.reading import read_picture

ORIENTATION_TAG = 0x0112


def a_picture(mode: str = "RGB", size: tuple[int, int] = (48, 30)) -> Image.Image:
    """Colours that change slowly, so that it matters little where a format samples them."""
    pixels = np.random.default_rng(3).integers(0, 255, (2, 3, 3), np.uint8)
    return Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR).convert(mode)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("a.jpg", "RGB"), ("grey.jpg", "L"), ("print.jpg", "CMYK"), ("a.png", "RGB"), ("palette.png", "P"),
        ("clear.png", "RGBA"), ("a.webp", "RGB"), ("a.bmp", "RGB"), ("a.tif", "RGB"), ("a.gif", "RGB"),
        ("a.avif", "RGB"),
    ],
)  # fmt: skip
def test_a_still_picture_is_known_by_its_head_and_read_as_pillow_reads_it(
    tmp_path: Path, name: str, mode: str
) -> None:
    path = tmp_path / name
    a_picture(mode).save(path)
    with Image.open(path) as opened:
        expected = np.asarray(opened.convert("RGB"), np.int16)

    assert picture_size_px(path) == (48, 30)
    found = read_picture(path).rgb
    assert found.shape == expected.shape
    assert np.abs(found - expected).mean() < 6  # of JPEGs, chroma is spread in another way


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    deep = np.linspace(0, 65535, 48 * 30, dtype=np.uint16).reshape(30, 48)
    Image.fromarray(deep).save(tmp_path / "deep.png")

    found = read_picture(tmp_path / "deep.png").rgb

    assert np.abs(found[..., 0] - (deep >> 8).astype(np.int16)).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_upright_and_so_is_their_size(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    a_picture().save(tmp_path / "turned.png", exif=exif)
    a_picture().save(tmp_path / "turned.jpg", exif=exif)

    sizes = {picture_size_px(tmp_path / f"turned.{suffix}") for suffix in ("png", "jpg")}

    assert sizes == {(30, 48) if orientation >= 5 else (48, 30)}
    assert read_picture(tmp_path / "turned.jpg").rgb.shape[1::-1] in sizes


@pytest.mark.parametrize("name", ["film.gif", "film.png", "film.webp", "film.avif"])
def test_what_moves_is_no_picture(tmp_path: Path, name: str) -> None:
    a_picture().save(tmp_path / name, save_all=True, append_images=[a_picture().rotate(180)], duration=90)

    assert picture_size_px(tmp_path / name) is None


@pytest.mark.parametrize("content", [b"", b"no picture at all", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)

    assert picture_size_px(tmp_path / "a.png") is None


def test_a_picture_too_large_to_be_decoded_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    a_picture().save(path)
    data = bytearray(path.read_bytes())
    data[16:24] = (30_000).to_bytes(4, "big") * 2
    path.write_bytes(data)

    with pytest.raises(MediaError, match=r"has 30000x30000 pixels, more than 268 million: cut it"):
        picture_size_px(path)


def test_a_jpeg_cut_short_is_read_as_far_as_it_goes_and_told(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.jpg", tmp_path / "cut.jpg"
    a_picture(size=(640, 480)).save(whole)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])

    found = read_picture(cut)

    assert picture_size_px(cut) == (640, 480)
    assert "damaged or cut short" in found.notes[0]
    assert np.array_equal(found.rgb[:100], read_picture(whole).rgb[:100])
    assert read_picture(whole).notes == ()
