"""Print the dependencies of the package, and of the extras named: `python requirements.py detic`."""

import re
import sys
import tomllib
from pathlib import Path


def requirements(pyproject: Path, extras: list[str]) -> list[str]:
    """Return requirement strings, as pip reads them; extras made of our own extras are taken apart."""
    project = tomllib.loads(pyproject.read_text())["project"]
    found = list(project["dependencies"])
    for extra in extras:
        for requirement in project["optional-dependencies"][extra]:
            ours = re.fullmatch(rf"{project['name']}\[(.+)\]", requirement)
            found += requirements(pyproject, ours[1].split(",")) if ours else [requirement]
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    sys.stdout.write("\n".join(requirements(Path("pyproject.toml"), sys.argv[1:])) + "\n")
