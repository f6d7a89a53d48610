"""The form every label has, whoever wrote it."""

import unicodedata

from vocabularies.errors import VocabularyError


def clean_label(text: str) -> str:
    """Return the label in Unicode's composed form (NFC) with single blanks, or "" where nothing is left.

    Raises `VocabularyError` for characters that cannot be seen or drawn.
    """
    label = " ".join(unicodedata.normalize("NFC", text).split())
    odd = next((character for character in label if unicodedata.category(character) in ("Cc", "Cs")), None)
    if odd is not None:
        raise VocabularyError(f"the label {label!r} holds the control character {odd!r}: remove it")
    return label
