"""One part, from its video to what is found in it."""

import threading
from dataclasses import replace
from itertools import count, islice

import numpy as np
import pytest

from api_client.contract.detection_log import read_log
from api_client.contract.thresholds import Thresholds
from api_client.errors import JobCancelledError, WorkerStoppingError
from api_client.log.regions import read_index
from tasks.work import DetectOutput, DetectWork
from tests.colour_detector import ColourDetector
from tests.manifests import asking
from tests.unit.workers.clips import chunk_work, red_square_at
from vocabularies import Vocabulary
from workers import detect_pipeline
from workers.detect_pipeline import DetectPipeline
from workers.detectors import EmbeddedVocabulary

VARIABLE_PTS = (0, 20, 40, 70, 75, 200, 220, 221, 300, 320)


def process(work: DetectWork, detector: ColourDetector | None = None, threshold: float = 0.5) -> DetectOutput:
    detector = detector or ColourDetector()
    vocabulary = work.manifest.job.vocabulary
    sentences = [f"a {label}" for label in vocabulary.labels]
    embedded = EmbeddedVocabulary(vocabulary=vocabulary, embeddings=detector.text_encoder.encode(sentences))
    thresholds = Thresholds(default=threshold, by_label=dict(vocabulary.thresholds))
    return DetectPipeline(work, detector=detector, vocabulary=embedded, thresholds=thresholds).run()


def log_rows(work: DetectWork) -> list[dict[str, object]]:
    return [row for batch in read_log(work.output_dir / "detections.parquet") for row in batch.to_pylist()]


def our_threads() -> list[str]:
    names = {"decode", "log", "regions"}
    return [thread.name for thread in threading.enumerate() if thread.name in names]


def test_the_log_says_what_is_where_in_every_frame(tmp_path):
    work = chunk_work(tmp_path)

    output = process(work)

    rows = log_rows(work)
    red = [row for row in rows if row["class_name"] == "red"]
    assert [row["frame_index"] for row in red] == list(range(12))
    assert [row["frame_index"] for row in rows if row["class_name"] == "blue"] == [1, 3, 5, 7, 9, 11]
    found = [[row[name] for name in ("x_min", "y_min", "x_max", "y_max")] for row in red]
    assert np.abs(np.subtract(found, [red_square_at(index) for index in range(12)])).max() <= 1
    assert output.detection_count == len(rows) == 18


def test_the_log_carries_pts_seconds_and_confidence_in_order(tmp_path):
    work = chunk_work(tmp_path, pts=VARIABLE_PTS)

    process(work)

    red = [row for row in log_rows(work) if row["class_name"] == "red"]
    assert [row["pts"] for row in red] == list(VARIABLE_PTS)
    assert [row["time_seconds"] for row in red] == pytest.approx([pts / 600 for pts in VARIABLE_PTS])
    assert all(0.5 <= row["confidence"] <= 1 for row in red)


def test_two_runs_give_the_same_bytes(tmp_path):
    outputs = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        work = chunk_work(tmp_path / name, regions=3)
        process(work)
        outputs.append({path.name: path.read_bytes() for path in work.output_dir.iterdir()})

    assert set(outputs[0]) == {"detections.parquet", "regions.parquet"}
    assert outputs[0] == outputs[1]


def test_frames_not_sampled_are_not_logged(tmp_path):
    work = chunk_work(tmp_path, every=3, labels=("red",))
    seen = []

    class Watched(ColourDetector):
        def detect(self, frames, vocabulary, **options):
            seen.append(len(frames))
            return super().detect(frames, vocabulary, **options)

    process(work, Watched())

    assert sum(seen) == 4
    assert [row["frame_index"] for row in log_rows(work)] == [0, 3, 6, 9]


