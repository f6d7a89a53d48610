"""From a condition's text to the condition, by recursive descent.

condition = both { "or" both }
both      = one { "and" one }
one       = "not" one | "(" condition ")" | "track:" number | what [ sign number ]
what      = "zone:" name | words [ "in" zone ]
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from api_client.contract.zones import Zone
from api_client.moments.condition import All, Any, Condition, Count, Not, TrackThere
from api_client.moments.tokens import ConditionError, Kind, Token, tokens_of

_DEEPEST = 100
_SHOWN = 12


def parse(text: str, labels: Iterable[str], zones: Mapping[str, Zone]) -> Condition:
    """Read a condition over these words and zones; upper and lower case do not matter in words.

    Raises `ConditionError`, which knows the place, where it cannot be read or names what is not there.
    """
    parser = _Parser(text, {label.casefold(): label for label in labels}, zones)
    condition = parser.condition()
    parser.expect("end", "and, or, or the end")
    return condition


class _Parser:
    def __init__(self, text: str, labels: Mapping[str, str], zones: Mapping[str, Zone]) -> None:
        self._text, self._labels, self._zones = text, labels, zones
        self._tokens = list(tokens_of(text))
        self._next = 0
        self._depth = 0

    def condition(self) -> Condition:
        """One of several."""
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Any(inner=tuple(parts))

    def expect(self, kind: Kind, wanted: str) -> Token:
        """Return the next piece, which is of that kind."""
        token = self._take(kind)
        if token is None:
            raise self._wrong(f"{wanted} is expected here")
        return token

    def _both(self) -> Condition:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else All(inner=tuple(parts))

    def _one(self) -> Condition:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._wrong("this is nested too deeply")
        try:
            if self._take("not"):
                return Not(inner=self._one())
            if self._take("("):
                inner = self.condition()
                self.expect(")", "a closing bracket")
                return inner
            return self._track() or self._count()
        finally:
            self._depth -= 1

    def _track(self) -> Condition | None:
        token = self._take("track")
        if token is None:
            return None
        return TrackThere(tracker_id=self._number(token, "the number of an object, as in track:7"))

    def _count(self) -> Condition:
        label, zone = None, self._zone_alone()
        if zone is None:
            label = self._label()
            zone = self._named_zone() if self._take("in") else None
        sign = self._take("sign")
        if sign is None:
            return Count(label=label, zone=zone)
        number = self._number(self.expect("word", "a number"), "a whole number, as in person>=3")
        return Count(label=label, zone=zone, sign=sign.text, number=number)

    def _zone_alone(self) -> Zone | None:
        token = self._take("zone")
        return self._zone(token) if token else None

    def _named_zone(self) -> Zone:
        token = self._take("zone") or self._take("quoted") or self.expect("word", "the name of a zone")
        return self._zone(token)

    def _zone(self, token: Token) -> Zone:
        if token.text not in self._zones:
            known = ", there is " + ", ".join(self._zones) if self._zones else ""
            how = known or ": --zone door=10,20,300,400 makes one"
            hint = "" if token.kind == "zone" else '; a word that holds "in" is written in quotes'
            raise ConditionError(f"there is no zone {token.text!r}{how}{hint}", self._text, token.at)
        return self._zones[token.text]

    def _label(self) -> str:
        """Words one after the other are one: traffic light."""
        first = self._take("quoted") or self.expect("word", "a word, a bracket, track:7 or zone:door")
        words = [first.text]
        while first.kind == "word" and (more := self._take("word")):
            words.append(more.text)
        name = " ".join(words)
        if name.casefold() not in self._labels:
            raise ConditionError(self._unknown(name), self._text, first.at)
        return self._labels[name.casefold()]

    def _unknown(self, name: str) -> str:
        near = get_close_matches(name.casefold(), self._labels, n=1)
        if near:
            return f"{name!r} is none of the job's words: is {self._labels[near[0]]!r} meant?"
        shown = ", ".join(list(self._labels.values())[:_SHOWN])
        more = ", …" if len(self._labels) > _SHOWN else ""
        return f"{name!r} is none of the job's words: {shown}{more}"

    def _number(self, token: Token, wanted: str) -> int:
        if not (token.text.isascii() and token.text.isdigit() and len(token.text) < 16):
            raise ConditionError(f"{wanted} is expected here", self._text, token.at)
        return int(token.text)

    def _take(self, kind: Kind) -> Token | None:
        token = self._tokens[self._next]
        if token.kind != kind:
            return None
        self._next += kind != "end"
        return token

    def _wrong(self, reason: str) -> ConditionError:
        return ConditionError(reason, self._text, self._tokens[self._next].at)
