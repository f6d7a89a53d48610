"""Which boxes of a job are the same object."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from api_client.contract.stages import Stage
from tests.unit.log.logs import Job, Row, row, walker


def merged_rows(job: Job) -> list[dict[str, object]]:
    job.merge()
    return pq.read_table(job.directory / "results/detections.parquet").to_pylist()


def crowd(every: int = 1) -> list[Row]:
    """Two walkers, one of whom is called a dog now and then, and a flash."""
    frames = range(0, 40, every)
    second = [
        {**r, "class_id": int(n % 4 == 3)} for n, r in enumerate(walker(frames, x=30.0, confidence=0.8))
    ]
    return [*walker(frames), *second, row(17, 1, 0.7, (0, 0, 5, 5))]


def test_a_walker_is_one_object_however_far_it_goes(tmp_path: Path) -> None:
    rows = merged_rows(Job(tmp_path, walker(range(40))))

    assert [r["tracker_id"] for r in rows] == [1] * 40


def test_two_walkers_keep_apart(tmp_path: Path) -> None:
    rows = merged_rows(Job(tmp_path, [*walker(range(40)), *walker(range(40), x=30.0, confidence=0.8)]))

    assert {(r["tracker_id"], r["confidence"] > 0.85) for r in rows} == {(1, True), (2, False)}


def test_the_label_of_a_track_is_voted_and_the_detectors_word_kept(tmp_path: Path) -> None:
    rows = merged_rows(Job(tmp_path, crowd()))

    second = [r for r in rows if r["tracker_id"] == 2]
    assert {r["class_name"] for r in second} == {"cat"}
    assert [r["detected_as"] for r in second[:4]] == [None, None, None, "dog"]


def test_another_thing_that_appears_nearby_is_not_what_was_there(tmp_path: Path) -> None:
    before = [row(n, 0, 0.9, (0, 0, 30, 40)) for n in range(10)]
    after = [row(n, 1, 0.9, (16, 4, 46, 44)) for n in range(14, 24)]  # a dog, a third of a cat's width off

    rows = merged_rows(Job(tmp_path, [*before, *after]))

    assert {(r["tracker_id"], r["class_name"]) for r in rows} == {(1, "cat"), (2, "dog")}


def test_what_lies_on_a_thing_of_the_tracks_own_label_is_something_else(tmp_path: Path) -> None:
    rider = [row(n, 0, 0.9, (10, 0, 30, 60)) for n in range(20)]
    passer_by = [row(n, 0, 0.8, (18, 0, 38, 60)) for n in range(10)]
    bicycle = [row(n, 1, 0.7, (15, 4, 35, 62)) for n in range(10, 20)]  # half on each of them

    rows = merged_rows(Job(tmp_path, [*rider, *passer_by, *bicycle]))

    assert {(r["tracker_id"], r["class_name"]) for r in rows} == {(1, "cat"), (2, "cat"), (3, "dog")}


def test_a_flash_is_no_track_and_stays_in_the_log(tmp_path: Path) -> None:
    rows = merged_rows(Job(tmp_path, crowd()))

    assert [r["frame_index"] for r in rows if r["tracker_id"] is None] == [17]


def test_a_short_gap_is_filled_and_not_counted(tmp_path: Path) -> None:
    job = Job(tmp_path, walker([*range(10), *range(13, 40)]))

    rows = merged_rows(job)

    placed = [r for r in rows if r["interpolated"]]
    assert [(r["frame_index"], r["x_min"], r["mask"]) for r in placed] == [
        (10, 7.0, None),
        (11, 7.5, None),
        (12, 8.0, None),
    ]
    summary = json.loads((tmp_path / "results/summary.json").read_text())
    assert (summary["detections"], summary["classes"]["cat"]["frames"]) == (37, 37)


def test_a_gap_is_not_filled_where_the_object_was_detected_unsurely(tmp_path: Path) -> None:
    unsure = [{**r, "confidence": 0.51} for r in walker([14, 15])]  # too long after 9 to be followed

    job = Job(tmp_path, [*walker(range(10)), *unsure, *walker(range(16, 25))])
    rows = merged_rows(job)

    assert [(r["frame_index"], r["tracker_id"]) for r in rows] == [(n, 1) for n in range(25)]
    assert [r["frame_index"] for r in rows if r["interpolated"]] == [10, 11, 12, 13]
    (track,) = pq.read_table(job.directory / "results/tracks.parquet").to_pylist()
    assert track["frames_seen"] == 21


def test_a_long_gap_is_left_open_and_whoever_comes_back_is_the_same(tmp_path: Path) -> None:
    rows = merged_rows(Job(tmp_path, walker([*range(10), *range(18, 40)])))

    assert {r["tracker_id"] for r in rows} == {1}
    assert not any(r["interpolated"] for r in rows)


def test_what_was_seen_once_is_waited_for_two_frames(tmp_path: Path) -> None:
    standing = [row(i, 0, 0.9, (10, 5, 20, 35)) for i in (0, 3, 4, 20, 24)]

    rows = merged_rows(Job(tmp_path, standing))

    assert [(r["frame_index"], r["tracker_id"]) for r in rows] == [(i, 1) for i in range(5)] + [
        (20, None),
        (24, None),
    ]


def test_what_comes_back_too_late_is_somebody_new(tmp_path: Path) -> None:
    standing = [row(i, 0, 0.9, (10, 5, 20, 35)) for i in [*range(10), *range(25, 40)]]

    assert {r["tracker_id"] for r in merged_rows(Job(tmp_path, standing))} == {1, 2}


def test_an_unsure_detection_goes_on_with_a_track_and_begins_none(tmp_path: Path) -> None:
    fading = [{**r, "confidence": 0.9 if n < 10 else 0.51} for n, r in enumerate(walker(range(20)))]
    faint = walker(range(40), x=30.0, confidence=0.51)

    rows = merged_rows(Job(tmp_path, [*fading, *faint]))

    assert [r["frame_index"] for r in rows if r["tracker_id"] == 1] == [*range(20)]
    assert sum(r["tracker_id"] is None for r in rows) == 40


def test_a_ball_that_flies_past_its_own_box_in_every_frame_is_one_object(tmp_path: Path) -> None:
    flying = [row(n, 0, 0.9, (5.0 * n, 10, 5.0 * n + 5, 15)) for n in range(12)]

    assert [r["tracker_id"] for r in merged_rows(Job(tmp_path, flying))] == [1] * 12


def test_what_has_not_been_sure_for_longer_than_a_second_is_followed_no_more(tmp_path: Path) -> None:
    fading = [{**r, "confidence": 0.9 if n < 10 else 0.51} for n, r in enumerate(walker(range(40)))]

    rows = merged_rows(Job(tmp_path, fading))

    assert [r["frame_index"] for r in rows if r["tracker_id"]] == [*range(20)]


def test_no_two_boxes_of_a_frame_are_one_object(tmp_path: Path) -> None:
    sure = [row(n, 0, 0.9, (10, 5, 30, 35)) for n in range(8)]
    unsure = [row(n, 0, 0.52, (9, 6, 29, 36)) for n in range(8)]  # nearly there as well

    rows = merged_rows(Job(tmp_path, [*sure, *unsure]))

    assert [r["tracker_id"] for r in rows if r["confidence"] == pytest.approx(0.9)] == [1] * 8
    assert not [r for r in rows if r["tracker_id"] and r["confidence"] < 0.8]


def test_what_appears_beside_a_thing_that_left_and_bears_another_label_is_another(tmp_path: Path) -> None:
    before = [row(n, 0, 0.9, (0, 0, 10, 10)) for n in range(10)]
    after = [row(n, 1, 0.9, (11, 0, 21, 10)) for n in range(10, 20)]

    rows = merged_rows(Job(tmp_path, [*before, *after]))

    assert {(r["tracker_id"], r["class_name"]) for r in rows} == {(1, "cat"), (2, "dog")}


def test_what_was_missed_for_two_frames_goes_on_unsure(tmp_path: Path) -> None:
    unsure = [{**r, "confidence": 0.51} for r in walker(range(12, 20))]

    rows = merged_rows(Job(tmp_path, [*walker(range(10)), *unsure]))

    assert [(r["frame_index"], r["tracker_id"]) for r in rows] == [(n, 1) for n in range(20)]


@pytest.mark.parametrize("every", [1, 3])
def test_identities_do_not_depend_on_how_the_footage_was_cut(tmp_path: Path, every: int) -> None:
    logs = []
    for frames_per_chunk in (40, 7, 2):
        # the first frame of a chunk is looked at whatever `every` says
        starts = range(0, 40, frames_per_chunk)
        looked = sorted({*range(0, 40, every), *starts})
        directory = tmp_path / str(frames_per_chunk)
        directory.mkdir()
        job = Job(directory, walker(looked), frames_per_chunk=frames_per_chunk, every=every)
        rows = merged_rows(job)
        logs.append([(r["frame_index"], r["tracker_id"], r["x_min"]) for r in rows])

    assert logs[0] == logs[1] == logs[2]
    assert [frame for frame, _, _ in logs[0]] == [*range(40)]


def test_boxes_move_between_the_frames_that_are_looked_at(tmp_path: Path) -> None:
    rows = merged_rows(Job(tmp_path, walker(range(0, 40, 3)), every=3))

    assert [r["x_min"] for r in rows] == [2.0 + i / 2 for i in range(40)]
    assert [r["interpolated"] for r in rows] == [i % 3 > 0 for i in range(40)]


def test_without_tracks_rows_are_the_detectors_own(tmp_path: Path) -> None:
    job = Job(tmp_path, crowd(), tracks=False)

    rows = merged_rows(job)

    assert {r["tracker_id"] for r in rows} == {None}
    assert {r["detected_as"] for r in rows} == {None}
    assert sum(r["class_name"] == "dog" for r in rows) == 11
    assert "tracks.parquet" not in job.merge()[1]


def test_the_table_of_tracks_says_who_was_there(tmp_path: Path) -> None:
    job = Job(tmp_path, crowd())
    job.merge()

    first, second = pq.read_table(tmp_path / "results/tracks.parquet").to_pylist()

    assert (first["tracker_id"], first["class_name"], first["frames_seen"]) == (1, "cat", 40)
    assert (first["first_frame"], first["last_frame"], first["last_seconds"]) == (0, 39, 3.9)
    assert [vote["class_name"] for vote in second["votes"]] == ["cat", "dog"]
    assert (second["best_frame"], second["x_min"]) == (0, 30.0)


def test_the_summary_counts_objects_and_tells_near_misses(tmp_path: Path) -> None:
    job = Job(tmp_path, crowd(), labels=("cat", "dog", "eel"))
    marker = job.files.part_marker(Stage.DETECT, 0)
    assert marker is not None
    job.files.write_part_marker(
        Stage.DETECT, 0, marker.model_copy(update={"near_misses": {"eel": 0.41, "cat": 0.3}})
    )
    job.merge()

    summary = json.loads((tmp_path / "results/summary.json").read_text())

    assert (summary["objects"], summary["classes"]["cat"]["objects"]) == (2, 2)
    assert summary["classes"]["dog"]["objects"] == 0
    assert (summary["not_found"], summary["near_misses"]) == (["eel"], {"eel": 0.41})


def test_the_summary_says_as_what_a_word_was_told_that_no_track_is_named_after(tmp_path: Path) -> None:
    seen_as = [row(frame, 1 if frame in (7, 8) else 0, 1.0 if frame == 7 else 0.8) for frame in range(40)]
    job = Job(tmp_path, seen_as, labels=("cat", "dog"))
    job.merge()

    summary = json.loads((tmp_path / "results/summary.json").read_text())

    assert (summary["not_found"], summary["told_as"], summary["near_misses"]) == (["dog"], {"dog": "cat"}, {})


def test_a_row_that_is_no_number_is_left_out(tmp_path: Path) -> None:
    rows = merged_rows(
        Job(tmp_path, [*walker(range(40)), row(3, 1, float("nan")), row(4, 1, 0.9, (0, 0, float("inf"), 1))])
    )

    assert len(rows) == 40
