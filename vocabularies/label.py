"""The form every label has, whoever wrote it."""

import unicodedata

from vocabularies.errors import VocabularyError

MOST_CHARACTERS = 1000
"""Of a label: no text encoder reads as many."""
_SHOWN_CHARACTERS = 60


def clean_label(text: str) -> str:
    """Return the label in Unicode's composed form (NFC) with single blanks, or "" where nothing is left.

    Raises `VocabularyError` for one that is too long, or holds what cannot be seen or drawn.
    """
    label = " ".join(unicodedata.normalize("NFC", text).split())
    check_drawable(label)
    return label


def check_drawable(label: str) -> None:
    """Raise `VocabularyError` for a label that is too long, or holds what cannot be seen or drawn."""
    if len(label) > MOST_CHARACTERS:
        raise VocabularyError(
            f"the label {label[:_SHOWN_CHARACTERS] + '…'!r} has {len(label)} characters: "
            f"{MOST_CHARACTERS} are the most"
        )
    odd = next((character for character in label if unicodedata.category(character) in ("Cc", "Cs")), None)
    if odd is not None:
        raise VocabularyError(f"the label {label!r} holds the control character {odd!r}: remove it")
