"""What a local stack leaves behind, so that other commands find it."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from api_client.settings import Settings


@dataclass(frozen=True, kw_only=True)
class StackRecord:
    """A running stack, as a file in `HORATIO_HOME`."""

    supervisor_pid: int
    broker_url: str
    log_path: str
    flower_url: str | None
    """None where this stack has no Flower."""
    started_at_unix_seconds: float = 0.0

    @classmethod
    def read(cls, path: Path) -> "StackRecord | None":
        """None where there is no record, or only half of one: whoever wrote it was killed."""
        try:
            record = cls(**json.loads(path.read_bytes()))
            return record if record._is_sound() else None
        except (OSError, ValueError, TypeError):
            return None

    def write(self, path: Path) -> None:
        """Write it: whoever reads sees all of it or nothing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}.part")
        partial.write_text(json.dumps(asdict(self)))
        partial.replace(path)

    def _is_sound(self) -> bool:
        """Whether the values can be what they are for: a process is ended by its number."""
        texts = (self.broker_url, self.log_path, self.flower_url or "")
        return (
            isinstance(self.supervisor_pid, int)
            and self.supervisor_pid > 1
            and all(isinstance(text, str) for text in texts)
            and self.broker_url.startswith("redis+socket://")
            and isinstance(self.started_at_unix_seconds, (int, float))
        )


def lasting_record(settings: Settings) -> Path:
    """Where `client up` notes its stack."""
    return settings.home / "stack.json"


def passing_records(settings: Settings) -> Path:
    """The directory in which clients note the stacks that end with them."""
    return settings.home / "stacks"
