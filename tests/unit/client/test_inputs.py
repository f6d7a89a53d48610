"""A folder means the videos and pictures in it."""

from pathlib import Path

import pytest

from api_client.errors import MediaError
from api_client.inputs import find_inputs, looks_like_a_word


def made(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def names(folder: Path, *, recursive: bool = False) -> list[str]:
    return [str(item.path.relative_to(folder)) for item in find_inputs([folder], recursive=recursive)]


def test_a_folder_means_its_videos_and_pictures_by_name(tmp_path: Path) -> None:
    made(*(tmp_path / name for name in ("b.mp4", "a.JPG", "c.heic", "notes.txt", ".hidden.mp4", "x.svg")))

    assert names(tmp_path) == ["a.JPG", "b.mp4", "c.heic"]


def test_folders_in_it_are_looked_into_when_asked(tmp_path: Path) -> None:
    made(tmp_path / "a.mp4", tmp_path / "day" / "one" / "b.mkv")

    assert names(tmp_path) == ["a.mp4"]
    assert names(tmp_path, recursive=True) == ["a.mp4", "day/one/b.mkv"]


def test_results_are_left_out(tmp_path: Path) -> None:
    made(tmp_path / "walk.mp4")
    for name in ("walk-annotated.mp4", "job.json", "summary.json"):
        made(tmp_path / "walk-horatio" / name, tmp_path / name)

    assert names(tmp_path, recursive=True) == ["walk.mp4"]


def test_half_fetched_results_are_left_out(tmp_path: Path) -> None:
    made(tmp_path / "walk.mp4", tmp_path / "out" / ".horatio-job", tmp_path / "out" / "walk-annotated.mp4")

    assert names(tmp_path, recursive=True) == ["walk.mp4"]


def test_a_link_to_a_folder_above_does_not_lead_round_in_circles(tmp_path: Path) -> None:
    made(tmp_path / "walk.mp4")
    (tmp_path / "round").symlink_to(tmp_path)

    assert names(tmp_path, recursive=True) == ["walk.mp4"]


def test_a_file_named_twice_is_one_input(tmp_path: Path) -> None:
    made(tmp_path / "walk.mp4")

    assert len(find_inputs([tmp_path / "walk.mp4", tmp_path], recursive=False)) == 1


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"holds no video and no picture \(`--recursive`"):
        find_inputs([tmp_path], recursive=False)


@pytest.mark.parametrize(
    ("name", "is_word"),
    [("dog", True), ("dog, cat", True), ("coco", True), ("dog.mp4", False), ("clips/dog", False)],
)
def test_a_forgotten_option_is_guessed(name: str, is_word: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert looks_like_a_word(Path(name)) is is_word
