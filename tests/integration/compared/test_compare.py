"""`client compare`: two jobs on the same footage."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from api_client.cli.main import run
from api_client.contract.marker import Gap
from api_client.job_files import JobFiles
from api_client.settings import Settings
from tests.clips import write_clip
from tests.finished_jobs import finish_job, row

RATE, FRAMES = 10, 40
Finish = Callable[..., JobFiles]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("HORATIO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Settings.load(chunk_frames=20)


@pytest.fixture
def finish(settings: Settings, tmp_path: Path) -> Finish:
    clip = write_clip(tmp_path / "walk.mp4", frames=FRAMES, gop=10, rate=RATE)
    return lambda rows, **job: finish_job(settings, clip, rows, **job)


def cats(frames: range, x: float = 10) -> list[object]:
    return [row(i, 0, 0.9, (x, 10, x + 30, 40)) for i in frames]


def dogs(frames: range) -> list[object]:
    return [row(i, 1, 0.8, (90, 50, 130, 80)) for i in frames]


def test_the_table_says_what_both_found_and_what_one_alone(finish: Finish) -> None:
    first = finish([*cats(range(40)), *dogs(range(10))])
    second = finish([*cats(range(20), x=11), *cats(range(20, 40), x=60)], labels=("Cat", "bird"))

    assert run(["compare", first.job_id, second.job_id, "--no-video"]) == 0

    rows = csv.DictReader(Path("walk-comparison/agreement.csv").read_text().splitlines())
    found = {
        line["class_name"]: [line[c] for c in ("both", "only_a", "only_b", "agreement")] for line in rows
    }
    assert found == {"cat": ["20", "20", "20", "0.3333"], "dog": ["0", "10", "0", "0.0"]}
    document = json.loads(Path("walk-comparison/agreement.json").read_text())
    assert (document["asked_only_of_a"], document["asked_only_of_b"]) == (["dog"], ["bird"])
    assert document["classes"][0]["mean_iou"] == pytest.approx(29 / 31, abs=1e-4)
    assert document["frames_compared"] == 40


def test_frames_only_one_looked_at_are_not_compared(finish: Finish) -> None:
    gap = Gap(first_frame=20, last_frame=39, reason="lost")
    first, second = finish(cats(range(40))), finish(cats(range(20)), gaps=(gap,))

    run(["compare", first.job_id, second.job_id, "--no-video"])

    document = json.loads(Path("walk-comparison/agreement.json").read_text())
    assert document["frames_compared"] == 20
    assert document["classes"][0]["only_a"] == 0


def test_the_video_shows_both_with_the_sources_sound(finish: Finish, tmp_path: Path) -> None:
    first, second = finish(cats(range(40))), finish(cats(range(40)), with_video=False)

    assert run(["compare", first.job_id, second.job_id]) == 0

    with av.open("walk-comparison/side-by-side.mp4") as both, av.open(str(tmp_path / "walk.mp4")) as source:
        frames = [frame.to_ndarray(format="gray") for frame in both.decode(video=0)]
        originals = [frame.to_ndarray(format="gray") for frame in source.decode(video=0)]
        assert len(frames) == len(originals) == FRAMES
        for shown, original in zip(frames, originals, strict=True):
            left, right = shown[:, :160].astype(int), shown[:, 168:].astype(int)
            assert np.abs(left - original).mean() < 4
            assert np.abs(right - original).mean() < 4
    assert sound("walk-comparison/side-by-side.mp4") == sound(tmp_path / "walk.mp4")


def sound(path: str | Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def test_pictures_show_the_frames_with_most_disagreement(finish: Finish) -> None:
    first = finish([*cats(range(40)), *dogs(range(5, 8)), *dogs(range(30, 33))])
    second = finish(cats(range(40)))

    run(["compare", first.job_id, second.job_id, "--no-video", "--pictures", "4"])

    pictures = sorted(Path("walk-comparison").glob("*.png"))
    assert [path.name for path in pictures] == [
        "disagreement-1-frame-000005.png",
        "disagreement-2-frame-000030.png",
    ]
    with av.open(str(pictures[0])) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24").astype(int)
    marked = np.abs(picture - (255, 176, 0)).sum(axis=2) < 40
    assert marked[:, :160].any()
    assert not marked[:, 168:].any()


def test_jobs_of_other_footage_are_refused_in_one_line(
    finish: Finish, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = finish_job(settings, write_clip(tmp_path / "other.mp4", frames=30, gop=10), [])

    assert run(["compare", finish(cats(range(9))).job_id, other.job_id]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert "about other.mp4, which is other footage" in line
    assert not Path("walk-comparison").exists()


def test_footage_cut_in_another_way_is_the_same(finish: Finish, settings: Settings, tmp_path: Path) -> None:
    first = finish(cats(range(40)))
    in_small_parts = settings.model_copy(update={"chunk_frames": 10})
    second = finish_job(in_small_parts, tmp_path / "walk.mp4", cats(range(40)))

    assert first.manifest().footage.source_id != second.manifest().footage.source_id
    assert run(["compare", first.job_id, second.job_id, "--no-video"]) == 0
