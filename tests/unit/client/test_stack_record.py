"""What a stack leaves behind is found again, or taken for nothing."""

import socket
from pathlib import Path

import pytest

from api_client.cli.main import run
from api_client.local.stack import LocalStack, _free_port
from api_client.local.stack_record import StackRecord, lasting_record, passing_records
from api_client.settings import Settings

RECORD = StackRecord(
    supervisor_pid=4_000_000,
    broker_url="redis+socket:///nowhere/redis.sock",
    log_path="log",
    flower_url=None,
    started_at_unix_seconds=1.0,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_a_record_comes_back(tmp_path: Path) -> None:
    RECORD.write(tmp_path / "stack.json")

    assert StackRecord.read(tmp_path / "stack.json") == RECORD


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"supervisor_pid": 12, "broker',
        "[]",
        "3",
        '{"supervisor_pid": "12"}',
        '{"supervisor_pid": -1, "broker_url": "redis+socket:///x", "log_path": "", "flower_url": null}',
        '{"supervisor_pid": 12, "broker_url": 7, "log_path": "", "flower_url": null}',
        '{"supervisor_pid": 12, "broker_url": "http://evil", "log_path": "", "flower_url": null}',
        "\udcff",
    ],
)
def test_half_a_record_or_a_forged_one_is_no_stack(settings: Settings, text: str) -> None:
    lasting_record(settings).write_bytes(text.encode("utf-8", "surrogateescape"))

    assert LocalStack.find(settings) is None


def test_half_a_record_is_no_traceback(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HORATIO_HOME", str(settings.home))
    monkeypatch.delenv("HORATIO_BROKER_URL", raising=False)
    lasting_record(settings).write_text('{"supervisor_pid": 1')

    assert run(["down"]) == 0
    assert "no local stack is running" in capsys.readouterr().out


def test_records_of_stacks_that_are_gone_are_cleared(settings: Settings) -> None:
    RECORD.write(passing_records(settings) / "4000000.json")

    assert LocalStack.of_other_clients(settings) == []
    assert list(passing_records(settings).iterdir()) == []


def test_flower_takes_the_next_port_where_its_own_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert _free_port(Settings(flower_port=port)) > port
