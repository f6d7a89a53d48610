"""Pictures packed into parts, and frames out of them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from api_client.contract.picture import checked_picture_name
from api_client.cutting import PictureCutting
from api_client.errors import IntegrityError, MediaError
from api_client.media.frames.footage import decode_part
from api_client.picture_set import PictureSet, checked_pictures


def pictures_in(folder: Path, names: list[str]) -> PictureSet:
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20 + number, 10 + number), (number, 0, 0)).save(path)
    return checked_pictures([folder / name for name in names])


def test_every_picture_comes_out_of_its_part_in_its_own_size(tmp_path: Path) -> None:
    names = [f"{number}.png" for number in range(70)]
    cutting = PictureCutting(pictures_in(tmp_path / "in", names))
    parts = list(cutting.parts(tmp_path))

    source = cutting.source("5" * 32, tuple(spec for spec, _ in parts), None)
    frames = [frame for spec, path in parts for frame in decode_part(path, source, spec)]

    assert [spec.frame_count for spec, _ in parts] == [32, 32, 6]
    assert [frame.frame_index for frame in frames] == list(range(70))
    assert [frame.rgb.shape[1::-1] for frame in frames] == [(20 + n, 10 + n) for n in range(70)]
    assert [int(frame.rgb[0, 0, 0]) for frame in frames] == list(range(70))
    assert (source.video.width_px, source.video.height_px) == (89, 79)


def test_the_same_pictures_make_the_same_bytes_and_the_same_source(tmp_path: Path) -> None:
    named = pictures_in(tmp_path / "in", ["a.png", "b.png"])
    places = [tmp_path / "one", tmp_path / "two"]
    for place in places:
        place.mkdir()

    first, second = (next(PictureCutting(named).parts(place))[0] for place in places)

    assert first == second
    assert PictureCutting(named).said() == PictureCutting(named).said()
    assert PictureCutting(named).said() != PictureCutting(checked_pictures(named.files[:1])).said()


def test_a_picture_that_cannot_be_decoded_is_not_readable_and_the_next_one_is(tmp_path: Path) -> None:
    pictures_in(tmp_path / "in", ["a.png", "b.png", "c.png"])
    broken = tmp_path / "in/b.png"
    data = broken.read_bytes()
    broken.write_bytes(data[:33] + bytes(len(data) - 33))
    cutting = PictureCutting(checked_pictures(sorted((tmp_path / "in").iterdir())))
    ((spec, path),) = cutting.parts(tmp_path)

    frames = list(decode_part(path, cutting.source("5" * 32, (spec,), None), spec))

    assert [frame.readable for frame in frames] == [True, False, True]
    assert frames[1].rgb.shape == (11, 21, 3)


def test_a_part_that_is_no_pack_is_damage(tmp_path: Path) -> None:
    cutting = PictureCutting(pictures_in(tmp_path / "in", ["a.png"]))
    ((spec, path),) = cutting.parts(tmp_path)
    path.write_bytes(b"something else")

    with pytest.raises(IntegrityError, match="no pack of pictures"):
        list(decode_part(path, cutting.source("5" * 32, (spec,), None), spec))


def test_a_picture_that_changes_while_it_is_packed_is_told(tmp_path: Path) -> None:
    named = pictures_in(tmp_path / "in", ["a.png"])
    (tmp_path / "in/a.png").write_bytes(b"quite another")

    with pytest.raises(MediaError, match=r"a\.png has changed while it was submitted"):
        list(PictureCutting(named).parts(tmp_path))


def test_names_are_places_below_the_common_folder(tmp_path: Path) -> None:
    named = pictures_in(tmp_path / "in", ["2023/cat.png", "2024/cat.png", "dog\n.png", "dog\t.png"])

    assert [picture.name for picture in named.pictures] == [
        "2023/cat.png", "2024/cat.png", "dog�.png", "dog�-2.png",
    ]  # fmt: skip
    assert named.source.file_name == "in"
    assert named.path == tmp_path / "in"


def test_two_pictures_have_two_names_once_they_are_annotated(tmp_path: Path) -> None:
    """`cat.gif` becomes `cat.gif.jpg`, which the other may not be too."""
    named = pictures_in(tmp_path / "in", ["cat.gif", "cat.gif.jpg"])

    assert [picture.name for picture in named.pictures] == ["cat.gif", "cat.gif-2.jpg"]


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../up.jpg", "a/../../b.jpg", "a//b.jpg", "", ".", "a\\b.jpg", "a\nb", "x" * 300]
)
def test_a_stored_name_that_could_be_another_place_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a picture's"):
        checked_picture_name(name)


def test_a_video_among_pictures_is_named(tmp_path: Path) -> None:
    pictures_in(tmp_path, ["a.png"])
    (tmp_path / "b.mp4").write_bytes(b"no video")

    with pytest.raises(MediaError, match=r"b\.mp4 is no picture"):
        checked_pictures([tmp_path / "a.png", tmp_path / "b.mp4"])


def test_pixels_are_those_of_the_file(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (9, 14, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    cutting = PictureCutting(checked_pictures([tmp_path / "a.png"]))
    ((spec, path),) = cutting.parts(tmp_path)

    (frame,) = decode_part(path, cutting.source("5" * 32, (spec,), None), spec)

    assert np.array_equal(frame.rgb, pixels)
