"""The root of every error Horatio raises, and the one a vocabulary can cause.

The root lives here because this package is the rightmost in the import order
(`workers → tasks → api_client → vocabularies`); `api_client.errors` draws the whole tree.
"""

from typing import ClassVar


class HoratioError(Exception):
    """Root of the family. A message says what happened, with which value, and what to do about it."""

    retryable: ClassVar[bool] = False
    """True where the same call may succeed later without anybody changing anything."""


class VocabularyError(HoratioError):
    """A vocabulary is empty, unreadable, or names a list that does not exist. Permanent."""
