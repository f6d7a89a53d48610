"""`python -m tests.integration.deployment.flower_page PICTURE`: Flower's tasks in the middle of a job.

Needs Chromium (`apt install chromium`). Compose's processes run on this machine meanwhile, and the browser
logs in with the name and password of `docker/env.example`.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from api_client import Client
from tests.clips import write_clip
from tests.integration.deployment.compose_processes import ComposedCluster, composed
from tests.unit.deployment.rendered import example_environment
from tests.waiting import wait_until

_SLOW = "python:tests.troubled_detectors:load_slow"
_SIZE = "1500,620"


def main() -> int:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=__doc__, prog="flower_page")
    parser.add_argument("picture", type=Path)
    picture = parser.parse_args().picture.resolve()
    with tempfile.TemporaryDirectory(prefix="flower-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        clip = write_clip(directory / "squares.mp4", frames=240, gop=12)
        with (
            composed(directory) as cluster,
            cluster.running(
                "detect", HORATIO_ALLOW_PYTHON_DETECTORS="1", HORATIO_DEVICE="cpu", HORATIO_CPU_THREADS="1"
            ),
            Client(cluster.client_settings(chunk_frames=12)) as client,
        ):
            job = client.submit(clip, vocabulary="red square", detector=_SLOW)
            wait_until(lambda: client.status(job).chunks_done >= 6, 120, description="some chunks are done")
            photograph(cluster, picture)
            client.wait(job)
    return 0


def photograph(cluster: ComposedCluster, picture: Path) -> None:
    """Open the page as an operator does, and keep what is seen."""
    browser = shutil.which("chromium")
    if browser is None:
        raise FileNotFoundError("there is no chromium: apt install chromium")
    login = example_environment()["FLOWER_BASIC_AUTH"]
    subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",  # it is often root who runs this, and the page is ours
            "--hide-scrollbars",
            f"--user-data-dir={cluster.directory}/browser",
            f"--window-size={_SIZE}",
            "--virtual-time-budget=8000",
            f"--screenshot={picture}",
            f"http://{login}@127.0.0.1:{cluster.ports['flower']}/tasks",
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )


if __name__ == "__main__":
    sys.exit(main())
