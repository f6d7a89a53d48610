"""The sandbox notices what it is there to notice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.mutations import damaged, damaged_document
from tests.fuzz.sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("code", seconds=1, memory_bytes=4 << 30) as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("pass", ""),
        ("from api_client.errors import MediaError; raise MediaError('one line')", ""),
        ("from api_client.errors import MediaError; raise MediaError('two\\nlines')", "of 2 lines"),
        ("{}['a']", "KeyError"),
        ("raise SystemExit", "SystemExit"),
        ("bytearray(8 << 30)", "MemoryError"),
        ("import os; os.abort()", "ended with status -6"),
        ("while True: pass", "no answer within 1 s"),
        ("pass  # after a hang", ""),
    ],
)
def test_whatever_goes_wrong_is_told(sandbox: Sandbox, tmp_path: Path, code: str, told: str) -> None:
    path = tmp_path / "code.py"
    path.write_text(code)
    if "while" in code:
        path.with_name("warm.py").touch()
        sandbox.fault(path.with_name("warm.py"))

    fault = sandbox.fault(path)

    assert told in fault
    assert bool(told) == bool(fault)


def test_a_case_can_be_made_again_from_its_number() -> None:
    content = bytes(range(256)) * 9

    assert [damaged(content, number) for number in range(50)] == [damaged(content, n) for n in range(50)]
    assert len({damaged(content, number) for number in range(50)}) > 40
    assert len({damaged_document({"a": [1, {"b": 2}]}, number) for number in range(50)}) > 20
