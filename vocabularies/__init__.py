"""Vocabularies: what to look for."""

from vocabularies.errors import HoratioError, VocabularyError
from vocabularies.parse import parse_vocabulary
from vocabularies.shipped import SHIPPED_NAMES, shipped_labels
from vocabularies.vocabulary import DEFAULT_PROMPTS, Vocabulary

__all__ = [
    "DEFAULT_PROMPTS",
    "SHIPPED_NAMES",
    "HoratioError",
    "Vocabulary",
    "VocabularyError",
    "parse_vocabulary",
    "shipped_labels",
]
