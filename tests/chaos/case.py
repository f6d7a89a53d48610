"""One case: what is done to a job, and the proof that it ends as if nothing had been done."""

import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from api_client.cli.exit_status import COMPLETE, WITH_GAPS
from tests.chaos.arena import BOUND_SECONDS, DETECTOR, LEFTOVER_SECONDS, Arena
from tests.chaos.client_process import ClientProcess, Ended
from tests.chaos.results import Gap, differences, differences_outside


@dataclass(kw_only=True)
class Case:
    """Mutable: it is told what it is about, and notes how long the job took."""

    arena: Arena
    output: Path
    footage: Path | None = None
    """None for the clip."""
    undisturbed: Path | None = None
    """The results where nothing happens; None for those of the clip."""
    told: dict[str, object] = field(default_factory=dict)

    def about(self, *, stage: str, fault: str, result: str = "identical") -> None:
        """Say what the table is to say."""
        self.told.update(stage=stage, fault=fault, result=result)

    def submit(self, *options: object, detector: str = DETECTOR) -> ClientProcess:
        """Submit the footage and follow it to its results."""
        self.arena.wait_until_idle()
        return self.arena.submit(self.output, *options, detector=detector, footage=self.footage)

    def ends(
        self, client: ClientProcess, *, status: int = COMPLETE, bound_seconds: float = BOUND_SECONDS
    ) -> Ended:
        """Wait for the client's end; it says what it has to say in lines, and never in a traceback."""
        ended = client.wait(bound_seconds)
        self.told["seconds"] = round(ended.seconds, 1)
        assert "Traceback" not in ended.errors, ended.errors
        assert ended.status == status, (
            f"exit status {ended.status} in place of {status}: {ended.errors[-2000:]}"
        )
        return ended

    def succeeds(
        self,
        client: ClientProcess,
        *,
        gap: Gap | None = None,
        may_hold_messages: bool = False,
        bound_seconds: float | None = None,
    ) -> None:
        """The job ends with the results of the undisturbed one, a gap that is named excepted."""
        status = COMPLETE if gap is None else WITH_GAPS
        ended = self.ends(client, status=status, bound_seconds=bound_seconds or BOUND_SECONDS)
        if gap is None:
            found = differences(self._expected, self.output)
            assert found == [], f"{found}: {ended.errors[-2000:]}"
            assert "warning" not in ended.errors
        else:
            self._names(gap, ended.errors)
        self.leaves_nothing(may_hold_messages=may_hold_messages)

    def leaves_nothing(self, *, may_hold_messages: bool = False) -> None:
        """No key, message, file or process is left, after a while."""
        self.arena.crew.revive()
        deadline = time.monotonic() + LEFTOVER_SECONDS
        while left := self.arena.leftovers(output=self.output, may_hold_messages=may_hold_messages):
            assert time.monotonic() < deadline, left
            time.sleep(0.2)

    def _names(self, gap: Gap, errors: str) -> None:
        first, last = gap.frames[0], gap.frames[-1]
        warning = rf"^warning: frames {first} to {last} were not looked at: {gap.reason}"
        assert re.search(warning, errors, re.MULTILINE), errors
        assert differences_outside(gap, self._expected, self.output) == []

    @property
    def _expected(self) -> Path:
        return self.undisturbed or self.arena.undisturbed