def test_unreadable_frames_are_never_looked_at(tmp_path, monkeypatch):
    decode_part = detect_pipeline.decode_part

    def with_a_hole(*args, **options):
        for frame in decode_part(*args, **options):
            if frame.frame_index in (4, 5):
                object.__setattr__(frame, "readable", False)
            yield frame

    monkeypatch.setattr(detect_pipeline, "decode_part", with_a_hole)
    work = chunk_work(tmp_path, labels=("red",))

    output = process(work)

    assert output.unreadable_frames == (4, 5)
    assert [row["frame_index"] for row in log_rows(work)] == [0, 1, 2, 3, 6, 7, 8, 9, 10, 11]


def test_a_clip_in_which_nothing_is_found_has_an_empty_log(tmp_path):
    work = chunk_work(tmp_path, labels=("green",))

    output = process(work)

    assert output.detection_count == 0
    assert log_rows(work) == []


def test_regions_are_kept_whatever_the_vocabulary(tmp_path):
    work = chunk_work(tmp_path, labels=("green",), regions=3)

    process(work)

    index = read_index(work.output_dir / "regions.parquet")
    assert np.bincount(index.frame_R).tolist() == [1, 2] * 6
    assert index.header.detector == "colour"
    assert sorted(set(index.thing_R.tolist())) == [0, 1]  # the square, and the bar of every other frame


def test_every_stage_is_timed(tmp_path):
    output = process(chunk_work(tmp_path))

    assert set(output.seconds_by_stage) == {"decode", "detect"}
    assert all(seconds > 0 for seconds in output.seconds_by_stage.values())


def test_the_heart_beats_once_a_batch(tmp_path):
    beats = []

    process(chunk_work(tmp_path, heartbeat=beats.append))

    assert beats == [4, 8, 12]


@pytest.mark.parametrize("error", [JobCancelledError, WorkerStoppingError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("beat", [0, 2])
def test_what_a_heartbeat_raises_stops_everything(tmp_path, error, beat):
    beats = count()

    def stop_at(_frames_done: int) -> None:
        if next(beats) == beat:
            raise error("stop")

    with pytest.raises(error):
        process(chunk_work(tmp_path, heartbeat=stop_at))

    assert our_threads() == []


class OddError(Exception):
    """What a stage raises in the test below."""


def raising(*_args, **_options):
    raise OddError("boom")


def test_what_decoding_raises_stops_everything(tmp_path, monkeypatch):
    decode_part = detect_pipeline.decode_part

    def breaking_off(*args, **options):
        yield from islice(decode_part(*args, **options), 6)
        raise OddError("boom")

    monkeypatch.setattr(detect_pipeline, "decode_part", breaking_off)

    with pytest.raises(OddError, match="boom"):
        process(chunk_work(tmp_path))

    assert our_threads() == []


@pytest.mark.parametrize("stage", ["write_log", "write_regions"])
def test_what_any_stage_raises_stops_everything(tmp_path, monkeypatch, stage):
    monkeypatch.setattr(detect_pipeline, stage, raising)

    with pytest.raises(OddError, match="boom"):
        process(chunk_work(tmp_path, regions=2))

    assert our_threads() == []


def test_what_the_detector_raises_stops_everything(tmp_path):
    class Broken(ColourDetector):
        detect = raising

    with pytest.raises(OddError, match="boom"):
        process(chunk_work(tmp_path), Broken())

    assert our_threads() == []


def test_a_word_has_a_threshold_of_its_own_and_is_logged_down_to_its_floor(tmp_path):
    work = chunk_work(tmp_path)
    reds = [row["confidence"] for row in run_and_read(tmp_path / "first") if row["class_name"] == "red"]
    words = Vocabulary(name="custom", labels=("red", "blue"), thresholds=(("red", max(reds)),))
    manifest = asking(work.manifest, vocabulary=words)

    output = process(replace(work, manifest=manifest))

    logged = [row["class_name"] for row in log_rows(work)]
    assert logged.count("red") == 12  # faint for its threshold, and above its floor
    assert output.detection_count == logged.count("blue") + reds.count(max(reds))


def run_and_read(folder):
    folder.mkdir()
    work = chunk_work(folder)
    process(work)
    return log_rows(work)
