"""Damage to bytes: the same for the same number, so that a fault found once can be had again."""

import json
import random
import re
from collections.abc import Callable

Damage = Callable[[bytes, random.Random], bytes]

_BOUNDARY = re.compile(
    rb"ftyp|moov|mdat|trak|mdia|minf|stbl|st[a-z]{2}|avcC|\x1a\x45\xdf\xa3|\x1f\x43\xb6\x75|\x16\x54\xae\x6b"
    rb"|RIFF|LIST|idx1|strh|strf|movi|00dc|\x47[\x40-\x5f]|\xff[\xc0-\xfe]|IHDR|IDAT|PLTE|VP8 |\x21[\xf9\xff]"
)
"""Where boxes, elements, chunks, packets and segments begin, in all formats at once."""
_ABSURD = (
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\x00\x00\x00",
    b"\x00\x00\x00\x00",
    b"\x00\x00\x00\x01",
)


def damaged(content: bytes, number: int) -> bytes:
    """One to three kinds of damage."""
    chance = random.Random(number)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        content = chance.choice(_KINDS)(content, chance) if content else content
    return content


def cut_at_boundary(content: bytes, chance: random.Random) -> bytes:
    """End where a part begins, or a few bytes beside it."""
    place = _boundary(content, chance) + chance.choice((-4, -1, 0, 0, 4, 8, 9))
    return content[: max(place, 0)]


def cut_anywhere(content: bytes, chance: random.Random) -> bytes:
    """End anywhere."""
    return content[: chance.randrange(len(content))]


def flip_bits(content: bytes, chance: random.Random) -> bytes:
    """Change a few bits, up to one byte in a hundred."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 2, 8, max(1, len(content) // 100)))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def absurd_size(content: bytes, chance: random.Random) -> bytes:
    """Overwrite what stands before or behind a boundary: sizes, counts, widths."""
    place = max(_boundary(content, chance) + chance.choice((-4, 4, 8, 12, 16, 20, 24)), 0)
    return content[:place] + chance.choice(_ABSURD) + content[place + 4 :]


def drop_part(content: bytes, chance: random.Random) -> bytes:
    """Leave out a part."""
    start, end = _span(content, chance)
    return content[:start] + content[end:]


def repeat_part(content: bytes, chance: random.Random) -> bytes:
    """Let a part stand twice."""
    start, end = _span(content, chance)
    return content[:end] + content[start:]


def blank_part(content: bytes, chance: random.Random) -> bytes:
    """Zeros in place of a part, as a disk leaves them."""
    start, end = _span(content, chance)
    return content[:start] + bytes(end - start) + content[end:]


_KINDS: tuple[Damage, ...] = (
    cut_at_boundary, cut_anywhere, flip_bits, absurd_size, absurd_size, drop_part, repeat_part, blank_part,
)  # fmt: skip

_VALUES: tuple[object, ...] = (
    None, True, -1, 0, 10**9, 10**30, 1e308, "", "../../evil", "/etc/passwd", "\x1b[2J\n", "x" * 5000,
    "\ud800", [], [[]], {}, {"a": 1}, [0, 0], [1, 0], [-1, 1], [[0, 0, 0]], [[0, 1, 10**12]],
    [[2**62, 2**62, 3]],
)  # fmt: skip


def damaged_document(document: object, number: int) -> bytes:
    """JSON in which one to three values are others, are missing, or have company; or damaged bytes."""
    chance = random.Random(number)
    content = json.dumps(document)
    if chance.random() < 0.25:
        return damaged(content.encode(), number)
    changed = json.loads(content)
    for _ in range(chance.choice((1, 1, 2, 3))):
        parent, key = chance.choice([*_places(changed)])
        action = chance.randrange(4)
        if action == 0:
            del parent[key]
        elif action == 1 and isinstance(parent, dict):
            parent[chance.choice(("extra", "", "__class__"))] = chance.choice(_VALUES)
        else:
            parent[key] = chance.choice(_VALUES)
        if not changed:
            break
    return json.dumps(changed).encode()


def _places(value: object) -> "list[tuple[dict | list, object]]":  # type: ignore[type-arg]
    """Every place in a document where something stands."""
    if isinstance(value, dict):
        pairs = [(key, part) for key, part in value.items()]
    elif isinstance(value, list):
        pairs = [*enumerate(value)]
    else:
        return []
    return [(value, key) for key, _ in pairs] + [place for _, part in pairs for place in _places(part)]


def _boundary(content: bytes, chance: random.Random) -> int:
    found = [match.start() for match in _BOUNDARY.finditer(content)]
    return chance.choice(found) if found else chance.randrange(len(content))


def _span(content: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.choice((_boundary(content, chance), chance.randrange(len(content))))
    return start, min(len(content), start + chance.choice((1, 4, 64, 188, 1000)))
