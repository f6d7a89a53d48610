"""What an installation is told about itself."""

import json
from importlib.metadata import Distribution
from pathlib import Path
from types import SimpleNamespace

import pytest

from api_client.doctor import _workers
from api_client.install_command import install_command


def installed_from(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if pip had noted where the distribution came from."""
    found = SimpleNamespace(read_text=lambda _: json.dumps({"url": url}) if url else None)
    monkeypatch.setattr(Distribution, "from_name", lambda _: found)


def test_what_was_installed_from_a_directory_is_added_to_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").touch()
    installed_from(tmp_path.as_uri(), monkeypatch)

    assert install_command("local").endswith(f"pip install '{tmp_path}[local]'")
    monkeypatch.chdir(tmp_path)
    assert install_command("local").endswith("pip install '.[local]'")


@pytest.mark.parametrize("url", ["", "file:///gone", "https://index.example/horatio.whl"])
def test_what_came_from_elsewhere_is_added_to_by_name(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    installed_from(url, monkeypatch)

    assert install_command("local").endswith("pip install 'horatio-video[local]'")


class NobodyAnswers:
    """An application whose workers are not there yet."""

    def __init__(self) -> None:
        self.app = SimpleNamespace(control=SimpleNamespace(inspect=lambda **_: self))

    def active_queues(self) -> None:
        """As Celery has it: None, not an empty answer."""


@pytest.mark.parametrize(("is_starting", "told"), [(True, "starting"), (False, "start one with `celery")])
def test_workers_that_are_not_there_yet_are_starting_or_missing(is_starting: bool, told: str) -> None:
    findings = [*_workers(NobodyAnswers(), is_starting=is_starting)]  # type: ignore[arg-type]  # a stand-in

    assert len(findings) >= 2
    assert all(finding.ok is is_starting and told in finding.message for finding in findings)
