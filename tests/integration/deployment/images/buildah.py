"""Debian's buildah, with all it stores in one folder, and the base image it has nowhere to pull from."""

import json
import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.integration.deployment.images import lent
from tests.unit.deployment.rendered import REPOSITORY

_DOCKERFILE = REPOSITORY / "docker/Dockerfile"
_PACKAGES = ("ca-certificates", "netbase", "tzdata", "python3", "python3-venv")
_PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"


class BuildFailedError(RuntimeError):
    """A command of buildah's, or debootstrap, did not work; the message has the end of what it said."""


@dataclass(frozen=True, kw_only=True)
class Buildah:
    """Without a daemon, by chroot. `STORAGE_DRIVER=vfs` where overlay does not work."""

    storage: Path

    def command(self, *words: str) -> list[str]:
        """Return what runs buildah with this storage."""
        where = {"root": self.storage / "root", "runroot": self.storage / "run"}
        driver = os.environ.get("STORAGE_DRIVER", "overlay")
        options = [f"--{name}={path}" for name, path in where.items()]
        return ["buildah", *options, f"--storage-driver={driver}", *words]

    def do(self, *words: str) -> str:
        """Run buildah to its end and return what it printed."""
        return self._run(self.command(*words))

    def make_base(self, image: str, release: str) -> None:
        """Debian's release with its own Python, by the name of the image that the Dockerfile begins with."""
        if image in self.do("images", "--format={{.Name}}:{{.Tag}}"):
            return
        container = self.do("from", "scratch")
        root = self.do("mount", container)
        include = f"--include={','.join(_PACKAGES)}"
        self._run(["debootstrap", "--variant=minbase", include, release, root, *lent.debian_mirror()])
        Path(root, "usr/local/bin/python").symlink_to("/usr/bin/python3")
        self.do("config", f"--env=PATH={_PATH}", "--env=LANG=C.UTF-8", "--cmd=python3", container)
        self.do("commit", "--rm", container, f"docker.io/library/{image}")

    def build(self, target: str, build_args: Sequence[str]) -> None:
        """`docker build --target`, as docs/operations.md has it."""
        options = [f"--build-arg={argument}" for argument in build_args]
        options += [
            "--format=docker",
            "--pull=never",
            "--no-cache",
            "--force-rm",
            f"--ignorefile={_DOCKERFILE}.dockerignore",
        ]
        options += [f"--target={target}", f"--tag=localhost/{target}", *lent.volumes(self.storage)]
        self.do("bud", *options, f"--file={_DOCKERFILE}", str(REPOSITORY))

    def config(self, target: str) -> dict[str, Any]:
        """What the image says of itself: User, Entrypoint, Cmd, Healthcheck…"""
        found: dict[str, Any] = json.loads(self.do("inspect", "--type=image", f"localhost/{target}"))
        return dict(found["Docker"]["config"])

    @property
    def environment(self) -> dict[str, str]:
        """With what buildah runs."""
        (self.storage / "tmp").mkdir(exist_ok=True)
        return {**os.environ, "BUILDAH_ISOLATION": "chroot", "TMPDIR": str(self.storage / "tmp")}

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment)
        if done.returncode:
            raise BuildFailedError(f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}")
        return done.stdout.strip()


def python_image(build_args: Sequence[str] = ()) -> tuple[str, str, str]:
    """`python:3.12.12-slim-trixie`, and of it `trixie` and `3.12`."""
    text = "\n".join([*(f"ARG {argument}" for argument in build_args), _DOCKERFILE.read_text()])
    found = re.search(r"^ARG PYTHON_IMAGE=(python:(\d+\.\d+)\S*-(\w+))$", text, re.MULTILINE)
    assert found is not None, "an image of another kind needs another base"
    return found[1], found[3], found[2]
