"""Each format, read by a reader of its own, holds what the log holds, whatever the labels say."""

import configparser
import csv
import json
import xml.etree.ElementTree as ET
from io import StringIO
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pyarrow.parquet as pq
import pytest
import webvtt
from pycocotools import mask as coco_masks
from pycocotools.coco import COCO

from api_client.contract.export_names import EXPORT_NAMES
from api_client.log.exports import EXPORTS, read_description
from tests.unit.log.logs import HEIGHT, WIDTH, Job, row, walker

LABELS = ('cat, "quoted"', "<b>&amp; dog</b> -->", "كلب\u200f صغير", "=1+1")
FORMATS = tuple(name for name in EXPORT_NAMES if name not in ("parquet", "jsonl", "txt"))
DISC = np.uint8(255 * (np.hypot(*np.mgrid[-1:1:28j, -1:1:28j]) < 0.9)).tobytes()


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tracks, one with gaps short and long, and one detection of no track; masks on one."""
    directory = tmp_path_factory.mktemp("exports")
    masked = [{**r, "mask": DISC} for r in walker(range(20), 1, x=30.0, confidence=0.8)]
    rows = [*walker([*range(10), *range(12, 20), *range(28, 40)], 0), *masked]
    rows += [row(i, 2, 0.7, (50, 0, 60, 10)) for i in range(40)]
    rows.append(row(5, 3, 0.95, (0, 36, 20, 48)))
    job = Job(directory, rows, labels=LABELS, exports=FORMATS)
    job.merge()
    return directory / "results"


@pytest.fixture(scope="module")
def rows(results: Path) -> list[dict]:
    return pq.read_table(results / "detections.parquet").to_pylist()


def test_every_name_has_a_format_and_every_format_a_name() -> None:
    assert tuple(EXPORTS) == EXPORT_NAMES


def test_parquet_says_what_produced_it(results: Path) -> None:
    described = read_description(results / "detections.parquet")

    assert described is not None
    assert described["vocabulary"]["labels"] == list(LABELS)
    assert (described["detector"]["name"], described["threshold"]) == ("pocket", 0.5)
    assert described["video"]["width_px"] == WIDTH


def test_json_lines_hold_every_row(results: Path, rows: list[dict]) -> None:
    lines = [json.loads(line) for line in (results / "detections.jsonl").read_text().splitlines()]

    found = [box for line in lines for box in line["detections"]]
    assert [(box["class_name"], box["tracker_id"], box["interpolated"]) for box in found] == [
        (r["class_name"], r["tracker_id"], r["interpolated"]) for r in rows
    ]


def test_csv_holds_every_row(results: Path, rows: list[dict]) -> None:
    with (results / "detections.csv").open(newline="", encoding="utf-8") as file:
        read = list(csv.DictReader(file))

    assert [r["class_name"] for r in read] == [r["class_name"] for r in rows]
    assert [float(r["x_min"]) for r in read] == pytest.approx([r["x_min"] for r in rows], abs=0.01)
    assert read[0].keys() == rows[0].keys() - {"mask"}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools, NumPy 2
def test_coco_is_read_by_its_own_tools_and_masks_cover_what_they_should(
    results: Path, rows: list[dict]
) -> None:
    coco = COCO(str(results / "detections-coco.json"))
    found = coco.loadRes(str(results / "detections-coco-results.json"))

    assert [c["name"] for c in coco.loadCats(coco.getCatIds())] == list(LABELS)
    assert len(coco.anns) == len(rows)
    assert len(found.anns) == sum(not r["interpolated"] for r in rows)
    masked = next(a for a in coco.anns.values() if "segmentation" in a)
    pixels = coco_masks.decode(masked["segmentation"])
    assert pixels.shape == (HEIGHT, WIDTH)
    x, y, width, height = masked["bbox"]
    assert pixels.sum() == masked["area"] == pytest.approx(0.785 * 0.81 * width * height, rel=0.1)
    assert pixels[round(y + height / 2), round(x + width / 2)] == 1
    assert pixels[:, : int(x)].sum() == pixels[: int(y)].sum() == 0


def test_mot_holds_every_track_and_no_identity_twice_in_a_frame(results: Path, rows: list[dict]) -> None:
    table = np.loadtxt(results / "detections-mot.txt", delimiter=",")
    sequence = configparser.ConfigParser()
    sequence.read(results / "detections-mot-seqinfo.ini", encoding="utf-8")

    tracked = [r for r in rows if r["tracker_id"] is not None]
    assert sorted(zip(table[:, 0] - 1, table[:, 1], strict=True)) == sorted(
        (r["frame_index"], r["tracker_id"]) for r in tracked
    )
    assert len({tuple(line[:2]) for line in table}) == len(table)
    assert sequence["Sequence"]["seqLength"] == "40"
    labels = (results / "detections-mot-labels.txt").read_text().splitlines()
    assert labels[:2] == list(LABELS[:2])


def test_yolo_has_a_file_for_each_frame_looked_at(results: Path, rows: list[dict]) -> None:
    with ZipFile(results / "detections-yolo.zip") as archive:
        names = [name for name in archive.namelist() if name.startswith("labels/")]
        lines = np.loadtxt(StringIO(archive.read("labels/clip_000005.txt").decode()))
        described = archive.read("data.yaml").decode().splitlines()

    assert len(names) == 40
    expected = [r for r in rows if r["frame_index"] == 5]
    assert lines[:, 0].tolist() == [r["class_id"] for r in expected]
    assert lines[0, 1:].tolist() == pytest.approx([10 / WIDTH, 42 / HEIGHT, 20 / WIDTH, 12 / HEIGHT])
    assert [json.loads(line.partition(": ")[2]) for line in described[-4:]] == list(LABELS)


def test_cvat_has_a_track_an_object_with_key_frames_where_it_was_seen(
    results: Path, rows: list[dict]
) -> None:
    root = ET.parse(results / "detections-cvat.xml").getroot()

    assert [name.text for name in root.findall("meta/task/labels/label/name")] == list(LABELS)
    tracks = {track.get("label"): track for track in root.findall("track")}
    assert set(tracks) == set(LABELS)
    boxes = tracks[LABELS[0]].findall("box")
    inside = [int(b.get("frame", "")) for b in boxes if b.get("outside") == "0"]
    assert inside == [r["frame_index"] for r in rows if r["class_id"] == 0]
    assert [int(b.get("frame", "")) for b in boxes if b.get("keyframe") == "0"] == [10, 11]
    assert [int(b.get("frame", "")) for b in boxes if b.get("outside") == "1"] == [20]


def test_label_studio_has_a_sequence_an_object_that_pauses_where_it_is_out_of_sight(results: Path) -> None:
    (task,) = json.loads((results / "detections-labelstudio.json").read_text())

    found = {r["value"]["labels"][0]: r["value"] for r in task["predictions"][0]["result"]}
    assert set(found) == set(LABELS)
    frames = [key["frame"] for key in found[LABELS[0]]["sequence"]]
    assert frames == [*range(1, 11), *range(13, 21), *range(29, 41)]
    assert [key["frame"] for key in found[LABELS[0]]["sequence"] if not key["enabled"]] == [20, 40]


def test_web_vtt_says_what_is_in_view_and_when(results: Path) -> None:
    captions = list(webvtt.read(str(results / "detections.vtt")))

    assert captions[0].start == "00:00:00.000"
    assert captions[-1].end == "00:00:04.000"
    assert all(a.end <= b.start for a, b in pairwise(captions))
    assert "&lt;b&gt;&amp;amp; dog&lt;/b&gt; --&gt;" in (results / "detections.vtt").read_text()
    flash = [c for c in captions if "=1+1" in c.text]
    assert [(c.start, c.end) for c in flash] == [("00:00:00.500", "00:00:00.600")]
