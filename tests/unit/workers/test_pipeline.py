"""One chunk, from its video to its outputs."""

import threading
from itertools import count, islice

import av
import numpy as np
import pytest

from api_client.contract.detection_log import read_log
from api_client.errors import JobCancelledError, WorkerStoppingError
from tasks.work import ChunkOutput, ChunkWork
from tests.colour_detector import ColourDetector
from tests.unit.workers.clips import chunk_work, red_square_at
from workers import pipeline
from workers.detectors import EmbeddedVocabulary
from workers.drawing import colour_of
from workers.pipeline import ChunkPipeline
from workers.regions import read_regions

VARIABLE_PTS = (0, 20, 40, 70, 75, 200, 220, 221, 300, 320)


def process(work: ChunkWork, detector: ColourDetector | None = None, threshold: float = 0.5) -> ChunkOutput:
    detector = detector or ColourDetector()
    vocabulary = work.manifest.job.vocabulary
    sentences = [f"a {label}" for label in vocabulary.labels]
    embedded = EmbeddedVocabulary(vocabulary=vocabulary, embeddings=detector.text_encoder.encode(sentences))
    return ChunkPipeline(work, detector=detector, vocabulary=embedded, threshold=threshold).run()


def log_rows(work: ChunkWork) -> list[dict[str, object]]:
    return [row for batch in read_log(work.output_dir / "detections.parquet") for row in batch.to_pylist()]


def decoded_segment(work: ChunkWork) -> dict[float, np.ndarray]:
    """Second → picture, of the annotated segment."""
    with av.open(str(work.output_dir / "segment.mp4")) as container:
        return {frame.time: frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)}


def is_marked_red(pixels: np.ndarray) -> bool:
    """Whether they have the colour in which boxes around "red" are drawn, rather than the clip's own."""
    colours = [colour_of("red"), (255, 0, 0), (128, 128, 128), (0, 0, 255)]
    distances = [np.linalg.norm(pixels.mean(axis=0) - colour) for colour in colours]
    return int(np.argmin(distances)) == 0


def our_threads() -> list[str]:
    names = {"decode", "draw", "encode", "log", "regions"}
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


def test_every_frame_is_encoded_once_at_its_time(tmp_path):
    work = chunk_work(tmp_path, pts=VARIABLE_PTS)

    process(work)

    assert list(decoded_segment(work)) == pytest.approx([pts / 600 for pts in VARIABLE_PTS])


def test_boxes_are_drawn_where_things_are(tmp_path):
    work = chunk_work(tmp_path)

    process(work)

    last = list(decoded_segment(work).values())[-1]
    x_min, y_min, _, y_max = red_square_at(11)
    assert is_marked_red(last[y_min + 5 : y_max - 5, x_min])


def test_two_runs_give_the_same_bytes(tmp_path):
    outputs = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        outputs.append(process(chunk_work(tmp_path / name, regions=3)).files)

    names = [[path.name for path in files] for files in outputs]
    assert names == [["detections.parquet", "regions.safetensors", "segment.mp4"]] * 2
    assert [path.read_bytes() for path in outputs[0]] == [path.read_bytes() for path in outputs[1]]


def test_frames_not_sampled_show_what_was_found_last_and_are_not_logged(tmp_path):
    work = chunk_work(tmp_path, every=3, labels=("red",))
    seen = []

    class Watched(ColourDetector):
        def detect(self, frames, vocabulary, **options):
            seen.append(len(frames))
            return super().detect(frames, vocabulary, **options)

    process(work, Watched())

    assert sum(seen) == 4
    assert [row["frame_index"] for row in log_rows(work)] == [0, 3, 6, 9]
    pictures = list(decoded_segment(work).values())
    assert len(pictures) == 12
    x_min, y_min, _, y_max = red_square_at(6)  # where it was two frames before frame 8
    assert is_marked_red(pictures[8][y_min + 5 : y_max - 5, x_min])


def test_unreadable_frames_are_shown_but_never_looked_at(tmp_path, monkeypatch):
    decode_chunk = pipeline.decode_chunk

    def with_a_hole(*args, **options):
        for frame in decode_chunk(*args, **options):
            if frame.frame_index in (4, 5):
                object.__setattr__(frame, "readable", False)
            yield frame

    monkeypatch.setattr(pipeline, "decode_chunk", with_a_hole)
    work = chunk_work(tmp_path, labels=("red",))

    output = process(work)

    assert output.unreadable_frames == (4, 5)
    assert [row["frame_index"] for row in log_rows(work)] == [0, 1, 2, 3, 6, 7, 8, 9, 10, 11]
    assert len(decoded_segment(work)) == 12


