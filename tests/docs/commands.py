"""The commands that the documents tell people to type."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted([REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("*.md")])
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_OURS = re.compile(r"(client|horatio) [a-z]")


def blocks(page: Path, language: str = "") -> list[str]:
    """The code blocks of a page in this language; "" for those that are typed into a shell."""
    return [text for found, text in _BLOCK.findall(page.read_text(encoding="utf-8")) if found == language]


def commands(block: str) -> list[str]:
    """The lines of a block, continued ones joined, without prompts and comments."""
    lines = block.replace("\\\n", " ").splitlines()
    stripped = (re.sub(r"(^|\s)#.*", "", line).removeprefix("$ ").strip() for line in lines)
    return [line for line in stripped if line]


def client_commands(page: Path) -> list[str]:
    """Those that run this program."""
    typed = [command for block in blocks(page) for command in commands(block)]
    return [command for command in typed if _OURS.match(command)]
