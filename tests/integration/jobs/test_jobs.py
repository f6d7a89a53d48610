"""Jobs on a cluster of one worker that stays."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from api_client import Client
from api_client.contract.digest import file_sha256
from api_client.contract.stages import BY_PART, Stage
from api_client.queue.connections import Connections
from api_client.queue.items import QUEUES, outstanding_list
from api_client.verify import verify_result
from tests.clips import write_clip
from tests.integration.jobs.conftest import cluster_settings
from tests.integration.jobs.results import COLOURS, frames_of, sound_packets
from tests.results.verified import assert_verified
from tests.servers.redis import redis_server
from tests.servers.worker import running_worker
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with redis_server() as server:
        settings = cluster_settings(server.url, tmp_path_factory.mktemp("cluster"))
        with running_worker(settings), Client(settings) as client:
            yield client


def test_a_job_finds_the_squares_in_every_frame(client: Client, clip: Path, tmp_path: Path) -> None:
    job_id = client.submit(clip, vocabulary="red square, blue square, green square", detector=COLOURS)
    status = client.wait(job_id)
    fetched = client.fetch(job_id, tmp_path / "out")

    assert (status.state, status.frames_done, status.chunks_total) == ("completed", 60, 5)
    assert_verified(clip, tmp_path / "out")
    found = [{d["class_name"] for d in frame["detections"]} for frame in frames_of(tmp_path / "out")]
    assert found == [{"red square", "blue square"}] * 60
    assert json.loads((tmp_path / "out/summary.json").read_text())["not_found"] == ["green square"]
    assert fetched.video_path.name == "squares-annotated.mp4"
    assert sound_packets(fetched.video_path) == sound_packets(clip)


def test_a_part_of_a_video_is_told_in_the_numbers_and_times_of_the_whole(
    client: Client, clip: Path, tmp_path: Path
) -> None:
    job_id = client.submit(
        clip, vocabulary="red square", detector=COLOURS, start=1.5, end=3.5, exports=("cvat", "mot")
    )
    status = client.wait(job_id)
    client.fetch(job_id, tmp_path / "out")

    assert (status.state, status.frames_total) == ("completed", 24)
    report = assert_verified(clip, tmp_path / "out")
    assert (report.frames, report.remarks) == (24, ())
    frames = frames_of(tmp_path / "out")
    assert [frame["frame_index"] for frame in frames] == [*range(18, 42)]
    assert [frames[0]["time_seconds"], frames[-1]["time_seconds"]] == pytest.approx([1.5, 41 / 12])
    assert all(frame["detections"] for frame in frames)
    assert client.report(job_id, tmp_path / "out").exists()


def test_results_of_another_part_are_found_out(client: Client, clip: Path, tmp_path: Path) -> None:
    job_id = client.submit(clip, vocabulary="red square", detector=COLOURS, start=1.5, end=3.5)
    client.wait(job_id)
    client.fetch(job_id, tmp_path / "out")
    document = tmp_path / "out/job.json"
    said = json.loads(document.read_text())
    said["provenance"]["video"]["first_frame"] = 20
    document.write_text(json.dumps(said))

    told = " ".join(verify_result(clip, tmp_path / "out").differences)

    assert "the log shows" in told
    assert "does not list each frame once and in order" in told
    assert "sound" in told


def test_nothing_stays_queued_that_would_keep_a_cluster_awake(client: Client, clip: Path) -> None:
    client.wait(client.submit(clip, vocabulary="red", detector=COLOURS))

    redis = Connections(client.settings).redis
    for name in (*map(outstanding_list, BY_PART), *QUEUES.values()):
        assert redis.llen(name) == 0


def test_the_busy_time_of_a_job_is_that_of_all_its_stages(client: Client, clip: Path) -> None:
    job_id = client.submit(clip, vocabulary="red", detector=COLOURS)
    client.wait(job_id)
    result = client.result(job_id)

    files = Connections(client.settings).files(job_id)
    markers = [files.part_marker(stage, index) for stage in BY_PART for index in range(5)]
    decoding_seconds = sum(marker.seconds_by_stage["decode"] for marker in markers if marker)
    assert result is not None
    assert result.provenance["seconds_by_stage"]["decode"] == pytest.approx(decoding_seconds, abs=0.01)


def test_a_chunk_that_kills_its_worker_becomes_a_gap_that_is_named(client: Client, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "deadly.mp4", frames=60, gop=12, grey_frames=range(30, 31))

    job_id = client.submit(clip, vocabulary="red", detector="python:tests.troubled_detectors:load_deadly")
    status = client.wait(job_id)
    result = client.fetch(job_id, tmp_path / "out").result

    assert status.state == "completed_with_gaps"
    assert [(gap.first_frame, gap.last_frame) for gap in result.gaps] == [(24, 35)]
    assert result.gaps[0].reason == "every worker that tried it died"
    assert_verified(clip, tmp_path / "out")
    assert "(every worker that tried it died)" in (tmp_path / "out/detections.txt").read_text()


def test_every_third_frame_is_looked_at_and_the_log_says_which(
    client: Client, clip: Path, tmp_path: Path
) -> None:
    job_id = client.submit(clip, vocabulary="red", detector=COLOURS, every=3)
    client.wait(job_id)
    client.fetch(job_id, tmp_path / "out")

    looked_at = [f["frame_index"] for f in frames_of(tmp_path / "out") if f["unseen"] is None]
    assert looked_at == list(range(0, 60, 3))
    assert_verified(clip, tmp_path / "out")


def test_a_cancelled_job_keeps_what_is_done_and_can_be_resumed(client: Client, clip: Path) -> None:
    job_id = client.submit(clip, vocabulary="red", detector="python:tests.troubled_detectors:load_slow")
    client.cancel(job_id)
    assert client.wait(job_id).state == "cancelled"
    redis = Connections(client.settings).redis
    wait_until(
        lambda: redis.llen(outstanding_list(Stage.DETECT)) == 0,
        timeout_seconds=30,
        description="the worker to drop the job's chunks",
    )

    assert client.resume(job_id) > 0

    assert client.wait(job_id).state == "completed"


def test_a_picture_is_a_video_of_one_frame(client: Client, tmp_path: Path) -> None:
    import cv2

    from tests.clips import picture

    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), picture(3)[..., ::-1])

    job_id = client.submit(path, vocabulary="red square", detector=COLOURS)
    assert client.wait(job_id).state == "completed"
    client.fetch(job_id, tmp_path / "out")

    assert_verified(path, tmp_path / "out")
    (frame,) = frames_of(tmp_path / "out")
    assert [d["class_name"] for d in frame["detections"]] == ["red square"]


def test_detic_with_a_checkpoint_of_the_users_own(client: Client, tmp_path: Path) -> None:
    """Weights made of the tensors' names: what it finds means nothing, the way there does."""
    from training.detic.deterministic import write_checkpoint

    write_checkpoint("detic-r18", tmp_path / "r18.pth")
    clip = write_clip(tmp_path / "short.mp4", frames=12, gop=12)

    job_id = client.submit(
        clip,
        vocabulary="red square, dog",
        detector="python:training.detic.deterministic:load",
        weights=tmp_path / "r18.pth",
        every=12,
    )
    assert client.wait(job_id).state == "completed"
    result = client.fetch(job_id, tmp_path / "out").result

    assert_verified(clip, tmp_path / "out")
    (digest,) = result.provenance["detector"]["weights_sha256"]
    assert digest == file_sha256(tmp_path / "r18.pth")
