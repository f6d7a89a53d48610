import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from api_client.contract import ChunkMarker, Manifest, Stage, keys
from api_client.contract.detection_log import JOB_SCHEMA, SCHEMA, write_log
from api_client.contract.marker import StoredFile
from api_client.errors import IntegrityError
from api_client.job_files import JobFiles
from api_client.store import open_store
from tests.made_log import made_log
from tests.manifests import chunk, manifest


def row(frame_index: int, name: str, confidence: float, *, x: float = 1.0) -> dict[str, object]:
    box = {"x_min": x, "y_min": 2.0, "x_max": x + 29.5, "y_max": 40.0}
    return {
        "frame_index": frame_index,
        "pts": frame_index,
        "time_seconds": frame_index / 10,
        "class_id": ["cat", "dog"].index(name),
        "class_name": name,
        "confidence": confidence,
        **box,
        "tracker_id": None,
        "mask": b"\0" * 4,
    }


@pytest.fixture
def job() -> Manifest:
    """Three chunks of ten frames, every second frame looked at."""
    chunks = (chunk(i, range(10 * i, 10 * i + 10), first_frame=10 * i) for i in range(3))
    return manifest(chunks=tuple(chunks), every=2)


@pytest.fixture
def files(tmp_path: Path) -> JobFiles:
    return JobFiles(open_store(str(tmp_path / "store")), "job")


def finish(
    files: JobFiles, index: int, rows: list[dict[str, object]], unreadable: tuple[int, ...] = ()
) -> None:
    path = Path(files.store.url.removeprefix("file://")).parent / "detections.parquet"
    write_log(path, [pa.RecordBatch.from_pylist(rows, schema=SCHEMA)])
    files.store.put_file(keys.part_output("job", Stage.DETECT, index, path.name), path)
    files.write_part_marker(
        Stage.DETECT,
        index,
        ChunkMarker(
            outcome="done", files=(StoredFile.of(path),), worker="test", unreadable_frames=unreadable
        ),
    )


def give_up(files: JobFiles, index: int) -> None:
    marker = ChunkMarker(outcome="failed", reason="out of memory", worker="test")
    files.write_part_marker(Stage.DETECT, index, marker)


def merge(files: JobFiles, job: Manifest, directory: Path) -> None:
    made_log(files.store, job, directory)


@pytest.fixture
def merged(files: JobFiles, job: Manifest, tmp_path: Path) -> Path:
    finish(files, 0, [row(0, "cat", 0.9), row(0, "dog", 0.5), row(4, "cat", 0.8, x=33.0)])
    give_up(files, 1)
    finish(files, 2, [row(24, "cat", 0.7)], unreadable=(26, 27))
    merge(files, job, tmp_path)
    return tmp_path


def test_the_text_log_has_one_readable_line_per_frame(merged: Path) -> None:
    lines = (merged / "detections.txt").read_text().splitlines()

    assert [line.split("\t")[0] for line in lines] == [str(i) for i in range(30)]
    assert lines[0] == "0\t00:00:00.000\tcat 0.90 [1 2 30 40], dog 0.50 [1 2 30 40]"
    assert lines[1] == "1\t00:00:00.100\t(only one frame in 2 is looked at)"
    assert lines[2] == "2\t00:00:00.200\t-"
    assert lines[15] == "15\t00:00:01.500\t(out of memory)"
    assert lines[26] == "26\t00:00:02.600\t(the frames cannot be decoded)"


def test_the_json_log_has_one_object_per_frame(merged: Path) -> None:
    records = [json.loads(line) for line in (merged / "detections.jsonl").read_text().splitlines()]

    assert [record["frame_index"] for record in records] == list(range(30))
    assert [d["class_name"] for d in records[0]["detections"]] == ["cat", "dog"]
    assert records[0]["detections"][0]["confidence"] == 0.9
    assert (records[12]["unseen"], records[12]["detections"]) == ("out of memory", [])


def test_the_parquet_log_keeps_rows_masks_and_order(merged: Path) -> None:
    table = pq.read_table(merged / "detections.parquet")

    assert table.schema.equals(JOB_SCHEMA)
    assert table["frame_index"].to_pylist() == [0, 0, 4, 24]
    assert table["mask"].to_pylist() == [b"\0" * 4] * 4


def test_the_summary_counts_each_class_and_says_when_it_was_seen(merged: Path) -> None:
    summary = json.loads((merged / "summary.json").read_text())

    assert (summary["frames"], summary["frames_looked_at"], summary["detections"]) == (30, 9, 4)
    cat = summary["classes"]["cat"]
    assert (cat["detections"], cat["first_seen_seconds"], cat["last_seen_seconds"]) == (3, 0.0, 2.4)
    assert [(g["first_frame"], g["last_frame"]) for g in summary["gaps"]] == [(10, 19), (26, 27)]


def test_a_word_that_was_never_found_is_said_so(files: JobFiles, job: Manifest, tmp_path: Path) -> None:
    for index in range(3):
        finish(files, index, [row(10 * index, "cat", 0.9)])

    merge(files, job, tmp_path)

    assert json.loads((tmp_path / "summary.json").read_text())["not_found"] == ["dog"]


def test_merging_twice_gives_the_same_bytes(
    merged: Path, files: JobFiles, job: Manifest, tmp_path: Path
) -> None:
    names = ("detections.parquet", "detections.jsonl", "detections.txt", "summary.json")
    first = {name: (merged / name).read_bytes() for name in names}

    merge(files, job, tmp_path)

    assert {name: (tmp_path / name).read_bytes() for name in names} == first


def test_a_missing_chunk_is_an_error_and_not_a_shorter_log(
    files: JobFiles, job: Manifest, tmp_path: Path
) -> None:
    finish(files, 0, [])

    with pytest.raises(IntegrityError, match="marker of chunk 1 cannot be read"):
        merge(files, job, tmp_path)


def test_an_output_damaged_in_the_store_is_noticed(files: JobFiles, job: Manifest, tmp_path: Path) -> None:
    for index in range(3):
        finish(files, index, [row(10 * index, "cat", 0.9)])
    files.store.put(keys.part_output("job", Stage.DETECT, 1, "detections.parquet"), b"PAR1 but not ours PAR1")

    with pytest.raises(IntegrityError, match="chunk 1 is damaged"):
        merge(files, job, tmp_path)
