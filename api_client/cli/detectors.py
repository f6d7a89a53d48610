"""`client detectors`: what can look, what each needs, and who has it."""

import json
from collections.abc import Iterator
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api_client.cli.say import say, tell
from api_client.detectors import KINDS, DetectorKind
from api_client.detectors_there import THIS_MACHINE, There, who_has_what
from api_client.hub_models import HUB_MODELS
from api_client.install_command import install_command
from api_client.settings import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one line a kind of detector.")
def detectors(*, as_json: bool) -> None:
    """List detectors: what each needs and who has it, its licence, and what it can do."""
    there = who_has_what(Settings.load())
    if as_json:
        for kind in KINDS:
            say(json.dumps(_as_json(kind, there)))
        return
    console = Console(highlight=False)
    console.print(_kinds_table(there))
    console.print()
    console.print(_models_table())
    for line in _what_to_do(there):
        tell(line)


def _as_json(kind: DetectorKind, there: There) -> dict[str, Any]:
    models = HUB_MODELS if kind.kind == "hf" else ()
    return {
        "names": kind.names,
        "summary": kind.summary,
        "extra": kind.extra,
        "packages": [*kind.packages, *kind.besides],
        "lacking": {who: lacking.get(kind.kind) for who, lacking in there.lacking.items()},
        "weights": kind.weights,
        "licence": kind.licence,
        "vocabulary": kind.vocabulary,
        "masks": kind.has_masks,
        "regions": kind.keeps_regions,
        "models": [{"name": it.name, "licence": it.licence, "vocabulary": it.vocabulary} for it in models],
    }


def _kinds_table(there: There) -> Table:
    table = _table("detector", "needs", "there", "words", "masks", "regions", "licence")
    for kind in KINDS:
        can = ("yes" if kind.has_masks else "no", kind.keeps_regions)
        needs = Text(f"[{kind.extra}]" if kind.packages else "")
        table.add_row("\n".join(kind.names), needs, _has(kind, there), kind.vocabulary, *can, kind.licence)
    return table


def _models_table() -> Table:
    table = _table("licence", "words", "well-known models for hf:")
    for model in HUB_MODELS:
        table.add_row(model.licence, model.vocabulary, model.name)
    return table


def _table(*titles: str) -> Table:
    """Names are there to be copied: nothing is broken or cut."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    for title in titles:
        table.add_column(title, no_wrap=True, overflow="ignore")
    return table


def _has(kind: DetectorKind, there: There) -> str:
    having = len(there.having(kind))
    if there.unknown:
        return "?"
    if THIS_MACHINE in there.lacking:
        return "yes" if having else "no"
    return f"{having} of {len(there.lacking)}"


def _what_to_do(there: There) -> Iterator[str]:
    """One line for each kind that is not everywhere."""
    if there.unknown:
        yield f"who has which is not known: {there.unknown}"
    for who, lacking in there.lacking.items():
        for kind in KINDS:
            if missing := lacking.get(kind.kind, ()):
                yield f"{kind.names[0]}: {who} lacks {', '.join(missing)}{_advice(kind, missing, who)}"


def _advice(kind: DetectorKind, missing: tuple[str, ...], who: str) -> str:
    if not set(missing) & set(kind.packages):
        return " (docs/detectors.md)" if set(missing) & set(kind.besides) else ""
    return f": `{install_command(kind.extra)}`" if who == THIS_MACHINE else f": install [{kind.extra}] there"
