"""A process in an image, as Compose runs ours: without rights, in a root that cannot be written to."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.integration.deployment.clean_root.image import Image
from tests.integration.deployment.clean_root.namespace import Bind, command_locked_down
from tests.servers.process import running, stop


@dataclass(frozen=True, kw_only=True)
class Container:
    """An image whose root file system is mounted, and what it is run with."""

    image: Image
    root: Path
    directory: Path
    """On this machine: what it writes, and its log."""
    environment: Mapping[str, str] = field(default_factory=dict)
    binds: tuple[Bind, ...] = ()

    def command(self, *command: str, entrypoint: bool = True) -> list[str]:
        """Return what runs the command in it; without one, the image's own."""
        start = self.image.entrypoint if entrypoint else ()
        return command_locked_down(
            self.root,
            [*start, *(command or self.image.command)],
            environment={**self.image.environment, **self.environment},
            directory=self.image.directory,
            user=self.image.user,
            binds=[*self._writable(), *self.binds],
        )

    def run(self, *command: str, timeout_seconds: float = 300) -> "subprocess.CompletedProcess[str]":
        """`docker run`: run a command to its end."""
        return subprocess.run(
            self.command(*command), capture_output=True, text=True, timeout=timeout_seconds, check=False
        )

    def check_health(self) -> "subprocess.CompletedProcess[str]":
        """What the engine does every minute."""
        return subprocess.run(
            self.command(*self.image.health_check, entrypoint=False),
            capture_output=True,
            text=True,
            check=False,
        )

    @contextmanager
    def running(self, command: Sequence[str], *, is_ready: Callable[[], bool]) -> Iterator["Started"]:
        """Run it until the end of the block; `docker stop` at the end, where it has not ended before."""
        with running(
            self.command(*command), log=self.log, is_ready=is_ready, ready_timeout_seconds=180
        ) as process:
            started = Started(process=process)
            try:
                yield started
            finally:
                started.terminate()

    @property
    def log(self) -> Path:
        """What it said."""
        return self.directory / "log"

    def _writable(self) -> list[Bind]:
        uid, gid = map(int, self.image.user.split(":"))
        binds = []
        for target in ("/tmp", "/var/lib/horatio"):
            source = self.directory / Path(target).name
            source.mkdir(parents=True, exist_ok=True)
            os.chown(source, uid, gid)
            binds.append(Bind(source=source, target=target))
        return binds


@dataclass(frozen=True, kw_only=True)
class Started:
    """A container's processes."""

    process: "subprocess.Popen[bytes]"

    @property
    def init(self) -> int:
        """The number, on this machine, of what is process 1 in there."""
        pid = self.process.pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text())

    @property
    def init_name(self) -> str:
        """The program that is process 1."""
        return Path(f"/proc/{self.init}/comm").read_text().strip()

    def terminate(self, *, timeout_seconds: float = 60) -> int:
        """SIGTERM to process 1 alone, as engines send it; return the exit status."""
        if self.process.poll() is None:
            os.kill(self.init, signal.SIGTERM)
            try:
                return self.process.wait(timeout_seconds)
            except subprocess.TimeoutExpired:
                stop(self.process)
                raise
        return self.process.returncode