def test_a_clip_in_which_nothing_is_found_has_an_empty_log(tmp_path):
    work = chunk_work(tmp_path, labels=("green",))

    output = process(work)

    assert output.detection_count == 0
    assert log_rows(work) == []


def test_regions_are_kept_whatever_the_vocabulary(tmp_path):
    work = chunk_work(tmp_path, labels=("green",), regions=3)

    process(work)

    kept = dict(read_regions(work.output_dir / "regions.safetensors"))
    assert list(kept) == list(range(12))
    assert [len(regions.objectness) for regions in kept.values()] == [1, 2] * 6
    assert kept[0].features.tolist() == [[1, 0, 0]]


def test_every_stage_is_timed(tmp_path):
    output = process(chunk_work(tmp_path))

    assert set(output.seconds_by_stage) == {"decode", "detect", "draw", "encode"}
    assert all(seconds > 0 for seconds in output.seconds_by_stage.values())


def test_the_heart_beats_once_a_batch_and_at_the_end(tmp_path):
    beats = []

    process(chunk_work(tmp_path, heartbeat=beats.append))

    assert len(beats) == 3 + 1  # twelve frames by four, and the end
    assert beats == sorted(beats)
    assert beats[-1] == 12


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
    assert not (tmp_path / "output" / "segment.mp4").exists()


class OddError(Exception):
    """What a stage raises in the test below."""


def raising(*_args, **_options):
    raise OddError("boom")


def test_what_decoding_raises_stops_everything(tmp_path, monkeypatch):
    decode_chunk = pipeline.decode_chunk

    def breaking_off(*args, **options):
        yield from islice(decode_chunk(*args, **options), 6)
        raise OddError("boom")

    monkeypatch.setattr(pipeline, "decode_chunk", breaking_off)

    with pytest.raises(OddError, match="boom"):
        process(chunk_work(tmp_path))

    assert our_threads() == []
    assert not (tmp_path / "output" / "segment.mp4").exists()


@pytest.mark.parametrize("stage", ["draw", "SegmentWriter", "write_log", "write_regions"])
def test_what_any_stage_raises_stops_everything(tmp_path, monkeypatch, stage):
    monkeypatch.setattr(pipeline, stage, raising)

    with pytest.raises(OddError, match="boom"):
        process(chunk_work(tmp_path, regions=2))

    assert our_threads() == []


def test_what_the_detector_raises_stops_everything(tmp_path):
    class Broken(ColourDetector):
        detect = raising

    with pytest.raises(OddError, match="boom"):
        process(chunk_work(tmp_path), Broken())

    assert our_threads() == []


def test_a_damaged_chunk_still_yields_every_frame(tmp_path):
    chunk_work(tmp_path).output_dir.rmdir()
    video = tmp_path / "chunk.mp4"
    data = bytearray(video.read_bytes())
    middle = data.index(b"mdat") + (len(data) - data.index(b"mdat")) // 3
    data[middle : middle + 400] = bytes(400)
    video.write_bytes(data)
    work = chunk_work(tmp_path, labels=("red",))

    process(work)

    assert len(decoded_segment(work)) == 12


def test_decoding_waits_while_encoding_stands_still(tmp_path, monkeypatch):
    made, all_made = [], threading.Event()
    decode_chunk, writer = pipeline.decode_chunk, pipeline.SegmentWriter

    def counted(*args, **options):
        for frame in decode_chunk(*args, **options):
            made.append(frame.frame_index)
            yield frame
        all_made.set()

    class StandingStill(writer):
        def write(self, rgb, pts):
            if pts == 0:
                all_made.wait(0.3)  # would be set long before if nothing held the decoder back
                made_meanwhile.append(len(made))
            super().write(rgb, pts)

    made_meanwhile = []
    monkeypatch.setattr(pipeline, "decode_chunk", counted)
    monkeypatch.setattr(pipeline, "SegmentWriter", StandingStill)

    process(chunk_work(tmp_path, pts=range(0, 2000, 20)))

    batch = ColourDetector.batch_size
    assert len(made) == 100
    assert made_meanwhile[0] <= 3 * batch + pipeline.DRAWN_FRAMES_WAITING + 4
