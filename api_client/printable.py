"""File names as they may be stored and shown: valid Unicode, nothing a terminal would obey."""

import os


def printable(text: str) -> str:
    """The text with everything replaced that is no printable character: bytes, newlines, escape sequences."""
    readable = os.fsencode(text).decode("utf-8", errors="replace")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in readable)


def shortened(stem: str, *, longest_bytes: int = 200) -> str:
    """As much of a file's stem as leaves room for what results add to it: a name has 255 bytes at most."""
    return stem.encode()[:longest_bytes].decode(errors="ignore")
