"""What docker/Dockerfile is built to: `make prove-images`."""

import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.deployment.images.buildah import Buildah, python_image
from tests.integration.deployment.images.conftest import TARGETS
from tests.integration.deployment.images.container import Container, tini_of
from tests.integration.deployment.images.job import WORKERS, Seen
from tests.servers.process import running
from tests.unit.deployment.rendered import REPOSITORY
from tests.waiting import wait_until

pytestmark = [pytest.mark.images, pytest.mark.timeout(3600)]

_USE_TORCH = """
import open_clip, torch, torchvision
print(len(torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)))
"""


@pytest.fixture(scope="module", params=TARGETS)
def container(
    request: pytest.FixtureRequest, images: Buildah, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Container]:
    with Container.of(images, request.param, tmp_path_factory.mktemp(request.param) / "it") as container:
        yield container


def test_it_runs_as_user_10001_without_any_capability(container: Container) -> None:
    shown = container.run("sh", "-c", "id -u; id -g; grep -E 'CapPrm|CapEff|NoNewPrivs' /proc/self/status")

    none = "0" * 16
    assert shown.stdout.split() == ["10001", "10001", "CapPrm:", none, "CapEff:", none, "NoNewPrivs:", "1"]


def test_only_tmp_and_volumes_can_be_written_to(container: Container) -> None:
    volumes = list(container.config.get("Volumes") or ())

    shown = container.run(
        "sh", "-c", 'for place in "$@"; do touch $place/here && echo $place; done', "sh",
        "/", "/etc", "/opt/horatio", "/srv/horatio", "/var/tmp", "/tmp", *volumes,
    )  # fmt: skip

    assert shown.stdout.split() == ["/tmp", *volumes]
    assert shown.stderr.count("Read-only file system") == 5, shown.stderr


def test_tini_is_what_starts_it(container: Container) -> None:
    assert container.run("sh", "-c", "cat /proc/$PPID/comm").stdout == "tini\n"


def test_it_ends_with_what_started_it_however_that_ends(container: Container) -> None:
    log = container.directory / "log"
    start = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    command = container.command("sh", "-c", "echo up; exec sleep 600")

    with running(
        [sys.executable, "-c", start, *command],
        log=log,
        is_ready=lambda: "up" in log.read_text(),
        environment=container.buildah.environment,
    ) as starter:
        inside = Path(f"/proc/{tini_of(starter)}")
        starter.kill()
        wait_until(lambda: not inside.exists(), 30, description="the container's end")


def test_workers_have_a_health_check_and_the_client_has_none(container: Container) -> None:
    assert ("Healthcheck" in container.config) == bool(container.config["Volumes"])


def test_nothing_of_this_machines_access_stays(container: Container) -> None:
    left = container.run("sh", "-c", "cat /etc/pip.conf /etc/apt/apt.conf.d/99lent 2>/dev/null")

    assert left.stdout == ""


def test_worker_cpu_has_torch_where_its_detectors_need_it(
    images: Buildah, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The default detector, which does the job below, never loads it."""
    arguments = dict(argument.split("=", 1) for argument in request.config.getoption("--build-arg"))
    has_torch = arguments.get("CPU_DETECTORS") != "pocket"

    with Container.of(images, "worker-cpu", tmp_path / "it") as container:
        used = container.run("python", "-c", _USE_TORCH)

    assert used.stdout == "1\n" * has_torch, used.stderr
    assert ("No module named" in used.stderr) == (not has_torch)


@pytest.mark.parametrize("command", ["help", "doctor", "submit", "verify"])
def test_the_clients_commands_succeed(job: Seen, command: str) -> None:
    done = job.client[command]

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_job_found_something(job: Seen) -> None:
    assert any("[" in line for line in job.log.splitlines())


@pytest.mark.parametrize("service", ["detect", "render"])
def test_the_health_check_is_content(job: Seen, service: str) -> None:
    assert job.health[service].returncode == 0, job.health[service].stderr


@pytest.mark.parametrize("service", WORKERS)
def test_sigterm_ends_a_worker_cleanly(job: Seen, service: str) -> None:
    assert job.statuses[service] == 0


@pytest.mark.parametrize("extra", ["monitor", "render", "detic"])
def test_every_requirement_has_a_wheel_for_the_images_own_python(extra: str, tmp_path: Path) -> None:
    """Debian's Python, in the base built here, is another version."""
    _, _, version = python_image()
    script = runpy.run_path(str(REPOSITORY / "docker/requirements.py"))
    command = ["pip", "install", "--dry-run", "--quiet", "--ignore-installed", "--only-binary=:all:"]

    asked = subprocess.run(
        [sys.executable, "-m", *command, f"--target={tmp_path}", f"--python-version={version}",
         *script["requirements"](REPOSITORY / "pyproject.toml", [extra])],
        capture_output=True, text=True,
    )  # fmt: skip

    assert asked.returncode == 0, asked.stderr
