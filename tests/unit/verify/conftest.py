"""One right result, which every test may break."""

from pathlib import Path

import pytest

from tests.results.made import BOX, Made
from tests.results.pictures import film
from tests.results.video_file import sound_of, tone, write_video

FRAMES = 48
SECONDS = [index / 25 for index in range(FRAMES)]


@pytest.fixture(scope="session")
def right(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """48 frames with sound; a cat in most of them, in one only interpolated."""
    directory = tmp_path_factory.mktemp("source")
    source = write_video(directory / "street.mp4", film(FRAMES), SECONDS, sound=tone(1.9, directory))
    boxes = dict.fromkeys(range(10, 40), BOX)
    return Made(
        source=source,
        pictures=film(FRAMES),
        seconds=SECONDS,
        sound=sound_of(source),
        boxes=boxes,
        interpolated=(20,),
    )


@pytest.fixture(scope="session")
def right_results(right: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its files, written once: copy them before you spoil them."""
    return right.write(tmp_path_factory.mktemp("right") / "street-horatio")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where results go."""
    return tmp_path / "street-horatio"
