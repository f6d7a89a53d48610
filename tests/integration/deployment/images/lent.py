"""How this machine reaches package registries, lent to the steps of a build.

A mirror, a proxy or a company's certificate is read from pip and apt when it is needed, and mounted, so that
nothing of it stands in this repository or in an image.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_PATH = re.compile(r"(file://)?(/[^\s'\"]+)")


def volumes(folder: Path) -> list[str]:
    """Return options of `buildah bud`; settings of pip and apt are written to `folder`."""
    pip = pip_settings(_said(sys.executable, "-m", "pip", "config", "list"))
    apt = _said("apt-config", "dump", "Acquire::http", "Acquire::https")
    (folder / "pip.conf").write_text(
        "\n".join(["[global]", *(f"{name} = {value}" for name, value in pip.items())])
    )
    (folder / "apt.conf").write_text(apt)
    mounts = {folder / "pip.conf": "/etc/pip.conf", folder / "apt.conf": "/etc/apt/apt.conf.d/99lent"}
    mounts |= {path: str(path) for text in (*pip.values(), apt) for path in named(text) if path.exists()}
    return [f"--volume={source}:{target}:ro" for source, target in mounts.items()]


def pip_settings(listed: str) -> dict[str, str]:
    """Read `pip config list`; what the environment says stands last in it there, or counts more."""
    found: dict[str, str] = {}
    for line in sorted(listed.splitlines(), key=lambda line: line.startswith(":env:")):
        key, _, value = line.partition("=")
        found[key.rpartition(".")[2]] = " ".join(str(ast.literal_eval(value)).split())
    return found


def named(text: str) -> Iterator[Path]:
    """Files and folders of a setting; of an index its parent, since its pages link to files beside it."""
    for scheme, path in _PATH.findall(text):
        yield Path(path).parent if scheme else Path(path)


def debian_mirror() -> list[str]:
    """Where this machine has its Debian packages from, if it says so."""
    format_ = ("--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian")
    return _said("apt-get", "indextargets", *format_).split()[:1]


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
