"""`client learn`: labels learnt from example pictures, for use wherever words are."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from api_client.cli.say import say, tell
from api_client.client import DEFAULT_DETECTOR
from api_client.errors import SettingsError
from api_client.learning import LearningReport, LearningRequest, learning_request
from api_client.learning import learn as learn_pictures
from api_client.learning_table import confusion_lines, warnings
from api_client.settings import Settings


@click.command()
@click.argument("examples", metavar="NAME=PICTURES...", nargs=-1, required=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="Where it goes: breeds.vocab."
)
@click.option(
    "--not",
    "others",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Pictures of what must not be taken for it: a folder, or files. Several times.",
)
@click.option("-d", "--detector", default=DEFAULT_DETECTOR, show_default=True, help="Which detector learns.")
@click.option("--weights", type=click.Path(path_type=Path), help="A checkpoint for the detector.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Print warnings and errors, nothing else.")
def learn(
    examples: tuple[str, ...],
    output: Path,
    others: tuple[Path, ...],
    detector: str,
    weights: Path | None,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Learn labels from example pictures, to be used as words are: `submit -v breeds.vocab`.

    PICTURES are a folder or files, separated by commas. A folder alone holds a folder for each label.
    """
    request = learning_request(
        named_examples(examples), output, others=others, detector=detector, weights=weights
    )
    report = learnt(request, quiet=quiet)
    for warning in warnings(report):
        tell(f"warning: {warning}")
    if as_json:
        say(json.dumps({**asdict(report), "path": str(report.path), "right": report.right}))
        return
    if not quiet:
        for line in confusion_lines(report):
            tell(line)
    say(report.path)


def learnt(request: LearningRequest, *, quiet: bool) -> LearningReport:
    """Have it learnt, and show how far it is."""
    console = Console(stderr=True, quiet=quiet)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("looking at pictures", total=None)
        return learn_pictures(
            Settings.load(), request, lambda done, of: progress.update(bar, completed=done, total=of)
        )


def learnt_from(pictures: str, directory: Path, *, detector: str, quiet: bool) -> str:
    """Learn one label of pictures, separated by commas, named after the first; return the `.vocab` file."""
    places = [Path(place.strip()) for place in pictures.split(",") if place.strip()]
    if not places:
        raise SettingsError("--like names no picture: write --like bag1.jpg,bag2.jpg")
    path = directory / "like.vocab"
    request = learning_request({places[0].stem: places}, path, detector=detector)
    for warning in warnings(learnt(request, quiet=quiet)):
        tell(f"warning: {warning}")
    return str(path)


def named_examples(texts: tuple[str, ...]) -> dict[str, list[Path]]:
    """Label → its pictures. Raises `SettingsError` where a text is neither NAME=PICTURES nor a folder."""
    found: dict[str, list[Path]] = {}
    for text in texts:
        name, equals, places = text.partition("=")
        if equals:
            found.setdefault(name.strip(), []).extend(Path(place.strip()) for place in places.split(","))
        else:
            for folder in _folders_in(Path(text)):
                found.setdefault(folder.name.replace("_", " "), []).append(folder)
    return found


def _folders_in(place: Path) -> list[Path]:
    folders = sorted(path for path in place.iterdir() if path.is_dir()) if place.is_dir() else []
    if not folders:
        raise SettingsError(
            f"{str(place)!r} says no label: write NAME={place}, or name a folder that holds a folder a label"
        )
    return folders
