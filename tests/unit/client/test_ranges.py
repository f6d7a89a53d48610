"""Asking for a part of a video: what is stored, and what is refused."""

from pathlib import Path

import pytest

from api_client import Client
from api_client.already_done import question_digest
from api_client.cli.main import run
from api_client.contract import Source, keys
from api_client.errors import SettingsError
from api_client.queue.connections import open_store_of
from api_client.settings import Settings
from tests.clips import write_clip, write_picture


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Five seconds of twelve frames."""
    return write_clip(tmp_path / "walk.mp4", frames=60, gop=12)


def sources_of(settings: Settings) -> list[Source]:
    store = open_store_of(settings)
    names = store.list_prefixes(keys.SOURCES)
    found = [Source.from_bytes(store.get(keys.source(name))) for name in names]
    return sorted(found, key=lambda source: source.video.first_frame)


def test_a_range_is_a_source_of_its_own_whose_frames_keep_number_and_time(
    cluster: Settings, clip: Path
) -> None:
    client = Client(cluster.model_copy(update={"chunk_frames": 12}))
    client.submit(clip, vocabulary="dog")
    client.submit(clip, vocabulary="dog", start=1.5, end=3.5)

    whole, part = sources_of(cluster)

    assert len(whole.chunks) == 5
    assert [frame for chunk in part.chunks for frame in chunk.frame_indices] == [*range(18, 42)]
    assert part.video.time_seconds(next(iter(part.chunks[0].pts))) == 1.5
    assert sum(chunk.size_bytes for chunk in part.chunks) < sum(chunk.size_bytes for chunk in whole.chunks)


def test_the_same_range_however_it_is_written_uploads_nothing(
    cluster: Settings, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Client(cluster).submit(clip, vocabulary="dog", start=1, end=3)

    assert run(["submit", str(clip), "-v", "cat", "--detach", "--start", "0:01", "--end", "3s"]) == 0

    assert "in the store already: nothing was uploaded" in capsys.readouterr().err
    assert len(sources_of(cluster)) == 1


def test_results_of_another_range_are_none_of_this(cluster: Settings, clip: Path) -> None:
    client = Client(cluster)
    ids = [client.submit(clip, vocabulary="dog", **asked) for asked in ({}, {"end": 2.0}, {"start": 1.0})]

    manifests = [client._files(job_id).manifest() for job_id in ids]

    assert len({question_digest(m.source, m.job, m.video) for m in manifests}) == 3


@pytest.mark.parametrize(("end", "is_told"), [("5", False), ("2:00", True)])
def test_an_end_beyond_the_video_is_told(
    cluster: Settings, clip: Path, capsys: pytest.CaptureFixture[str], end: str, is_told: bool
) -> None:
    assert run(["submit", str(clip), "-v", "dog", "--detach", "--end", end]) == 0

    told = "ends at 0:05, before the end that was asked for, 2:00"
    assert (told in capsys.readouterr().err) == is_told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--start", "1:20"], "walk.mp4 shows its last frame at 0:04.917, before the start, 1:20"),
        (["--start", "3", "--end", "2"], "the end, 0:02, is not after the start, 0:03"),
        (["--start", "soon"], "'soon' is no time: write 80, 1:20, 2:03:04.5 or 2h3m"),
    ],
)
def test_a_range_that_cannot_be_is_one_line(
    cluster: Settings, clip: Path, capsys: pytest.CaptureFixture[str], options: list[str], told: str
) -> None:
    assert run(["submit", str(clip), "-v", "dog", "--detach", *options]) == 2

    assert told in capsys.readouterr().err
    assert sources_of(cluster) == []


def test_pictures_have_no_times_to_choose_from(
    cluster: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = write_picture(tmp_path / "a.png")

    with pytest.raises(SettingsError, match="picture"):
        Client(cluster).submit(picture, vocabulary="dog", start=0, end=1)
    assert run(["submit", str(picture), "-v", "dog", "--detach", "--end", "1"]) == 2
    assert "picture" in capsys.readouterr().err
