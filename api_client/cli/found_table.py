"""What a job found, for people: a small table, and what was not found."""

from collections.abc import Iterator

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from api_client.cli.say import styled
from api_client.found import Found, FoundWord, MissedWord

_WORDS_SHOWN = 20
_MISSED_SHOWN = 5


def print_found(found: Found) -> None:
    """Print the table to the standard error."""
    Console(stderr=True, highlight=False).print(Group(*_parts(found)))


def counts(found: Found, *, at_most: int = 3) -> str:
    """Return e.g. "dog 120, person 3, and 4 more", the numbers being frames; "nothing" where nothing was."""
    shown = [f"{word.word} {word.frames}" for word in found.words[:at_most]]
    more = len(found.words) - len(shown)
    return ", ".join([*shown, *([f"and {more} more"] if more > 0 else [])]) or "nothing"


def clock(seconds: float) -> str:
    """Return minutes, seconds and tenths; hours where there are any."""
    tenths = round(seconds * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    rest = f"{minutes:02d}:{tenths // 10:02d}.{tenths % 10}"
    return f"{hours}:{rest}" if hours else rest


def _parts(found: Found) -> Iterator[RenderableType]:
    if found.words:
        of_pictures = found.words[0].best_in is not None
        yield (_table_of_pictures if of_pictures else _table)(found.words[:_WORDS_SHOWN])
    if (more := len(found.words) - _WORDS_SHOWN) > 0:
        yield Text(f"and {more} more words: see summary.json")
    if found.missed:
        yield _missed_line(found.missed)
    if (hint := found.threshold_hint) is not None:
        yield Text(f"a lower threshold shows more: try `-t {hint:g}`")


def _table(words: tuple[FoundWord, ...]) -> Table:
    with_objects = any(word.objects is not None for word in words)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("found", overflow="fold")
    for title in ("frames", *(("objects",) if with_objects else ()), "first seen", "last seen", "best"):
        table.add_column(title, justify="right")
    for word in words:
        numbers = [str(word.frames), *([str(word.objects or "")] if with_objects else [])]
        seen = [clock(word.first_seen_seconds or 0.0), clock(word.last_seen_seconds or 0.0)]
        table.add_row(styled(word.word), *numbers, *seen, f"{word.highest_confidence:.2f}")
    return table


def _table_of_pictures(words: tuple[FoundWord, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("found", overflow="fold")
    table.add_column("pictures", justify="right")
    table.add_column("best", justify="right")
    table.add_column("best in", overflow="fold")
    for word in words:
        numbers = (str(word.frames), f"{word.highest_confidence:.2f}")
        table.add_row(styled(word.word), *numbers, styled(word.best_in or ""))
    return table


def _missed_line(missed: tuple[MissedWord, ...]) -> Text:
    names = ", ".join(_missed(word) for word in missed[:_MISSED_SHOWN])
    more = len(missed) - _MISSED_SHOWN
    return styled(f"not found: {names}" + (f", and {more} more" if more > 0 else ""))


def _missed(word: MissedWord) -> str:
    if word.told_as is not None:
        return f"{word.word} (its boxes were told as {word.told_as})"
    return word.word if word.best_score is None else f"{word.word} (best {word.best_score:.2f})"
