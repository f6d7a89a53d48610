"""A command in another root file system, with a process table and mounts of its own, as a container has."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_MEGABYTES_OF_SHM = 1024


@dataclass(frozen=True, kw_only=True)
class Bind:
    """A file or folder of this machine, seen in the root."""

    source: Path
    target: str
    read_only: bool = False


def command_inside(
    root: Path,
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    directory: str = "/",
    binds: Sequence[Bind] = (),
) -> list[str]:
    """Return a command that runs another in `root`, as root, with nothing but this environment."""
    start = ["chroot", str(root), "/usr/bin/env", "--ignore-environment", f"--chdir={directory}"]
    start += [f"{name}={value}" for name, value in environment.items()]
    return _unshared([*_system(root), *_bound(root, binds)], [*start, *command])


def command_locked_down(
    root: Path,
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    directory: str,
    user: str,
    binds: Sequence[Bind],
) -> list[str]:
    """As `read_only`, `cap_drop: [ALL]`, `no-new-privileges` and USER have it: only binds can be written."""
    where = shlex.quote(str(root))
    first = [f"mount --bind {where} {where}", f"mount -o remount,bind,ro {where}"]
    uid, gid = user.split(":")
    start = ["chroot", str(root), "/usr/bin/env", "--ignore-environment", f"--chdir={directory}"]
    start += [f"{name}={value}" for name, value in environment.items()]
    start += ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
    start += ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--"]
    return _unshared([*first, *_system(root), *_bound(root, binds)], [*start, *command])


def _unshared(mounts: Sequence[str], command: Sequence[str]) -> list[str]:
    """The command itself is process 1 in there, and all of it ends with `unshare`."""
    script = " && ".join([*mounts, f"exec {shlex.join(command)}"])
    return ["unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child", "sh", "-c", script]


def _system(root: Path) -> list[str]:
    where = shlex.quote(str(root))
    return [
        f"mount -t proc proc {where}/proc",
        f"mount --rbind /dev {where}/dev",
        f"mount -t tmpfs -o size={_MEGABYTES_OF_SHM}m tmpfs {where}/dev/shm",
    ]


def _bound(root: Path, binds: Sequence[Bind]) -> list[str]:
    commands = []
    for bind in binds:
        target = shlex.quote(f"{root}{bind.target}")
        commands.append(f"mount --bind {shlex.quote(str(bind.source))} {target}")
        if bind.read_only:
            commands.append(f"mount -o remount,bind,ro {target}")
    return commands
