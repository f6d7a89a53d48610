"""From which confidence on something counts, word by word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api_client.contract.job import JobSpec

FLOOR_SHARE = 8 / 11
"""Workers log down to this share of a threshold, .40 where it is .55, so that objects can be followed through
moments in which they are faint, and a threshold be changed afterwards. Deeper made tracks worse."""


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """One for all words, and others for some."""

    default: float
    by_label: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of_job(cls, job: "JobSpec", *, default: float) -> "Thresholds":
        """What the job asks for. default: where it names none, its detector's."""
        return cls(
            default=default if job.threshold is None else job.threshold,
            by_label=dict(job.vocabulary.thresholds),
        )

    def of(self, label: str) -> float:
        """From here on the label counts."""
        return self.by_label.get(label, self.default)

    def each(self, labels: Sequence[str]) -> list[float]:
        """The threshold of each label."""
        return [self.of(label) for label in labels]

    @property
    def floors(self) -> "Thresholds":
        """What is logged."""
        return Thresholds(
            default=floor_of(self.default),
            by_label={label: floor_of(value) for label, value in self.by_label.items()},
        )


def floor_of(threshold: float) -> float:
    """The least confidence logged where the threshold is this."""
    return round(threshold * FLOOR_SHARE, 4)
