"""Vocabularies: what to look for."""

from vocabularies.errors import HoratioError, VocabularyError
from vocabularies.vocabulary import DEFAULT_PROMPTS, Vocabulary

__all__ = ["DEFAULT_PROMPTS", "HoratioError", "Vocabulary", "VocabularyError"]
