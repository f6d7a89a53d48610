from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fuzz.sandbox import Sandbox

Faults = Callable[[str, str, Iterable[tuple[int, bytes]]], list[str]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("fuzz") is not None:  # thousands of cases
            item.add_marker(pytest.mark.timeout(1800))


@pytest.fixture(scope="session")
def sandboxes() -> Iterator[dict[str, Sandbox]]:
    """One child for each target, kept while it lives."""
    with ExitStack() as stack:

        class Kept(dict[str, Sandbox]):
            def __missing__(self, target: str) -> Sandbox:
                self[target] = stack.enter_context(Sandbox(target))
                return self[target]

        yield Kept()


@pytest.fixture
def faults(sandboxes: dict[str, Sandbox], tmp_path: Path) -> Faults:
    """Have a target read every case; return what was wrong, with the number that makes it again."""

    def faults(target: str, suffix: str, cases: Iterable[tuple[int, bytes]]) -> list[str]:
        found = []
        for number, content in cases:
            path = tmp_path / f"case-{number}{suffix}"
            path.write_bytes(content)
            if fault := sandboxes[target].fault(path):
                found.append(f"{target}{suffix} {number}: {fault}")
            path.unlink(missing_ok=True)
        return found

    return faults
