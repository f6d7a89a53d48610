"""Whatever cannot be done is one line that names the value and the remedy, and leaves nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.local.conftest import RunClient


def refusal(run_client: RunClient, *arguments: object, status: int = 2, **changes: str) -> str:
    """The one line on stderr of a command that must be refused."""
    done = run_client(*arguments, **changes)
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("client: ")
    return lines[0]


@pytest.fixture(autouse=True)
def _nothing_is_left(leftovers: Callable[[], list[str]], tmp_path: Path) -> object:
    yield
    assert leftovers() == []
    assert not list((tmp_path / "home").glob("store/jobs/*"))


def test_an_input_that_does_not_exist(run_client: RunClient, tmp_path: Path) -> None:
    assert "missing.mp4" in refusal(run_client, "submit", tmp_path / "missing.mp4", "-v", "red")


def test_a_folder_with_nothing_to_look_into(run_client: RunClient, tmp_path: Path) -> None:
    assert "holds no video and no picture" in refusal(run_client, "submit", tmp_path, "-v", "red")


def test_a_word_without_its_option(run_client: RunClient, clip: Path) -> None:
    assert "write -v dog" in refusal(run_client, "submit", clip, "dog")


def test_a_results_directory_of_another_job(run_client: RunClient, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "job.json").write_text('{"job_id": "20260101-first"}')

    line = refusal(run_client, "submit", clip, "-v", "red", "-o", tmp_path / "out")

    assert "holds the results of job 20260101-first" in line


def test_a_place_for_results_that_cannot_be_written(run_client: RunClient, clip: Path) -> None:
    assert "results cannot go to /proc/out" in refusal(
        run_client, "submit", clip, "-v", "red", "-o", "/proc/out"
    )


def test_one_wrong_input_among_many_starts_nothing(run_client: RunClient, clip: Path, tmp_path: Path) -> None:
    assert "missing.mp4" in refusal(run_client, "submit", clip, tmp_path / "missing.mp4", "-v", "red")


def test_every_wrong_input_is_named(run_client: RunClient, clip: Path, tmp_path: Path) -> None:
    done = run_client("submit", clip, tmp_path / "missing.mp4", tmp_path / "lost.mov", "-v", "red")

    assert done.returncode == 2
    first, second, last = done.stderr.splitlines()
    assert ("missing.mp4" in first, "lost.mov" in second) == (True, True)
    assert "2 of 3 inputs cannot be used: nothing was started" in last


@pytest.mark.parametrize("content", [b"", b"not a video at all", b"\0" * 5000])
def test_an_input_that_is_no_video(run_client: RunClient, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)

    assert "broken.mp4" in refusal(run_client, "submit", path, "-v", "red")


def test_a_truncated_video(run_client: RunClient, tmp_path: Path, clip: Path) -> None:
    path = tmp_path / "half.mp4"
    path.write_bytes(clip.read_bytes()[:4000])

    assert "half.mp4" in refusal(run_client, "submit", path, "-v", "red")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["-v", ""], "empty"),
        (["-v", "cat, cat"], "cat"),
        (["-v", "coko"], "coco"),
        (["-v", "cat", "-d", "detik-r50"], "detic-r50"),
        (["-v", "cat", "-t", "1.5"], "1.5"),
        (["-v", "cat", "-t", "high"], "high"),
        (["-v", "cat", "--every", "0"], "--every"),
        (["-v", "cat", "--weights", "no-such-file.pth"], "no-such-file.pth"),
        (["-v", "cat", "--nonsense"], "--nonsense"),
    ],
)
def test_arguments_that_cannot_work(
    run_client: RunClient, clip: Path, arguments: list[str], named: str
) -> None:
    assert named in refusal(run_client, "submit", clip, *arguments)


def test_no_argument_at_all(run_client: RunClient) -> None:
    assert "INPUT" in refusal(run_client, "submit")


@pytest.mark.parametrize("command", ["status", "watch", "fetch", "cancel", "resume"])
def test_an_unknown_job(run_client: RunClient, command: str) -> None:
    assert "20260101-nothing" in refusal(run_client, command, "20260101-nothing")


def test_something_that_cannot_be_a_job(run_client: RunClient) -> None:
    assert "../../etc" in refusal(run_client, "status", "../../etc")


def test_an_unreachable_broker(run_client: RunClient, clip: Path, free_port: int) -> None:
    url = f"redis://:hunter2@127.0.0.1:{free_port}/0"

    line = refusal(run_client, "submit", clip, "-v", "red", HORATIO_BROKER_URL=url)

    assert f"127.0.0.1:{free_port}" in line
    assert "HORATIO_BROKER_URL" in line
    assert "hunter2" not in line


def test_an_unreachable_store(run_client: RunClient, clip: Path, free_port: int) -> None:
    line = refusal(
        run_client, "jobs",
        HORATIO_STORE_URL="s3://bucket",
        HORATIO_S3_ENDPOINT_URL=f"http://127.0.0.1:{free_port}",
        HORATIO_S3_ACCESS_KEY_ID="key",
        HORATIO_S3_SECRET_ACCESS_KEY="hunter2",
    )  # fmt: skip

    assert f"127.0.0.1:{free_port}" in line
    assert "hunter2" not in line


def test_a_setting_that_cannot_work(run_client: RunClient) -> None:
    assert "HORATIO_CHUNK_SECONDS" in refusal(run_client, "jobs", HORATIO_CHUNK_SECONDS="soon")


def test_a_device_that_cannot_be(run_client: RunClient) -> None:
    assert '"cuda:1" or "mps"' in refusal(run_client, "jobs", HORATIO_DEVICE="gpu")


@pytest.mark.parametrize(
    "url", ["amqp://user:hunter2@host", "redis://:hunter2@host:port/0", "redis://:hunter2@[::1/0"]
)
def test_a_broker_that_cannot_be_keeps_its_secret(run_client: RunClient, url: str) -> None:
    line = refusal(run_client, "jobs", HORATIO_BROKER_URL=url)

    assert line.startswith("client: HORATIO_BROKER_URL is '***': ")
    assert "hunter2" not in line


def test_a_store_that_may_not_be_written(run_client: RunClient, clip: Path) -> None:
    assert "/proc" in refusal(run_client, "submit", clip, "-v", "red", HORATIO_STORE_URL="/proc/horatio")
