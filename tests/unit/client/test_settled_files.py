"""When a file that comes into a folder is complete."""

from pathlib import Path

from api_client.watched_folder.settled import Settling, is_being_written


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_file_is_complete_once_it_has_not_changed_for_a_while(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "walk.mp4"
    settling = Settling(settle_seconds=5, now=clock)
    path.write_bytes(b"begun")

    assert not settling.settled([path])
    clock.seconds = 4
    path.write_bytes(b"begun and gone on")
    assert not settling.settled([path])
    clock.seconds = 8
    assert not settling.settled([path])
    clock.seconds = 9
    assert list(settling.settled([path])) == [path]


def test_an_empty_file_and_one_that_is_gone_are_not_complete(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()

    assert not Settling(settle_seconds=0, now=Clock()).settled(
        [tmp_path / "empty.mp4", tmp_path / "gone.mp4"]
    )


def test_a_file_that_is_open_for_writing_is_not_complete(tmp_path: Path) -> None:
    path = tmp_path / "walk.mp4"
    with path.open("wb") as file:
        file.write(b"so far")
        file.flush()
        assert is_being_written(path)

    assert not is_being_written(path)
