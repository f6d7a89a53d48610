"""`client learn`, from the client's side: a detector looks at example pictures in a process of its own.

The client has no detector. It starts `python -m workers.learning`, which this machine's install must be able
to run, says in JSON on its standard input what is to be learnt, and reads lines of JSON: how far it is, then
what came of it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from api_client.detectors import check_detector_name
from api_client.errors import SettingsError
from api_client.install_command import install_command
from api_client.settings import Settings

OnPicture = Callable[[int, int], None]
"""Called with (pictures looked at, pictures in all)."""


@dataclass(frozen=True, kw_only=True)
class LearningRequest:
    """What is to be learnt of which pictures. Plain values: it is sent as JSON."""

    examples: dict[str, list[str]]
    """Label → pictures, or folders of them."""
    others: list[str]
    """Pictures, or folders of them, of what must not be taken for any label."""
    detector: str
    weights: str | None
    output: str
    """Where the `.vocab` goes; nothing is written over."""


@dataclass(frozen=True, kw_only=True)
class LearningReport:
    """What was learnt, and how far it is to be believed."""

    path: Path
    labels: tuple[str, ...]
    examples: tuple[int, ...]
    """Of each label: pictures in which something was found."""
    without: tuple[str, ...]
    """Pictures that could not be read, or in which nothing was found."""
    confusion: tuple[tuple[int, ...], ...] | None
    """Rows: what held-out pictures show; columns: what was said. None where there are too few."""
    found: tuple[int, ...] | None
    """Of each label: held-out pictures in which it would be found, rather than nothing."""
    hard_to_tell_apart: tuple[tuple[str, str, float], ...]
    """Two labels, and the share of their held-out pictures that were told right."""

    @property
    def right(self) -> float | None:
        """Share of the held-out pictures of which the right label was said."""
        if self.confusion is None:
            return None
        said = sum(map(sum, self.confusion))
        return sum(row[label] for label, row in enumerate(self.confusion)) / max(1, said)

    def _repr_html_(self) -> str:
        """Shown by notebooks: the table of confusion."""
        from api_client.learning_table import confusion_html

        return confusion_html(self)


def learning_request(
    examples: Mapping[str, str | Path | Iterable[str | Path]],
    output: str | Path,
    *,
    others: Iterable[str | Path] = (),
    detector: str = "pocket",
    weights: str | Path | None = None,
) -> LearningRequest:
    """Check what is asked for. Raises `SettingsError`."""
    check_detector_name(detector)
    path = Path(output)
    if path.suffix != ".vocab":
        raise SettingsError(
            f"{str(path)!r} does not end in .vocab, by which it is known: -o {path.stem}.vocab"
        )
    if path.exists():
        raise SettingsError(f"{str(path)!r} is there already: name another, or delete it")
    if not path.absolute().parent.is_dir():
        raise SettingsError(f"there is no folder {str(path.parent)!r}: make it first")
    if not examples:
        raise SettingsError("there is nothing to learn: name a label and its pictures, e.g. bag=photos/bag")
    return LearningRequest(
        examples={label: _places(places) for label, places in examples.items()},
        others=_places(others),
        detector=detector,
        weights=None if weights is None else str(Path(weights).absolute()),
        output=str(path.absolute()),
    )


def learn(settings: Settings, request: LearningRequest, on_picture: OnPicture) -> LearningReport:
    """Have it learnt. Raises `SettingsError`, one line, where it cannot be."""
    if find_spec("workers") is None or find_spec("cv2") is None:
        raise SettingsError(
            f"learning from pictures needs a detector on this machine: `{install_command('local')}`"
        )
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "workers.learning"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **settings.to_environment()},
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(json.dumps(asdict(request)))
        process.stdin.close()
        last = _last_of(process.stdout, on_picture)
        words = process.stderr.read().strip().splitlines()
    return _report(last, words)


def _places(places: str | Path | Iterable[str | Path]) -> list[str]:
    listed: Sequence[str | Path] = [places] if isinstance(places, str | Path) else list(places)
    return [str(Path(place).absolute()) for place in listed]


def _last_of(lines: Iterable[str], on_picture: OnPicture) -> dict[str, Any]:
    last: dict[str, Any] = {}
    for line in lines:
        last = json.loads(line)
        if "done" in last:
            on_picture(int(last["done"]), int(last["of"]))
    return last


def _report(last: Mapping[str, Any], words: Sequence[str]) -> LearningReport:
    if "error" in last:
        raise SettingsError(str(last["error"]))
    if "learnt" not in last:
        raise SettingsError(f"learning ended unexpectedly: {words[-1] if words else 'nothing was said'}")
    learnt = last["learnt"]
    confusion, found = learnt["confusion"], learnt["found"]
    return LearningReport(
        path=Path(learnt["path"]),
        labels=tuple(learnt["labels"]),
        examples=tuple(learnt["examples"]),
        without=tuple(learnt["without"]),
        confusion=None if confusion is None else tuple(map(tuple, confusion)),
        found=None if found is None else tuple(found),
        hard_to_tell_apart=tuple((one, other, share) for one, other, share in learnt["hard_to_tell_apart"]),
    )
