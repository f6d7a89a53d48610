"""A process in an image, as Compose runs ours: without rights, in a root that cannot be written to."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.integration.deployment.images.buildah import Buildah
from tests.servers.process import running

# /run is where buildah itself writes, as root
_READ_ONLY = """mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" &&
mount -t tmpfs -o mode=755 tmpfs "$0/run" && exec "$@"
"""

# Its processes see no others, and end with `unshare`, which ends with the tests, however those end.
_OUTSIDE = (
    *("setpriv", "--no-new-privs", "--pdeathsig=KILL"),
    *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
)


@dataclass(frozen=True, kw_only=True)
class Container:
    """A working container of buildah's, and what its processes are given."""

    buildah: Buildah
    name: str
    root: Path
    directory: Path
    """On this machine: its /tmp, and its log."""
    config: dict[str, Any]
    environment: Mapping[str, str]

    @classmethod
    @contextmanager
    def of(
        cls, buildah: Buildah, target: str, directory: Path, environment: Mapping[str, str] | None = None
    ) -> Iterator[Self]:
        """Make one of an image; it is gone afterwards."""
        name = buildah.do("from", "--pull=never", f"localhost/{target}")
        (directory / "tmp").mkdir(parents=True)
        (directory / "tmp").chmod(0o1777)
        try:
            yield cls(
                buildah=buildah,
                name=name,
                root=Path(buildah.do("mount", name)),
                directory=directory,
                config=buildah.config(target),
                environment=environment or {},
            )
        finally:
            buildah.do("rm", name)

    def command(self, *command: str, entrypoint: bool = True) -> list[str]:
        """Return what runs the command in it; without one, the image's own."""
        start = self.config["Entrypoint"] if entrypoint else []
        options = ["--cap-drop=ALL", "--env=TINI_SUBREAPER=1", f"--volume={self.directory / 'tmp'}:/tmp"]
        options += [f"--env={name}={value}" for name, value in self.environment.items()]
        inside = self.buildah.command(
            "run", *options, self.name, "--", *start, *(command or self.config["Cmd"])
        )
        return [*_OUTSIDE, "sh", "-c", _READ_ONLY, str(self.root), *inside]

    def run(self, *command: str, entrypoint: bool = True) -> "subprocess.CompletedProcess[str]":
        """`docker run`: run a command to its end."""
        return subprocess.run(
            self.command(*command, entrypoint=entrypoint),
            capture_output=True,
            text=True,
            env=self.buildah.environment,
        )

    def check_health(self) -> "subprocess.CompletedProcess[str]":
        """What an engine does every minute."""
        _, *command = self.config["Healthcheck"]["Test"]
        return self.run(*command, entrypoint=False)

    def running(
        self, *command: str, is_ready: Callable[[str], bool]
    ) -> "AbstractContextManager[subprocess.Popen[bytes]]":
        """Run it until the end of the block; it is ready when its log is."""
        log = self.directory / "log"
        return running(
            self.command(*command),
            log=log,
            is_ready=lambda: is_ready(log.read_text(errors="replace")),
            environment=self.buildah.environment,
            ready_timeout_seconds=180,
            stop_timeout_seconds=0,  # `unshare` does not hear SIGTERM; `terminate` has tini hear it
        )


def terminate(process: "subprocess.Popen[bytes]", *, timeout_seconds: float = 60) -> int:
    """SIGTERM to tini alone, as engines send it (buildah's would be SIGKILL); return the exit status."""
    os.kill(tini_of(process), signal.SIGTERM)
    return process.wait(timeout_seconds)


def tini_of(process: "subprocess.Popen[bytes]") -> int:
    """The number that the container's first process has outside of it."""
    pid = process.pid
    while Path(f"/proc/{pid}/comm").read_text() != "tini\n":
        children = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
        (pid,) = map(int, " ".join(children).split())
    return pid
