"""Colour profiles, beside LittleCMS, which Pillow brings, and beside the standards' own numbers."""

import io
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from api_client.media.frames.icc import by_profile
from api_client.media.pictures.reading import read_picture

Columns = dict[bytes, tuple[float, float, float]]

DISPLAY_P3: Columns = {
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}
ADOBE_RGB: Columns = {
    b"rXYZ": (0.60974, 0.31111, 0.01947),
    b"gXYZ": (0.20528, 0.62567, 0.06087),
    b"bXYZ": (0.14919, 0.06322, 0.74457),
}
PROPHOTO: Columns = {
    b"rXYZ": (0.79767, 0.28804, 0.0),
    b"gXYZ": (0.13519, 0.71188, 0.0),
    b"bXYZ": (0.03134, 0.00009, 0.82491),
}
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def profile(columns: Columns, curve: bytes = b"") -> bytes:
    """LittleCMS' own sRGB profile with other primaries, and with another curve for all three channels."""
    made = bytearray(SRGB)
    for at in range(132, 132 + 12 * int.from_bytes(made[128:132], "big"), 12):
        name, start, size = struct.unpack(">4sII", made[at : at + 12])
        if name in columns:
            made[start + 8 : start + 20] = struct.pack(
                ">3i", *(round(65536 * part) for part in columns[name])
            )
        if name == b"rTRC" and curve:
            assert len(curve) <= size
            made[start : start + size] = curve.ljust(size, b"\0")
    return bytes(made)


def gamma(value: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(256 * value))


def table(*points: int) -> bytes:
    return b"curv" + bytes(4) + struct.pack(f">I{len(points)}H", len(points), *points)


PROFILES = {
    "Display P3": profile(DISPLAY_P3),
    "Adobe RGB": profile(ADOBE_RGB, gamma(563 / 256)),
    "ProPhoto": profile(PROPHOTO, gamma(1.8)),
    "a table": profile(DISPLAY_P3, table(0, 3000, 16000, 38000, 65535)),
}


def colourful() -> Image.Image:
    """Every colour in steps of 15."""
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1)
    return Image.fromarray(cube.reshape(len(steps), -1, 3))


def by_littlecms(picture: Image.Image, icc: bytes) -> "np.ndarray[tuple[int, ...], np.dtype[np.int16]]":
    own, ordinary = (ImageCms.ImageCmsProfile(io.BytesIO(one)) for one in (icc, SRGB))
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    moved = ImageCms.profileToProfile(picture, own, ordinary, renderingIntent=intent, outputMode="RGB")
    assert moved is not None
    return np.asarray(moved, np.int16)


@pytest.mark.parametrize("name", list(PROFILES))
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_picture_is_looked_at_in_the_colours_its_profile_means(
    tmp_path: Path, name: str, suffix: str
) -> None:
    path = tmp_path / f"photo{suffix}"
    colourful().save(path, icc_profile=PROFILES[name])

    found = read_picture(path).rgb

    expected = by_littlecms(colourful(), PROFILES[name])
    assert np.abs(found - expected).max() <= 2
    assert np.abs(found - np.asarray(colourful(), np.int16)).mean() > 3  # without it, other colours


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif"])
def test_formats_with_loss_have_profiles_too(tmp_path: Path, suffix: str) -> None:
    path, red = tmp_path / f"photo{suffix}", (200, 40, 50)
    Image.new("RGB", (64, 48), red).save(path, icc_profile=PROFILES["Display P3"], quality=95)

    found = read_picture(path).rgb.reshape(-1, 3).mean(axis=0)

    assert found == pytest.approx((219, 0, 43), abs=5)  # as browsers show color(display-p3 .784 .157 .196)


def test_a_grey_profile_is_applied(tmp_path: Path) -> None:
    path = tmp_path / "grey.png"
    tag = gamma(1.0)
    head = bytearray(SRGB[:128])
    head[16:24] = b"GRAYXYZ "
    icc = bytes(head) + struct.pack(">I4sII", 1, b"kTRC", 144, len(tag)) + tag
    Image.new("L", (8, 8), 55).save(path, icc_profile=icc)

    assert read_picture(path).rgb[0, 0].tolist() == [128] * 3  # 55/255 of the light is the value 128


def test_a_camera_says_adobe_rgb_without_a_profile(tmp_path: Path) -> None:
    path, exif = tmp_path / "_MG_0001.jpg", Image.Exif()
    exif.get_ifd(0x8769)[0xA005] = {1: "R03"}
    Image.new("RGB", (64, 48), (150, 120, 90)).save(path, exif=exif, quality=95)

    found = read_picture(path).rgb.reshape(-1, 3).mean(axis=0)

    picture = Image.new("RGB", (1, 1), (150, 120, 90))
    assert found == pytest.approx(by_littlecms(picture, PROFILES["Adobe RGB"])[0, 0], abs=5)


@pytest.mark.parametrize(
    "icc",
    [
        SRGB, b"", b"no profile", SRGB[:200], SRGB[:128] + b"\xff" * 400,
        SRGB.replace(b"RGB XYZ ", b"RGB Lab "), profile({}, b"para" + bytes(4) + b"\0\x09\0\0"),
    ],
)  # fmt: skip
def test_nothing_changes_by_a_profile_of_srgb_or_one_that_cannot_be_used(icc: bytes) -> None:
    assert by_profile(icc) is None


def test_a_png_with_a_profile_does_not_end_the_process(tmp_path: Path) -> None:
    path = tmp_path / "screenshot.png"
    Image.new("RGB", (64, 48), (200, 40, 50)).save(path, icc_profile=SRGB)
    program = (
        "import gc, sys\n"
        "from pathlib import Path\n"
        "from api_client.media.pictures.reading import read_picture\n"
        "from api_client.media.source.probe import probe\n"
        "from api_client.verify.decoded import film\n"
        "path = Path(sys.argv[1])\n"
        "for _ in range(20):\n"
        "    read_picture(path), probe(path)\n"
        "    with film(path) as opened:\n"
        "        list(opened.frames())\n"
        "    gc.collect()\n"
    )

    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
