"""Words of other people's in a line of ours: nothing they say can be taken for something else."""

import json
import unicodedata

_PLAIN_SIGNS = " -_'/&"
_JOINERS = "\u200c\u200d"  # written inside words of several scripts; they show nothing of their own


def one_line(text: str, *, most: int) -> str:
    """Return the text without line breaks and invisible signs, cut to a number of characters."""
    visible = "".join(character if _is_visible(character) else " " for character in text)
    line = " ".join(visible.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def bare_or_quoted(label: str) -> str:
    """Return a label as it is where it is only words, else in quotes as JSON writes it.

    Words begin with a letter or digit and hold no brackets, commas, dots, quotes: what stands between
    labels in a line cannot be part of one that is not quoted.
    """
    if _is_words(label):
        return label
    quoted = json.dumps(label, ensure_ascii=False)
    return "".join(c if _is_visible(c) else _escaped(c) for c in quoted)


def _is_words(label: str) -> bool:
    return (
        label != ""
        and unicodedata.category(label[0])[0] in "LN"
        and label == " ".join(label.split())
        and all(_is_of_a_word(character) for character in label)
    )


def _is_of_a_word(character: str) -> bool:
    return character in _PLAIN_SIGNS or character in _JOINERS or unicodedata.category(character)[0] in "LMN"


def _is_visible(character: str) -> bool:
    """Whether it neither controls nor breaks a line, nor turns the direction of what follows."""
    category = unicodedata.category(character)
    return character in _JOINERS or (category[0] != "C" and category not in ("Zl", "Zp"))


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i] << 8 | units[i + 1]:04x}" for i in range(0, len(units), 2))
