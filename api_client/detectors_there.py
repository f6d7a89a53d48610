"""Who has which detector: this machine, whose Python runs the local workers, or the workers of a cluster."""

from collections.abc import Mapping
from dataclasses import dataclass

from api_client.contract.stages import Stage
from api_client.detectors import KINDS, PYTHON, DetectorKind
from api_client.errors import HoratioError
from api_client.queue.broker import broker_errors
from api_client.queue.connections import Connections
from api_client.queue.items import QUEUES
from api_client.settings import Settings

THIS_MACHINE = "this machine"
LEAVE = "HORATIO_ALLOW_PYTHON_DETECTORS=1"
"""What code of one's own needs, beside being there."""
_ANSWER_SECONDS = 2.0

Lacking = dict[str, tuple[str, ...]]
"""Kind of detector → what it needs and has not: packages, or a setting."""


@dataclass(frozen=True, kw_only=True)
class There:
    """What is known of those who would look."""

    lacking: Mapping[str, Lacking]
    """By worker, or of this machine alone."""
    unknown: str | None = None
    """Why nothing is known; None where something is."""

    def having(self, kind: DetectorKind) -> list[str]:
        """Those who lack nothing of it. One that does not know the kind, an older worker, has it not."""
        return [name for name, lacking in self.lacking.items() if lacking.get(kind.kind) == ()]


def lacking_here(settings: Settings) -> Lacking:
    """What each kind of detector needs that this Python has not. Imports none of it."""
    found = {kind.kind: kind.missing() for kind in KINDS}
    if not settings.allow_python_detectors:
        found[PYTHON] = (*found[PYTHON], LEAVE)
    return found


def who_has_what(settings: Settings) -> There:
    """Look at this machine, or ask the workers of a cluster; of one that does not answer nothing is known."""
    if settings.is_local:
        return There(lacking={THIS_MACHINE: lacking_here(settings)})
    try:
        with broker_errors(settings):
            answers = _ask_workers(settings)
    except HoratioError as error:
        return There(lacking={}, unknown=str(error))
    return There(lacking=answers, unknown=None if answers else "no worker that looks at frames answers")


def _ask_workers(settings: Settings) -> dict[str, Lacking]:
    inspect = Connections(settings).app.control.inspect
    taking = inspect(timeout=_ANSWER_SECONDS).active_queues() or {}
    detecting = [
        worker
        for worker, queues in taking.items()
        if QUEUES[Stage.DETECT] in {queue["name"] for queue in queues}
    ]
    if not detecting:
        return {}
    answers = inspect(destination=detecting, timeout=_ANSWER_SECONDS)._request("detectors") or {}
    return {worker: _read(answer) for worker, answer in sorted(answers.items())}


def _read(answer: object) -> Lacking:
    """An older worker answers with an error: it has what it has, and says nothing of it."""
    if not isinstance(answer, dict) or "error" in answer:
        return {}
    return {str(kind): tuple(map(str, packages)) for kind, packages in answer.items()}
