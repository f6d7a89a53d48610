"""A condition's text as words, quoted words, signs and brackets, each with its place."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from api_client.errors import SettingsError

Kind = Literal["word", "quoted", "track", "zone", "sign", "(", ")", "and", "or", "not", "in", "end"]

_PATTERN = re.compile(
    r"""
    (?P<quoted>"[^"]*"|'[^']*')
  | (?P<zone>zone:(?:"[^"]*"|[^\s()<>=!]+))
  | (?P<track>track:\S*?(?=[\s()]|$))
  | (?P<sign>>=|<=|!=|==|=|<|>)
  | (?P<bracket>[()])
  | (?P<word>[^\s()<>=!"]+)
    """,
    re.VERBOSE,
)
_KEYWORDS: dict[str, Kind] = {"and": "and", "or": "or", "not": "not", "in": "in"}


class Token(NamedTuple):
    """One piece of a condition."""

    kind: Kind
    text: str
    """Without quotes and prefixes."""
    at: int
    """Index of its first character."""


class ConditionError(SettingsError):
    """A condition that does not parse, and the place at which it does not."""

    def __init__(self, reason: str, text: str, at: int) -> None:
        super().__init__(reason, text, at)
        self.reason, self.text, self.at = reason, text, at

    def __str__(self) -> str:
        return f"the condition cannot be read at character {self.at + 1}: {self.reason}"


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the pieces of a condition, the last of them an end. Raises `ConditionError`."""
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _PATTERN.match(text, at)
        if match is None:
            reason = "this quote is never closed" if text[at] in "\"'" else f"{text[at]!r} means nothing here"
            raise ConditionError(reason, text, at)
        yield _token(match, at)
        at = match.end()
    yield Token("end", "", len(text))


def _token(match: re.Match[str], at: int) -> Token:
    kind, text = match.lastgroup, match.group()
    if kind == "quoted":
        return Token("quoted", text[1:-1], at)
    if kind == "zone":
        return Token("zone", text.removeprefix("zone:").strip('"'), at)
    if kind == "track":
        return Token("track", text.removeprefix("track:"), at)
    if kind == "bracket":
        return Token("(" if text == "(" else ")", text, at)
    if kind == "sign":
        return Token("sign", text, at)
    return Token(_KEYWORDS.get(text.casefold(), "word"), text, at)
