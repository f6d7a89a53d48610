"""Photographs as phones and browsers write them, and the results of them."""

import struct
import zlib
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from api_client.verify import orientation, verify_result
from api_client.verify.exif import exif_orientation
from tests.results.heic import TILE_PX, write_heic
from tests.results.made import Made
from tests.results.pictures import picture
from tests.results.still import exif, write_jpeg


def told(made: Made, out: Path) -> str:
    return "\n".join(verify_result(made.source, made.write(out)).differences)


@pytest.mark.parametrize(("turns", "mirror"), [(0, None), (1, None), (3, 0), (0, 1)])
def test_a_photograph_in_tiles_is_one_picture(
    tmp_path: Path, out: Path, turns: int, mirror: int | None
) -> None:
    stored = picture(2, width=192, height=128)
    source = write_heic(tmp_path / "phone.heic", stored, size_px=(180, 120), turns=turns, mirror=mirror)
    shown = np.rot90(stored[:120, :180], turns)
    shown = shown if mirror is None else np.flip(shown, mirror)
    made = Made(source=source, pictures=[shown], seconds=[0.0])

    assert told(made, out) == ""
    assert "is the right one upside down" in told(replace(made, pictures=[np.rot90(shown, 2)]), out)


def test_a_tile_that_was_taken_for_the_photograph(tmp_path: Path, out: Path) -> None:
    stored = picture(2, width=192, height=128)
    source = write_heic(tmp_path / "phone.heic", stored, size_px=(180, 120), turns=0, mirror=None)

    report = told(Made(source=source, pictures=[stored[:TILE_PX, :TILE_PX]], seconds=[0.0]), out)

    assert "the annotated video is 64x64, the source's picture 180x120" in report
    assert "the annotated picture of frame 0 is another one" in report


@pytest.mark.parametrize("number", orientation.ALL)
def test_orientation_is_read_from_every_kind_of_file(tmp_path: Path, number: int) -> None:
    body = exif(number, "<")
    files = {
        "a.png": b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", bytes(13)) + png_chunk(b"eXIf", body),
        "a.webp": b"RIFF\0\0\0\0WEBP" + riff_chunk(b"VP8X", bytes(9)) + riff_chunk(b"EXIF", body),
        "a.tif": body,
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        assert exif_orientation(tmp_path / name) == number


def test_a_file_that_says_nothing_of_its_orientation(tmp_path: Path) -> None:
    source = write_jpeg(tmp_path / "a.jpg", picture(0), orientation=1)
    for name, data in {
        "cut.jpg": source.read_bytes()[:30],
        "none.png": b"\x89PNG\r\n\x1a\n",
        "e": b"",
    }.items():
        (tmp_path / name).write_bytes(data)
        assert exif_orientation(tmp_path / name) is None


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def riff_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def test_a_photograph_whose_orientation_another_decoder_would_miss(tmp_path: Path, out: Path) -> None:
    """PNG with EXIF data: the picture is turned as that says."""
    path = tmp_path / "screen.png"
    av.VideoFrame.from_ndarray(picture(1), format="rgb24").save(str(path))
    data = path.read_bytes()
    path.write_bytes(data[:33] + png_chunk(b"eXIf", exif(6)) + data[33:])
    made = Made(source=path, pictures=[np.rot90(picture(1), -1)], seconds=[0.0])

    assert told(made, out) == ""
    assert "96x160 as it is to be shown" in told(replace(made, pictures=[picture(1)]), out)
