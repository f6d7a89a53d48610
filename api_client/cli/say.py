"""Everything the command line prints goes through here.

What a user named (files, words, error messages that repeat them) may hold escape sequences, line breaks or
characters that turn the direction of writing round: a terminal never gets those raw. Into a pipe or a file
names go as they are, so that a script finds the file.
"""

import os
import re
import shutil
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api_client.errors import HoratioError

if TYPE_CHECKING:
    from rich.text import Text

NAMES = ("client", "horatio")
"""Of this program: two, since the first is a name that others have too."""
_JOINERS = "\u200c\u200d"
"""Invisible, harmless, and part of ordinary words and emoji."""
_COMMAND = re.compile(r"`client (?=[a-z-])")


def printable(text: object) -> str:
    r"""Return the text with every character that could steer a terminal written out, e.g. `\x1b`, `\n`."""
    return "".join(_printable(character) for character in str(text))


def styled(text: object, style: str = "") -> "Text":
    """Return the text for rich: printable, and never read as markup."""
    from rich.text import Text  # deferred: `client --help` shows nothing by it

    return Text(printable(text), style=style)


def say(text: object) -> None:
    """Print a result, one line, to the standard output."""
    if sys.stdout.isatty():
        click.echo(printable(text))
    else:  # bytes, since a name need not be valid in any encoding
        click.echo(_bytes_of(str(text)))


def tell(text: object) -> None:
    """Print what is not a result, one line, to the standard error."""
    click.echo(as_called(printable(text)), err=True)


def tell_waiting(error: HoratioError) -> None:
    """Say that something does not answer and is tried again."""
    tell(f"waiting: {error}")


def with_notes(error: BaseException, text: str | None = None) -> str:
    """What an error says, or the text in its place, and what was noted of how things were left."""
    return "; ".join((str(error) if text is None else text, *getattr(error, "__notes__", ())))


def as_called(text: str) -> str:
    """Return a message whose `client …` commands are what works here: under the name it was called by."""
    return _COMMAND.sub(lambda _: f"`{program()} ", text)


def program() -> str:
    """How this program is called: `client`, `horatio`, or with its path where that is not on PATH."""
    called = Path(sys.argv[0])
    if called.name not in NAMES:  # inside another program, or as a module
        return NAMES[0]
    found = shutil.which(called.name)
    is_on_path = found is not None and called.exists() and Path(found).samefile(called)
    return called.name if is_on_path or not called.exists() else str(called)


def _bytes_of(text: str) -> bytes:
    try:
        return os.fsencode(text)
    except UnicodeEncodeError:  # half a character, which no file name holds
        return printable(text).encode()


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Cs", "Zl", "Zp", "Co") or (category == "Cf" and character not in _JOINERS):
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character
