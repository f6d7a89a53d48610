"""One part, from its video and its log to a segment."""

import threading
from dataclasses import replace
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from api_client.contract import Gap, Manifest, Rendering
from api_client.errors import JobCancelledError, WorkerStoppingError
from api_client.log.boxes import LoggedBox
from api_client.log.frames import frames_of
from api_client.log.palette import colour_of
from api_client.log.part_rows import PartRows
from tests.manifests import chunk, manifest
from tests.unit.workers.clips import chunk_work, picture, red_square_at, render_work
from workers import part_output, render_pipeline
from workers.render_pipeline import RenderPipeline

VARIABLE_PTS = (0, 20, 40, 70, 75, 200, 220, 221, 300, 320)
BLACK = np.zeros(3)


def boxes(frames=range(12), *, margin: float = 0) -> list[LoggedBox]:
    """Track 1 is the red square."""
    return [
        LoggedBox(
            i, 20 * i, i / 30, 0, "red", 0.9,
            *np.add(red_square_at(i), (-margin, -margin, margin, margin)).astype(float).tolist(),
            1, False, None, None,
        )
        for i in frames
    ]  # fmt: skip


def rows(folder: Path, logged: list[LoggedBox], job: Manifest) -> dict[int, Path]:
    folder.mkdir()
    frames = frames_of(job, (), iter(logged))
    for _ in PartRows(job, folder, {1: 0.9}).passing(frames):
        pass
    return {int(path.stem): path for path in folder.iterdir()}


@pytest.fixture
def part_rows(tmp_path):
    """What is to be drawn: a box around the red square in all twelve frames."""
    return rows(tmp_path / "rows", boxes(), manifest(chunks=(chunk(0, range(0, 240, 20)),)))


def segment(work) -> dict[float, np.ndarray]:
    """Second → picture."""
    with av.open(str(work.output_dir / "segment.mp4")) as container:
        return {frame.time: frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)}


def pictures(work) -> list[np.ndarray]:
    RenderPipeline(work).run()
    return list(segment(work).values())


def our_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name in {"decode", "draw"}]


def test_every_frame_is_encoded_once_at_its_time(tmp_path):
    work = render_work(tmp_path, {}, pts=VARIABLE_PTS)

    RenderPipeline(work).run()

    assert list(segment(work)) == pytest.approx([pts / 600 for pts in VARIABLE_PTS])


def test_boxes_are_drawn_where_things_are(tmp_path, part_rows):
    drawn = pictures(render_work(tmp_path, part_rows))

    for index in (0, 6, 11):
        x_min, y_min, _, y_max = red_square_at(index)
        side = drawn[index][y_min + 5 : y_max - 5, x_min].mean(axis=0)
        wanted = [colour_of("red", shade=1), (255, 0, 0), (128, 128, 128)]
        assert np.argmin([np.linalg.norm(side - colour) for colour in wanted]) == 0


def test_two_runs_give_the_same_bytes(tmp_path, part_rows):
    written = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        work = render_work(tmp_path / name, part_rows)
        RenderPipeline(work).run()
        written.append((work.output_dir / "segment.mp4").read_bytes())

    assert written[0] == written[1]


@pytest.mark.parametrize("style", ["blur", "pixelate", "cover"])
def test_nothing_of_what_was_found_can_be_seen_in_any_frame(tmp_path, style):
    """Found in frames 4 to 7 alone, it is hidden a fifth of a second, six frames, before and after."""
    job = manifest(chunks=(chunk(0, range(0, 600, 20)),))
    logged = rows(tmp_path / "rows", boxes(range(12, 16)), job)
    work = render_work(tmp_path, logged, rendering=Rendering(style=style), pts=range(0, 600, 20))

    drawn = pictures(work)

    for index in range(6, 22):
        x_min, y_min, x_max, y_max = red_square_at(min(max(index, 12), 15))
        hidden, original = (
            p[y_min + 2 : y_max - 2, x_min + 2 : x_max - 2] for p in (drawn[index], picture(index))
        )
        assert np.abs(hidden.astype(int) - original).mean() > 3, index
    assert np.abs(drawn[2].astype(int) - picture(2)).mean() < 12  # far from it nothing is hidden


