"""The base image: Debian of its release, with that release's own Python.

`python:X.Y.Z-slim-RELEASE` is Debian's RELEASE with a Python built from source in /usr/local. Debian's own
Python stands in for it here, under the same names, whatever its version.
"""

import os
import re
import subprocess
from pathlib import Path

from tests.integration.deployment.clean_root.host_access import HostAccess
from tests.integration.deployment.clean_root.image import Image

_PACKAGES = ("ca-certificates", "netbase", "tzdata", "python3", "python3-venv")
_PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"


def debian_base(python_image: str, *, work: Path, access: HostAccess) -> Image:
    """Make the base with debootstrap, unless `work` has it."""
    release = release_of(python_image)
    base, lent = work / f"base-{release}", work / "base-lent"
    if not (base / "usr/local/bin/python").is_symlink():
        command = ["debootstrap", "--variant=minbase", f"--include={','.join(_PACKAGES)}", release, str(base)]
        with (work / "debootstrap.log").open("wb") as log:
            subprocess.run(
                [*command, *([access.debian_mirror] if access.debian_mirror else [])],
                check=True,
                stdout=log,
                stderr=log,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            )
        (base / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    _lend(base, lent, access)
    return Image(layers=(lent, base), environment={"PATH": _PATH, "LANG": "C.UTF-8"}, command=("python3",))


def release_of(python_image: str) -> str:
    """`trixie` of `python:3.12.12-slim-trixie`."""
    return python_image.rpartition("-")[2]


def python_of(python_image: str) -> str:
    """`3.12` of `python:3.12.12-slim-trixie`."""
    (version,) = re.findall(r":(\d+\.\d+)\.", python_image)
    return str(version)


def _lend(base: Path, lent: Path, access: HostAccess) -> None:
    """What a container's engine does from outside: names are resolved, and there are places to mount on."""
    (lent / "etc/apt/apt.conf.d").mkdir(parents=True, exist_ok=True)
    (lent / "etc/apt/apt.conf.d/99lent").write_text(access.apt_settings)
    (lent / "etc/resolv.conf").write_bytes(Path("/etc/resolv.conf").read_bytes())
    for path in access.paths:
        place = lent / path.relative_to("/")
        if path.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        elif not (base / path.relative_to("/")).exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
