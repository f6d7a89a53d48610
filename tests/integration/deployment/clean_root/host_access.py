"""How this machine reaches package registries, to be lent to a root file system while it is being made.

Whatever is set up here (a mirror, a proxy, a company's certificate) is read from pip and apt when it is
needed, so that nothing of it stands in this repository, and given as variables and bind mounts, so that
nothing of it stays in an image.
"""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

_OF_PIP = {
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "PIP_CONSTRAINT",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PIP_NO_INDEX",
    "PIP_PROXY",
    "PIP_RETRIES",
    "PIP_TIMEOUT",
    "PIP_TRUSTED_HOST",
}
_OF_ALL = {"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"} | {
    f"{name}_proxy" for name in ("http", "https", "all", "no")
}
_PATH = re.compile(r"(file://)?(/[^\s'\"]+)")


@dataclass(frozen=True, kw_only=True)
class HostAccess:
    """What a process in a root is lent."""

    environment: dict[str, str]
    paths: tuple[Path, ...]
    """Files and folders the environment names: certificates, folders of wheels."""
    apt_settings: str
    """Proxies and certificates, as apt.conf has them."""
    debian_mirror: str | None
    """Where this machine has its Debian packages from."""

    @classmethod
    def of_this_machine(cls) -> Self:
        """Ask pip and apt."""
        environment = _pip_settings() | {
            name: value
            for name, value in os.environ.items()
            if name in _OF_PIP or name in _OF_ALL or name.lower() in _OF_ALL
        }
        named = {path for value in environment.values() for path in _paths(value)}
        return cls(
            environment=environment,
            paths=tuple(sorted(path for path in named if path.exists())),
            apt_settings=_said("apt-config", "dump", "Acquire::http", "Acquire::https"),
            debian_mirror=_debian_mirror(),
        )

    def with_clone(self, url: str, clone: Path) -> Self:
        """Let git find in a folder of this machine what it would fetch from a URL."""
        settings = {f"url.{clone}.insteadOf": url, "safe.directory": "*"}
        variables = {"GIT_CONFIG_COUNT": str(len(settings))}
        for number, (name, value) in enumerate(settings.items()):
            variables |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
        return replace(self, environment=self.environment | variables, paths=(*self.paths, clone))


def _pip_settings() -> dict[str, str]:
    found = {}
    for line in _said(sys.executable, "-m", "pip", "config", "list").splitlines():
        key, _, value = line.partition("=")
        name = f"PIP_{key.rpartition('.')[2].upper().replace('-', '_')}"
        if name in _OF_PIP:
            found[name] = " ".join(str(ast.literal_eval(value)).split())
    return found


def _paths(value: str) -> Iterator[Path]:
    """The pages of an index link to files beside it, so of an index its parent is needed."""
    for scheme, text in _PATH.findall(value):
        yield Path(text).parent if scheme else Path(text)


def _debian_mirror() -> str | None:
    format_ = ("--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian")
    return next(iter(_said("apt-get", "indextargets", *format_).split()), None)


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
