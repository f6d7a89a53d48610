"""The label lists that come with Horatio."""

from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from vocabularies.errors import VocabularyError

SHIPPED_NAMES = ("coco", "lvis", "objects365", "openimages", "imagenet1k", "imagenet21k")
"""What `--vocabulary` takes by name; `lists/README.md` gives the source and licence of each."""

_SIMILARITY = 0.75
"""From here two names are taken for each other: one wrong letter in four ("coko")."""


def shipped_name(text: str) -> str | None:
    """Return the shipped name a person means, whatever its case, hyphens and underscores, or None."""
    name = _plain(text)
    return name if name in SHIPPED_NAMES else None


def nearest_shipped_name(text: str) -> str | None:
    """Return the shipped name that a text is nearly, or None."""
    return next(iter(get_close_matches(_plain(text), SHIPPED_NAMES, n=1, cutoff=_SIMILARITY)), None)


@cache
def shipped_labels(name: str) -> tuple[str, ...]:
    """Return the labels of a shipped list, in the dataset's own order; read on first use.

    Raises `VocabularyError` for any other name.
    """
    if name not in SHIPPED_NAMES:
        raise VocabularyError(f"there is no shipped list {name!r}: there are {', '.join(SHIPPED_NAMES)}")
    text = files("vocabularies").joinpath("lists", f"{name}.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())


def _plain(text: str) -> str:
    return text.casefold().replace("-", "").replace("_", "")
