"""The items of work a job consists of, and where each kind goes."""

from dataclasses import dataclass
from typing import Self

from api_client.contract.stages import BY_PART, Stage

TASKS = {
    Stage.EMBED: "horatio.embed",
    Stage.ASK: "horatio.ask",
    Stage.DETECT: "horatio.detect",
    Stage.TRACK: "horatio.track",
    Stage.RENDER: "horatio.render",
    Stage.ASSEMBLE: "horatio.assemble",
}
"""Celery's name of the task that does a stage's items."""
QUEUES = {
    Stage.EMBED: "detect",
    Stage.ASK: "render",
    Stage.DETECT: "detect",
    Stage.TRACK: "control",
    Stage.RENDER: "render",
    Stage.ASSEMBLE: "control",
}
"""Separate queues, so that what is quick never waits behind ten thousand parts."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing to do: a stage of a part, or of the whole job. As text "detect/12", "track"."""

    stage: Stage
    index: int | None = None
    """Of the part; None where the stage is the whole job's."""

    def __str__(self) -> str:
        return self.stage if self.index is None else f"{self.stage}/{self.index}"

    @classmethod
    def of(cls, text: str) -> Self:
        """Read an item back; raise `ValueError` where the text is none."""
        stage, slash, index = text.partition("/")
        found = Stage(stage)
        if bool(slash) != found.is_by_part or (slash and not (index.isascii() and index.isdecimal())):
            raise ValueError(f"{text!r} is no item of work")
        return cls(stage=found, index=int(index) if slash else None)


SCALED = (Stage.EMBED, *BY_PART)
"""Stages whose workers are as many as there is work."""


def outstanding_list(stage: Stage) -> str:
    """The list of a stage's work that is not finished, which its autoscaler watches."""
    assert stage in SCALED
    return f"horatio:outstanding:{stage}"