@pytest.mark.parametrize("style", ["blur", "pixelate", "cover"])
def test_frames_nobody_looked_at_are_hidden_whole(tmp_path, style):
    gap = Gap(first_frame=4, last_frame=6, reason="lost")
    work = render_work(tmp_path, {}, rendering=Rendering(style=style), gaps=(gap,))

    drawn = pictures(work)

    assert all(drawn[index].std() < picture(index).std() for index in (4, 5, 6))
    assert np.abs(drawn[3].astype(int) - picture(3)).mean() < 12


def test_the_style_none_draws_nothing(tmp_path, part_rows):
    drawn = pictures(render_work(tmp_path, part_rows, rendering=Rendering(style="none")))

    assert all(np.abs(drawn[index].astype(int) - picture(index)).mean() < 12 for index in range(12))


def test_a_part_that_is_gone_is_black_and_as_long(tmp_path, part_rows):
    work = replace(render_work(tmp_path, part_rows), video_path=None)

    output = RenderPipeline(work).run()

    assert output.unreadable_frames == tuple(range(12))
    assert len(segment(work)) == 12
    assert np.median(segment(work)[0.0]) == pytest.approx(0, abs=3)


def test_a_damaged_part_still_yields_every_frame(tmp_path):
    chunk_work(tmp_path).output_dir.rmdir()
    video = tmp_path / "chunk.mp4"
    data = bytearray(video.read_bytes())
    middle = data.index(b"mdat") + (len(data) - data.index(b"mdat")) // 3
    data[middle : middle + 400] = bytes(400)
    video.write_bytes(data)

    assert len(pictures(render_work(tmp_path, {}))) == 12


def test_every_step_is_timed(tmp_path, part_rows):
    output = RenderPipeline(render_work(tmp_path, part_rows)).run()

    assert set(output.seconds_by_stage) == {"decode", "draw", "encode"}


@pytest.mark.parametrize("error", [JobCancelledError, WorkerStoppingError, KeyboardInterrupt])
def test_what_a_heartbeat_raises_stops_everything(tmp_path, error):
    def stop(_frames_done: int) -> None:
        raise error("stop")

    with pytest.raises(error):
        RenderPipeline(render_work(tmp_path, {}, heartbeat=stop, pts=range(0, 800, 20))).run()

    assert our_threads() == []


def test_decoding_waits_while_encoding_stands_still(tmp_path, monkeypatch):
    made, all_made, made_meanwhile = [], threading.Event(), []
    drawable_part, writer = render_pipeline.drawable_part, part_output.SegmentWriter

    def counted(*args, **options):
        for frame in drawable_part(*args, **options):
            made.append(frame.frame_index)
            yield frame
        all_made.set()

    class StandingStill(writer):
        def write_drawn(self, canvas, pts):
            if pts == 0:
                all_made.wait(0.3)  # would be set long before if nothing held the decoder back
                made_meanwhile.append(len(made))
            super().write_drawn(canvas, pts)

    monkeypatch.setattr(render_pipeline, "drawable_part", counted)
    monkeypatch.setattr(part_output, "SegmentWriter", StandingStill)

    RenderPipeline(render_work(tmp_path, {}, pts=range(0, 2000, 20))).run()

    assert len(made) == 100
    assert made_meanwhile[0] <= 2 * render_pipeline.FRAMES_WAITING + 4


class OddError(Exception):
    """What a step raises in the test below."""


def test_what_decoding_raises_stops_everything(tmp_path, monkeypatch):
    drawable_part = render_pipeline.drawable_part

    def breaking_off(*args, **options):
        yield from islice(drawable_part(*args, **options), 6)
        raise OddError("boom")

    monkeypatch.setattr(render_pipeline, "drawable_part", breaking_off)

    with pytest.raises(OddError, match="boom"):
        RenderPipeline(render_work(tmp_path, {})).run()

    assert our_threads() == []
