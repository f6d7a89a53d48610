"""Which labels were taken for which, as a table for people."""

import html
from collections.abc import Iterator

from api_client.learning import LearningReport

_WIDEST = 14


def confusion_lines(report: LearningReport) -> Iterator[str]:
    """Yield the lines of the table: a row a label, how many of its held-out pictures were said to be what."""
    if report.confusion is None or report.found is None:
        yield "too few pictures to hold any out: nothing is known of how well this works"
        return
    names = [label if len(label) <= _WIDEST else f"{label[: _WIDEST - 1]}…" for label in report.labels]
    width = max(map(len, names))
    marks = [_mark(number) for number in range(len(names))]
    yield f"{'':>{width + 4}} {' '.join(f'{mark:>4}' for mark in marks)}  found"
    for name, mark, row, found in zip(names, marks, report.confusion, report.found, strict=True):
        counts = " ".join(f"{count or '.':>4}" for count in row)
        yield f"{name:>{width}} {mark:>3} {counts}  {100 * found / max(1, sum(row)):4.0f}%"
    yield f"right label of {100 * (report.right or 0):.0f} % of the held-out pictures"


def warnings(report: LearningReport) -> Iterator[str]:
    """Yield what the user should know before relying on what was learnt."""
    for one, other, share in report.hard_to_tell_apart:
        yield f"{one!r} and {other!r} are easily mistaken for each other: {share:.0%} were told right"
    if report.without:
        yield f"nothing was found in {len(report.without)} pictures, e.g. {report.without[0]!r}"


def confusion_html(report: LearningReport) -> str:
    """Return the table for a notebook."""
    lines = "\n".join((*confusion_lines(report), *warnings(report)))
    return f"<pre>{html.escape(lines)}</pre>"


def _mark(number: int) -> str:
    """Count in letters: a to z, then aa."""
    letters = ""
    while number >= 0:
        number, letter = divmod(number, 26)
        letters = chr(ord("a") + letter) + letters
        number -= 1
    return letters
