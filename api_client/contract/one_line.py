"""Text for people that anybody may have written: an exception's message, a note, a host's name."""

MOST_CHARACTERS = 1000


def one_line(text: str) -> str:
    """Return the text as one printable line of at most a thousand characters.

    Line breaks and blanks become one blank; what could move a terminal's cursor, turn the direction of
    writing round or is no character at all is escaped.
    """
    line = " ".join(text[: 4 * MOST_CHARACTERS].split())
    line = "".join(character if _is_plain(character) else _escaped(character) for character in line)
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}…"


def _is_plain(character: str) -> bool:
    return character.isprintable() or character == "\u200d"  # joins emoji


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
