"""What a worker process is asked to do."""

from contextlib import nullcontext

import pytest

from api_client.contract.detection_log import read_log
from api_client.contract.thresholds import floor_of
from api_client.errors import SettingsError
from api_client.settings import Settings
from tasks.work import EmbedWork
from tests import colour_detector
from tests.unit.workers.clips import chunk_work
from workers.detectors.errors import WeightsError
from workers.processors import WorkerProcessors

COLOUR = "python:tests.colour_detector:load"


@pytest.fixture
def processor(tmp_path):
    return WorkerProcessors(Settings(home=tmp_path / "home", device="cpu", allow_python_detectors=True))


def work(tmp_path, name, **options):
    (tmp_path / name).mkdir()
    return chunk_work(tmp_path / name, **options)


@pytest.fixture
def loads(monkeypatch):
    """Counts how often the detector is loaded."""
    loads = []
    load = colour_detector.load
    monkeypatch.setattr(colour_detector, "load", lambda **options: loads.append(options) or load(**options))
    return loads


def test_a_chunk_is_turned_into_its_outputs(processor, tmp_path):
    job = work(tmp_path, "job")

    output = processor.detect(job)

    assert [path.name for path in job.output_dir.iterdir()] == ["detections.parquet"]
    assert output.detection_count == 18
    assert output.detector_weights_digest == colour_detector.ColourDetector.weights_digest


def test_the_detector_stays_loaded_between_chunks(processor, tmp_path, loads):
    for name in ("first", "second"):
        processor.detect(work(tmp_path, name))

    assert len(loads) == 1


def test_warming_up_loads_what_the_first_chunk_needs(processor, tmp_path, loads):
    processor.warm_up(COLOUR)

    processor.detect(work(tmp_path, "job"))

    assert len(loads) == 1


@pytest.mark.parametrize(("threshold", "expected"), [(None, 0.5), (0.0, 0.0), (0.55, 0.55)])
def test_without_a_threshold_the_detectors_own_is_taken(
    processor, tmp_path, monkeypatch, threshold, expected
):
    used = []
    detect = colour_detector.ColourDetector.detect
    monkeypatch.setattr(
        colour_detector.ColourDetector,
        "detect",
        lambda *args, **options: used.append(options["threshold"]) or detect(*args, **options),
    )

    processor.detect(work(tmp_path, "job", threshold=threshold))

    assert used == pytest.approx([floor_of(expected)] * len(used))


def test_embeddings_are_left_in_the_store_for_others(processor, tmp_path):
    job = work(tmp_path, "job")

    processor.detect(job)

    assert [info.key.split("/")[1] for info in job.store.list("embeddings/")] == ["colour-words"]


def test_embeddings_that_are_gone_are_stored_again_by_who_remembers_them(processor, tmp_path):
    job = work(tmp_path, "job")
    asked = EmbedWork(
        job=job.manifest.job, store=job.store, heartbeat=lambda _: None, lock=lambda _: nullcontext()
    )
    processor.embed(asked)
    (stored,) = [info.key for info in job.store.list("embeddings/")]
    vectors = job.store.get(stored)
    job.store.delete(stored)

    processor.embed(asked)

    assert job.store.get(stored) == vectors


def test_what_is_written_does_not_depend_on_what_was_done_before(processor, tmp_path):
    processor.detect(work(tmp_path, "other", labels=("blue",), pts=range(0, 80, 20)))

    late, early = work(tmp_path, "late"), work(tmp_path, "early")
    processor.detect(late)
    fresh = WorkerProcessors(Settings(home=tmp_path / "fresh", device="cpu", allow_python_detectors=True))
    fresh.detect(early)

    written = [(job.output_dir / "detections.parquet").read_bytes() for job in (late, early)]
    assert written[0] == written[1]


def test_code_of_a_jobs_choice_does_not_run_unless_allowed(tmp_path):
    processor = WorkerProcessors(Settings(home=tmp_path / "home", device="cpu"))

    with pytest.raises(SettingsError, match="HORATIO_ALLOW_PYTHON_DETECTORS"):
        processor.detect(work(tmp_path, "job"))


def test_what_it_runs_on_is_said(processor):
    assert processor.device.startswith("cpu")


def test_the_log_can_be_read(processor, tmp_path):
    job = work(tmp_path, "job")

    processor.detect(job)

    (batch,) = read_log(job.output_dir / "detections.parquet")
    assert set(batch["class_name"].to_pylist()) == {"red", "blue"}


def test_official_weights_are_kept_below_the_home_that_is_set(processor, tmp_path):
    config = pytest.importorskip("workers.detectors.detic.config", reason="Detic is not there")
    path = tmp_path / "home" / "weights" / config.release("detic-r50").file_name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not weights")

    with pytest.raises(WeightsError, match=str(path)):
        processor.warm_up("detic-r50")
