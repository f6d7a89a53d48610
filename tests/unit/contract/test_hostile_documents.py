"""Documents that somebody else wrote into the store: one line says so, and nothing outside is touched."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api_client.contract import ChunkMarker, JobDocument, JobResult, Source, Stage, keys
from api_client.contract.model import MOST_DOCUMENT_BYTES
from api_client.errors import IntegrityError
from api_client.fetch import fetch_result
from api_client.job_files import JobFiles
from api_client.mending import forget_damage
from api_client.store.directory import DirectoryStore
from tests.made_log import made_log
from tests.manifests import DIGEST, manifest, store_manifest

ELSEWHERE = [
    "../../evil",
    "/etc/cron.d/evil",
    "a/b",
    "..",
    ".",
    ".bashrc",
    "a\n",
    "a\0b",
    "",
    "a" * 200,
    "a\\b",
]


@pytest.fixture
def files(tmp_path: Path) -> JobFiles:
    """A job in a store beside which nothing may appear."""
    files = JobFiles(DirectoryStore(tmp_path / "store"), "job")
    store_manifest(files.store, manifest())
    return files


def result_with(name: str) -> bytes:
    good = JobResult(
        state="completed",
        job_id="job",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        finished_at=datetime(2026, 1, 1, tzinfo=UTC),
        files=(),
        frame_count=10,
        detection_count=0,
        provenance={},
    )
    document = json.loads(good.to_bytes())
    return json.dumps(document | {"files": [_file(name)]}).encode()


def marker_with(name: str) -> bytes:
    good = json.loads(ChunkMarker(outcome="done", worker="host:1").to_bytes())
    return json.dumps(good | {"files": [_file(name)]}).encode()


def _file(name: str) -> dict[str, Any]:
    return {"name": name, "size_bytes": 1, "sha256": DIGEST}


def complaint(call: Callable[[], object]) -> str:
    with pytest.raises(IntegrityError) as caught:
        call()
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_result_that_names_another_place_is_fetched_by_nobody(
    files: JobFiles, tmp_path: Path, name: str
) -> None:
    files.store.put(keys.job_done("job"), result_with(name))

    assert "files.0.name" in complaint(lambda: fetch_result(files, tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_result_that_names_another_place_is_damaged_and_made_again(files: JobFiles) -> None:
    files.store.put(keys.job_done("job"), result_with("../../evil"))

    forget_damage(files, files.manifest())

    assert files.result() is None


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_marker_that_names_another_place_is_followed_by_nobody(
    files: JobFiles, tmp_path: Path, name: str
) -> None:
    files.store.put(keys.part_done("job", Stage.DETECT, 0), marker_with(name))

    assert "files.0.name" in complaint(lambda: ChunkMarker.from_bytes(marker_with(name)))
    with pytest.raises(IntegrityError):
        made_log(files.store, files.manifest(), tmp_path)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("job_id", "../../evil"),
        ("source.file_name", "../../evil"),
        ("source.file_name", "a\0b"),
        ("video.time_base", [1, 0]),
        ("video.average_rate", [0, 1]),
        ("video.sample_aspect_ratio", [1, -1]),
        ("video.width_px", 10**9),
        ("video.frame_count", 10**30),
        ("video.color_space", -1),
        ("chunks.0.pts.runs", []),
        ("chunks.0.pts.runs", [[0, 1, 10**12]]),
        ("chunks.0.pts.runs", [[2**63 - 5, 1, 10]]),
        ("chunks.0.sha256", "../../evil"),
        ("chunks", []),
        ("job.detector.name", "python:" + "a" * 10_000),
        ("job.detector.weights_digest", "../../evil"),
        ("job.threshold", float("nan")),
        ("job.vocabulary.labels", []),
        ("job.vocabulary.labels", ["a\x1b[2Jb"]),
        ("others", {"file_suffix": "/../x", "size_bytes": 1, "sha256": DIGEST, "audio_codecs": []}),
    ],
)
def test_a_manifest_with_a_value_that_cannot_be_is_refused(path: str, value: object) -> None:
    made = manifest()
    kind = JobDocument if path.split(".")[0] in ("job_id", "source", "job") else Source
    document = json.loads((made.document if kind is JobDocument else made.footage).to_bytes())
    place = document
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in parents:
        place = place[part]
    place[last] = value

    assert f"a stored {kind.__name__} cannot be read" in complaint(
        lambda: kind.from_bytes(json.dumps(document).encode())
    )


def test_another_jobs_documents_are_refused(files: JobFiles) -> None:
    files.store.put(keys.manifest("other"), manifest(job_id="job").document.to_bytes())
    files.store.put(keys.job_done("other"), result_with("detections.txt"))
    other = JobFiles(files.store, "other")

    assert "is that of job" in complaint(other.manifest)
    assert "is that of job" in complaint(other.result)


def test_a_document_larger_than_any_is_refused_unread() -> None:
    assert "bytes" in complaint(lambda: JobDocument.from_bytes(b" " * (MOST_DOCUMENT_BYTES + 1)))


def test_json_nested_without_end_is_refused() -> None:
    assert "cannot be read" in complaint(lambda: JobResult.from_bytes(b'{"provenance":' + b"[" * 100_000))


def test_reasons_are_kept_as_one_bounded_line() -> None:
    marker = ChunkMarker(outcome="failed", reason="first\nsecond\x1b[31m " + "x" * 10_000_000, worker="h\n1")

    assert marker.reason is not None
    assert marker.reason.startswith(r"first second\x1b[31m xxx")
    assert len(marker.reason) == 1000
    assert marker.worker == "h 1"
