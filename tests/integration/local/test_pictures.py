"""Pictures as a user submits them: one job, annotated under their own names."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.integration.jobs.results import COLOURS
from tests.integration.local.conftest import RunClient

RED, BLUE = (220, 20, 20), (20, 20, 220)


def square(path: Path, colour: tuple[int, int, int], size: tuple[int, int]) -> None:
    """A picture with a square of a colour in its middle."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", size, (120, 120, 120))
    picture.paste(colour, (size[0] // 2 - 20, size[1] // 2 - 20, size[0] // 2 + 20, size[1] // 2 + 20))
    picture.save(path)


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    folder = tmp_path / "feed"
    square(folder / "a.png", RED, (160, 120))
    square(folder / "b.jpg", BLUE, (200, 240))
    square(folder / "holiday/a.png", RED, (320, 180))
    return folder


def pixels(path: Path) -> "np.ndarray[tuple[int, ...], np.dtype[np.int16]]":
    """(H, W, 3)."""
    with Image.open(path) as picture:
        return np.asarray(picture, np.int16)


def records(results: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (results / "detections.jsonl").read_text().splitlines()]


def test_a_folder_of_pictures_is_one_job_with_a_picture_for_each(run_client: RunClient, feed: Path) -> None:
    done = run_client("submit", feed, "-r", "-v", "red, blue", "-d", COLOURS, "--export", "coco")

    results = feed.with_name("feed-horatio")
    assert done.returncode == 0, done.stderr
    shown = ("annotated", "detections.txt", "report.html")
    assert done.stdout.splitlines() == [str(results / name) for name in shown]
    logged = {str(record["file_name"]): record for record in records(results)}
    found = {name: [one["class_name"] for one in record["detections"]] for name, record in logged.items()}  # type: ignore[attr-defined]
    assert found == {"a.png": ["red"], "b.jpg": ["blue"], "holiday/a.png": ["red"]}
    sizes = {name: pixels(results / "annotated" / name).shape[1::-1] for name in logged}
    assert sizes == {"a.png": (160, 120), "b.jpg": (200, 240), "holiday/a.png": (320, 180)}
    drawn = pixels(results / "annotated/holiday/a.png")
    own = pixels(feed / "holiday/a.png")
    assert (np.abs(drawn - own).max(axis=2) > 60).sum() > 100  # a box and a tag
    assert not np.array_equal(drawn, own)
    assert np.array_equal(drawn[:10, :10], own[:10, :10])
    coco = json.loads((results / "detections-coco.json").read_bytes())
    assert {image["file_name"]: (image["width"], image["height"]) for image in coco["images"]} == sizes
    verified = run_client("verify", feed, results)
    assert verified.returncode == 0, verified.stdout
    assert "all 3 pictures are in the log and annotated" in verified.stdout


def test_a_picture_that_cannot_be_read_is_named_and_costs_no_other(run_client: RunClient, feed: Path) -> None:
    (feed / "c.jpg").write_bytes(b"no picture at all")
    data = (feed / "a.png").read_bytes()
    (feed / "d.png").write_bytes(data[:33] + bytes(len(data) - 33))  # its head is whole

    done = run_client("submit", *sorted(feed.glob("*.*")), "-v", "red, blue", "-d", COLOURS)

    assert done.returncode == 1, done.stderr  # of the one that is none
    assert "warning: left out: " in done.stderr
    assert "c.jpg cannot be decoded" in done.stderr
    assert "d.png cannot be decoded" in done.stderr
    results = feed.with_name("feed-horatio")
    assert [record["file_name"] for record in records(results)] == ["a.png", "b.jpg", "d.png"]
    assert sorted(path.name for path in (results / "annotated").iterdir()) == ["a.png", "b.jpg"]


def test_where_no_picture_can_be_read_nothing_is_started(run_client: RunClient, tmp_path: Path) -> None:
    folder = tmp_path / "feed"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"")
    (folder / "b.png").write_bytes(b"no picture at all")

    done = run_client("submit", folder, "-v", "red")

    assert done.returncode == 2
    assert done.stdout == ""
    assert "a.jpg is empty (0 bytes)" in done.stderr
    assert "b.png cannot be decoded (png): it is damaged, or no picture" in done.stderr
    assert done.stderr.endswith("client: 2 of 2 inputs cannot be used: nothing was started\n")


def test_a_list_and_a_pattern_name_pictures_and_the_same_ones_are_uploaded_once(
    run_client: RunClient, feed: Path, tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_text("# of today\nfeed/a.png\n\nfeed/b.jpg\n")

    first = run_client("submit", tmp_path / "list.txt", "-v", "red", "-d", COLOURS, "-o", tmp_path / "one")
    again = run_client("submit", f"{feed}/*.*", "-v", "blue", "-d", COLOURS, "-o", tmp_path / "two")

    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert "which is in the store already: nothing was uploaded" in again.stderr
    assert len(records(tmp_path / "one")) == len(records(tmp_path / "two")) == 2


def test_formats_that_tell_of_a_video_are_refused_before_anything_starts(
    run_client: RunClient, feed: Path, environment: dict[str, str]
) -> None:
    done = run_client("submit", feed, "-v", "red", "-d", COLOURS, "--export", "mot")

    assert done.returncode == 2
    assert done.stderr.strip().endswith(
        "the format 'mot' tells of a video: for pictures there are parquet, jsonl, txt, csv, coco, yolo"
    )
    assert not Path(environment["HORATIO_HOME"], "store").exists()


def test_what_was_found_can_be_hidden_afterwards(run_client: RunClient, feed: Path, tmp_path: Path) -> None:
    done = run_client("submit", feed, "-v", "red, blue", "-d", COLOURS, "--json", "--no-video")
    job_id = json.loads(done.stdout.splitlines()[-1])["job_id"]

    hidden = run_client("render", job_id, "--style", "cover", "--only", "red", "-o", tmp_path / "covered")

    assert hidden.returncode == 0, hidden.stderr
    middle = pixels(tmp_path / "covered/annotated/a.png")[60, 80]
    kept = pixels(tmp_path / "covered/annotated/b.jpg")[120, 100]
    assert middle.max() < 40
    assert kept[2] > 150
