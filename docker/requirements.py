"""Print the dependencies of the package, and of the extras named: `python requirements.py worker`."""

import sys
import tomllib
from pathlib import Path


def requirements(pyproject: Path, extras: list[str]) -> list[str]:
    """Return requirement strings, as pip reads them."""
    project = tomllib.loads(pyproject.read_text())["project"]
    return [
        *project["dependencies"],
        *(requirement for extra in extras for requirement in project["optional-dependencies"][extra]),
    ]


if __name__ == "__main__":
    sys.stdout.write("\n".join(requirements(Path("pyproject.toml"), sys.argv[1:])) + "\n")
