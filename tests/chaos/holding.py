"""A point in somebody else's work at which that work waits until the test has done its worst."""

from pathlib import Path
from threading import Event
from typing import Protocol

from tests.waiting import wait_until


class Held(Protocol):
    """One process is stopped at a stage, or will be once it comes there."""

    def wait(self, timeout_seconds: float) -> int:
        """Return the id of the process that came there; raise `TimeoutError` where none does."""
        ...

    def release(self) -> None:
        """Let it go on."""
        ...

    def drop(self) -> None:
        """Let nothing come of what it was about to do: its request is not passed on."""
        ...


class HeldRequest:
    """A request in a proxy: what the proxy does is to `arrive`, and to go on as `arrive` says."""

    def __init__(self) -> None:
        self._arrived, self._go = Event(), Event()
        self._ports = (0, 0)
        self._dropped = False

    def arrive(self, *, client_port: int, proxy_port: int) -> bool:
        """Wait in the proxy's thread; return whether to pass the request on."""
        self._ports = (client_port, proxy_port)
        self._arrived.set()
        self._go.wait(120)
        return not self._dropped

    def wait(self, timeout_seconds: float) -> int:
        if not self._arrived.wait(timeout_seconds):
            raise TimeoutError(f"waited {timeout_seconds:g} s in vain for a request to arrive")
        return owner_of_connection(*self._ports)

    def release(self) -> None:
        self._go.set()

    def drop(self) -> None:
        self._dropped = True
        self._go.set()


class HeldAtGate:
    """A process at a `gate` of `tests.chaos.gates`."""

    def __init__(self, directory: Path, name: str) -> None:
        self._closed, self._held = directory / name, directory / f"{name}.held"
        self._held.unlink(missing_ok=True)
        self._closed.write_bytes(b"")

    def wait(self, timeout_seconds: float) -> int:
        wait_until(
            lambda: self._held.exists() and self._held.read_text(),
            timeout_seconds,
            description=f"a process to come to {self._closed.name}",
        )
        return int(self._held.read_text())

    def release(self) -> None:
        self._closed.unlink(missing_ok=True)
        self._held.unlink(missing_ok=True)

    def drop(self) -> None:
        self.release()


def owner_of_connection(local_port: int, remote_port: int) -> int:
    """Return the process that holds the near end of a connection within this machine."""
    inode = _inode_of_connection(local_port, remote_port)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(link.readlink()) == f"socket:[{inode}]" for link in (process / "fd").iterdir()):
                return int(process.name)
        except OSError:  # ended meanwhile, or somebody else's
            continue
    raise LookupError(f"no process holds the connection from port {local_port}")


def _inode_of_connection(local_port: int, remote_port: int) -> str:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        ports = [int(address.rpartition(":")[2], 16) for address in fields[1:3]]
        if ports == [local_port, remote_port]:
            return fields[9]
    raise LookupError(f"there is no connection from port {local_port} to {remote_port}")
