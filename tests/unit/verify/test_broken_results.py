"""A result broken in one way is told in one line that says how; the same result unbroken is verified."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from api_client.verify import verify_result
from tests.results.made import Made, edited, seal
from tests.results.video_file import Sound, write_video


def test_what_is_right_is_verified(right: Made, out: Path) -> None:
    report = verify_result(right.source, right.write(out))

    assert (report.differences, report.remarks, report.frames) == ((), (), 48)
    assert report.worst_psnr_db is not None
    assert report.worst_psnr_db > 35


def in_frames(made: Made, frames: range, change: Callable[[np.ndarray], np.ndarray]) -> Made:
    """The pictures of some frames changed."""
    pictures = list(made.pictures)
    for index in frames:
        pictures[index] = change(pictures[index])
    return replace(made, pictures=pictures)


def noise(picture: np.ndarray) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, picture.shape, dtype=np.uint8)


def half_noise(picture: np.ndarray) -> np.ndarray:
    return np.concatenate([picture[:72], noise(picture)[72:]])


def swapped(made: Made, first: int, second: int) -> Made:
    pictures = list(made.pictures)
    pictures[first], pictures[second] = pictures[second], pictures[first]
    return replace(made, pictures=pictures)


def without_frame(made: Made, index: int) -> Made:
    keep = [number for number in range(len(made.pictures)) if number != index]
    return replace(
        made,
        pictures=[made.pictures[number] for number in keep],
        seconds=[made.seconds[number] for number in keep],
        log_seconds=list(made.seconds),
    )


def with_one_more(made: Made) -> Made:
    return replace(
        made,
        pictures=[*made.pictures, made.pictures[-1]],
        seconds=[*made.seconds, made.seconds[-1] + 0.04],
        log_seconds=list(made.seconds),
    )


def sounding(made: Made, change: Callable[[Sound], Sound]) -> Made:
    assert made.sound is not None
    return replace(made, sound=change(made.sound))


def moved(sound: Sound, by: Callable[[float], float]) -> Sound:
    return replace(sound, seconds=[by(second) for second in sound.seconds])


def cut(sound: Sound, at: int) -> Sound:
    packets, seconds = list(sound.packets), list(sound.seconds)
    return replace(sound, packets=packets[:at] + packets[at + 1 :], seconds=seconds[:at] + seconds[at + 1 :])


def grown(made: Made) -> Made:
    larger = [np.kron(picture, np.ones((2, 2, 1), np.uint8)) for picture in made.pictures]
    return replace(made, pictures=larger, boxes={})


def line_changed(made: Made, index: int, **changes: object) -> Made:
    def change(lines: list) -> list:
        return [{**line, **changes} if number == index else line for number, line in enumerate(lines)]

    return replace(made, change_lines=change)


def object_twice(made: Made, index: int) -> Made:
    def change(lines: list) -> list:
        same = [{**found, "tracker_id": 1} for found in 2 * lines[index]["detections"]]
        return [*lines[:index], {**lines[index], "detections": same}, *lines[index + 1 :]]

    return replace(made, change_lines=change)


BLACK = np.zeros((96, 160, 3), np.uint8)
RED = np.full((96, 160, 3), (200, 20, 20), np.uint8)

IN_THE_MAKING = {
    "a frame is missing": (lambda m: without_frame(m, 20), "the annotated video has 47 frames"),
    "a frame too many": (with_one_more, "the annotated video has 49 frames, the source 48"),
    "two frames exchanged": (lambda m: swapped(m, 20, 21), "shows the frame after it instead"),
    "all frames one too late": (
        lambda m: replace(m, pictures=[m.pictures[0], *m.pictures[:-1]]),
        "47 frames (from 1 to 47) shows the frame before it instead",
    ),
    "all frames one too early": (
        lambda m: replace(m, pictures=[*m.pictures[1:], m.pictures[-1]]),
        "shows the frame after it instead",
    ),
    "frames in reverse": (lambda m: replace(m, pictures=m.pictures[::-1]), "is another one"),
    "frames are black": (lambda m: in_frames(m, range(20, 30), lambda _: BLACK), "(from 20 to 29) is black"),
    "frames are red": (lambda m: in_frames(m, range(24, 36), lambda _: RED), "shows a single shade"),
    "one frame is garbage": (lambda m: in_frames(m, range(7, 8), noise), "frame 7 is another one"),
    "a part is garbage": (lambda m: in_frames(m, range(40, 48), half_noise), "picture of 8 frames"),
    "mirrored": (
        lambda m: in_frames(m, range(48), lambda p: p[:, ::-1]),
        "is the right one mirrored left to right",
    ),
    "upside down": (lambda m: in_frames(m, range(48), lambda p: p[::-1, ::-1]), "right one upside down"),
    "on its side": (
        lambda m: replace(in_frames(m, range(48), lambda p: p.swapaxes(0, 1)), boxes={}),
        "is the right one transposed",
    ),
    "twice as large": (grown, "the annotated video is 320x192, the source's picture 160x96"),
    "too slow": (
        lambda m: replace(m, seconds=[1.5 * s for s in m.seconds]),
        "worst frame 47: 2.820 s instead of 1.880 s",
    ),
    "one frame 15 ms late": (
        lambda m: replace(m, seconds=[s + 0.015 * (i == 30) for i, s in enumerate(m.seconds)]),
        "shows frame 30 at another time",
    ),
    "the sound 50 ms late": (
        lambda m: sounding(m, lambda s: moved(s, lambda second: second + 0.05)),
        "0.050 s later beside the picture than in the source at the beginning",
    ),
    "the sound drifts": (
        lambda m: sounding(m, lambda s: moved(s, lambda second: second * 0.95)),
        "earlier beside the picture than in the source at the end",
    ),
    "no sound": (lambda m: replace(m, sound=None), "is not in the annotated video, and no note"),
    "a sound packet less": (lambda m: sounding(m, lambda s: cut(s, 9)), "from packet 9 on"),
    "a sound packet changed": (
        lambda m: sounding(m, lambda s: replace(s, packets=[*s.packets[:5], s.packets[6], *s.packets[6:]])),
        "from packet 5 on",
    ),
    "a line less in the log": (
        lambda m: replace(m, change_lines=lambda lines: lines[:20] + lines[21:]),
        "does not list each frame once and in order: line 21 is frame 21",
    ),
    "lines exchanged": (
        lambda m: replace(m, change_lines=lambda ls: [*ls[:5], ls[6], ls[5], *ls[7:]]),
        "does not list each frame once and in order",
    ),
    "a time wrong in the log": (lambda m: line_changed(m, 12, time_seconds=0.5), "the log shows frame 12"),
    "all times wrong in the log": (
        lambda m: replace(m, log_seconds=[2 * s for s in m.seconds]),
        "the log shows 47 frames",
    ),
    "a box outside of the picture": (
        lambda m: replace(m, boxes={**m.boxes, 11: (150, 30, 210, 60)}),
        "boxes outside of the 160x96 frame in frame 11",
    ),
    "an object in two places": (
        lambda m: object_twice(m, 12),
        "the log has an object more than once in frame 12: #1 is 2 boxes",
    ),
    "a detection only in the parquet and the text": (
        lambda m: line_changed(m, 12, detections=[]),
        "detections.parquet does not agree with detections.jsonl in frame 12",
    ),
    "a frame nobody looked at, not named": (
        lambda m: replace(m, unseen={3: "every worker died"}),
        "job.json names no gap there",
    ),
    "a gap nobody knows of": (lambda m: replace(m, gaps=[(4, 6)]), "where the log says somebody looked"),
    "good frames that are said not to decode": (
        lambda m: replace(m, unseen=dict.fromkeys((5, 6), "the frame cannot be decoded"), gaps=[(5, 6)]),
        "but a plain decoder shows it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_THE_MAKING)
def test_a_result_made_wrong_is_told(right: Made, out: Path, name: str) -> None:
    change, told = IN_THE_MAKING[name]

    report = verify_result(right.source, change(right).write(out))

    assert told in "\n".join(report.differences)
    assert all("\n" not in line for line in report.differences)


def drop_a_row(out: Path) -> None:
    table = pq.read_table(out / "detections.parquet")
    pq.write_table(table.slice(1), out / "detections.parquet")
    seal(out)


def change_a_column(out: Path, name: str, value: int) -> None:
    table = pq.read_table(out / "detections.parquet")
    number = table.schema.get_field_index(name)
    same = pa.array([value] * len(table), type=table.schema.field(name).type)
    pq.write_table(table.set_column(number, table.schema.field(name), same), out / "detections.parquet")
    seal(out)


def other_bytes(out: Path) -> None:
    video = out / "street-annotated.mp4"
    video.write_bytes(video.read_bytes() + b"\0")


def overwritten(out: Path) -> None:
    video = out / "street-annotated.mp4"
    data = video.read_bytes()
    with av.open(str(video)) as file:
        positions = [packet.pos for packet in file.demux(video=0) if packet.size]
    video.write_bytes(data[: positions[30]] + bytes(2000) + data[positions[30] + 2000 :])
    seal(out)


def of_another_file(out: Path) -> None:
    job = json.loads((out / "job.json").read_text())
    job["provenance"]["source"].update(file_name="other.mp4", size_bytes=12345)
    (out / "job.json").write_text(json.dumps(job))


def counted_wrong(out: Path) -> None:
    job = json.loads((out / "job.json").read_text())
    (out / "job.json").write_text(json.dumps({**job, "detection_count": 3}))


AFTERWARDS = {
    "a row less in the parquet": (drop_a_row, "detections.parquet does not agree"),
    "the parquet is damaged": (
        lambda out: edited(out, "detections.parquet", lambda _: "nothing"),
        "detections.parquet does not agree with detections.jsonl in 31 frames (from 0 to 39)",
    ),
    "the text says another number": (
        lambda out: edited(out, "detections.txt", lambda text: text.replace("12\t", "13\t", 1)),
        "detections.txt does not agree",
    ),
    "the text says another box": (
        lambda out: edited(out, "detections.txt", lambda text: text.replace("[60 30", "[64 30", 1)),
        "detections.txt does not agree with detections.jsonl in frame 10",
    ),
    "the text says another track": (
        lambda out: edited(out, "detections.txt", lambda text: text.replace("#1", "#2", 1)),
        "detections.txt does not agree with detections.jsonl in frame 10",
    ),
    "the text does not mark what is interpolated": (
        lambda out: edited(out, "detections.txt", lambda text: text.replace("~", "")),
        "detections.txt does not agree with detections.jsonl in frame 20",
    ),
    "the parquet says another track": (
        lambda out: change_a_column(out, "tracker_id", 7),
        "detections.parquet does not agree",
    ),
    "the parquet takes what is interpolated for detections": (
        lambda out: change_a_column(out, "interpolated", False),
        "detections.parquet does not agree with detections.jsonl in frame 20",
    ),
    "a line of the log is damaged": (
        lambda out: edited(out, "detections.jsonl", lambda text: text.replace('"pts"', "pts", 1)),
        "lines that are no record",
    ),
    "the summary counts wrong": (
        lambda out: edited(out, "summary.json", lambda text: text.replace("48", "49")),
        "summary.json counts 49 frames",
    ),
    "the video was changed since": (other_bytes, "its bytes have changed"),
    "the video is no video": (
        lambda out: edited(out, "street-annotated.mp4", lambda _: "nothing"),
        "street-annotated.mp4' cannot be read",
    ),
    "the video is overwritten in the middle": (overwritten, "the annotated video has"),
    "a log is gone": (
        lambda out: (out / "detections.jsonl").unlink(),
        "'detections.jsonl', which job.json lists, is not there",
    ),
    "the video is gone": (lambda out: (out / "street-annotated.mp4").unlink(), "is not there"),
    "of another file": (of_another_file, "the results are of 'other.mp4' (12345 bytes), not of 'street.mp4'"),
    "job.json counts wrong": (counted_wrong, "job.json counts 48 frames and 3 detections"),
}


@pytest.mark.parametrize("name", AFTERWARDS)
def test_a_result_spoilt_afterwards_is_told(right: Made, right_results: Path, out: Path, name: str) -> None:
    spoil, told = AFTERWARDS[name]
    shutil.copytree(right_results, out)

    spoil(out)

    assert told in "\n".join(verify_result(right.source, out).differences)


def test_other_annotated_videos_in_the_directory_are_not_taken_for_the_result(right: Made, out: Path) -> None:
    right.write(out)
    write_video(out / "a-annotated.mp4", [BLACK] * 5, [0.0, 0.1, 0.2, 0.3, 0.4])
    (out / "detections.csv").write_text("somebody else's")

    assert verify_result(right.source, out).differences == ()


def test_gaps_that_job_json_names_may_show_anything(right: Made, out: Path) -> None:
    made = in_frames(right, range(20, 30), lambda _: BLACK)
    unseen = dict.fromkeys(range(20, 30), "every worker that tried it died")
    boxes = {index: box for index, box in right.boxes.items() if index not in unseen}

    report = verify_result(
        right.source, replace(made, unseen=unseen, gaps=[(20, 29)], boxes=boxes).write(out)
    )

    assert report.differences == ()
    assert report.remarks == ("pictures were not compared in the gaps that job.json names",)
