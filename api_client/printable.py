"""File names as they may be stored and shown: valid Unicode, nothing a terminal would obey."""

import os


def printable(text: str) -> str:
    """The text with everything replaced that is no printable character: bytes, newlines, escape sequences."""
    readable = os.fsencode(text).decode("utf-8", errors="replace")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in readable)
