"""The command that adds what this installation lacks."""

import json
import os
import shutil
import sys
from contextlib import suppress
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path
from urllib.parse import unquote, urlsplit

_DISTRIBUTION = "horatio-video"


def install_command(extra: str) -> str:
    """Return e.g. `pip install '/home/me/horatio[local]'`: into this Python, from where Horatio came."""
    return f"{_pip()} install '{_origin()}[{extra}]'"


def _pip() -> str:
    found = shutil.which("pip")
    ours = Path(sys.executable).parent
    if found and Path(found).parent == ours:
        return "pip"
    below_here = os.path.relpath(sys.executable)
    return f"{sys.executable if below_here.startswith('..') else below_here} -m pip"


def _origin() -> str:
    """The directory it was installed from, while that is there; else its name on an index."""
    with suppress(PackageNotFoundError, ValueError, KeyError):
        text = Distribution.from_name(_DISTRIBUTION).read_text("direct_url.json") or "{}"
        url = urlsplit(json.loads(text)["url"])
        directory = Path(unquote(url.path))
        if url.scheme == "file" and (directory / "pyproject.toml").is_file():
            return "." if directory == Path.cwd() else str(directory)
    return _DISTRIBUTION
