"""What a detector can say of how it looks for a vocabulary, for the record and for people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from vocabularies import Vocabulary
from workers.detectors.protocol import Detector


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Plain JSON values for the provenance, and lines for people."""

    facts: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """Told at the end of the job: words that cannot be found, and what comes nearest."""


@runtime_checkable
class TellsFacts(Protocol):
    """A detector that has something to say beside what every detector says."""

    def facts(self, vocabulary: Vocabulary) -> Facts:
        """The same for the same vocabulary, whoever asks."""
        ...


def facts_of(detector: Detector, vocabulary: Vocabulary) -> Facts:
    """What the detector says, or nothing."""
    return detector.facts(vocabulary) if isinstance(detector, TellsFacts) else Facts()
