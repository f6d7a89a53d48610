"""`python -m workers.learning`: what `client learn` starts. See `api_client.learning` for what is said."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from api_client.errors import HoratioError, SettingsError
from api_client.learning import LearningRequest
from api_client.local.cores import usable_cores
from api_client.local.parent_death import die_with_parent
from api_client.settings import Settings
from api_client.store.atomic_file import flush_to_disk, partial_file
from api_client.store.os_errors import os_errors_translated
from vocabularies.learnt_file import learnt_bytes
from workers.detectors import Detector
from workers.detectors.registry import load_detector
from workers.device import choose_device
from workers.learning.confusion import EASILY_MISTAKEN, check_told_apart
from workers.learning.examples import Pictures, find_pictures, seen_in
from workers.learning.learn import Learnt, learn


@dataclass(kw_only=True)
class _Progress:
    of: int
    done: int = field(default=0)

    def __call__(self) -> None:
        self.done += 1
        _say({"done": self.done, "of": self.of})


def main() -> int:
    """Do what the standard input says; return the exit status."""
    die_with_parent()
    request = LearningRequest(**json.loads(sys.stdin.read()))
    try:
        _say({"learnt": _learn(request, Settings.load())})
    except HoratioError as error:
        _say({"error": str(error)})
        return 2
    return 0


def _learn(request: LearningRequest, settings: Settings) -> dict[str, Any]:
    pictures = {label: find_pictures(map(Path, places)) for label, places in request.examples.items()}
    others = find_pictures(map(Path, request.others))
    detector = _detector(request, settings)
    progress = _Progress(of=sum(map(len, pictures.values())) + len(others))
    seen = [seen_in(detector, label, paths, done=progress) for label, paths in pictures.items()]
    unwanted = [seen_in(detector, "what is not meant", others, done=progress)] if others else []
    learnt = learn(detector, seen, unwanted)
    if learnt.confusion is not None:
        check_told_apart(learnt.confusion)
    # by the name under which it is to be asked for, which a detector of one's own does not know
    entries = replace(learnt.entries, detector=request.detector)
    _write(Path(request.output), learnt_bytes(entries))
    return _told(request, learnt, [*seen, *unwanted])


def _detector(request: LearningRequest, settings: Settings) -> Detector:
    detector = load_detector(
        request.detector,
        device=choose_device(settings.device),
        weights=None if request.weights is None else Path(request.weights),
        cache=settings.weights_dir,
        threads=settings.cpu_threads or usable_cores(),
        allow_python=settings.allow_python_detectors,
    )
    if getattr(detector, "rescorer", None) is None:
        raise SettingsError(f"the detector {request.detector!r} cannot learn from pictures: use 'pocket'")
    return detector


def _told(request: LearningRequest, learnt: Learnt, seen: Sequence[Pictures]) -> dict[str, Any]:
    confusion = learnt.confusion
    return {
        "path": request.output,
        "labels": list(learnt.entries.labels),
        "examples": learnt.entries.examples_E[: len(learnt.entries.labels)].tolist(),
        "without": [str(path) for pictures in seen for path in pictures.without],
        "confusion": None if confusion is None else confusion.counts_EE.tolist(),
        "found": None if confusion is None else confusion.found_E.tolist(),
        "hard_to_tell_apart": [] if confusion is None else list(confusion.pairs(below=EASILY_MISTAKEN)),
    }


def _write(path: Path, data: bytes) -> None:
    with os_errors_translated(path), partial_file(path.parent) as file:
        file.write(data)
        flush_to_disk(file)
        Path(file.name).rename(path)


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
