"""What became of every file of a watched folder, on disk: the same after a restart, and after a crash."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from api_client.contract.ids import JobId
from api_client.errors import SettingsError
from api_client.store.os_errors import os_errors_translated
from api_client.watched_folder.settled import Version

State = Literal["submitting", "submitted", "fetched", "done", "unusable"]
"""Submitting: a job may be in the store already, and is looked for there. Fetched: to be told and moved."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file, in one version."""

    size_bytes: int
    modified_ns: int
    state: State
    since: str
    """The time in UTC as ids of jobs begin with it, before the job was made."""
    question: str = ""
    """Digest of what is asked."""
    job_id: JobId | None = None

    def is_about(self, version: Version) -> bool:
        """Whether the file is still the one that was noted."""
        return (self.size_bytes, self.modified_ns) == (version.size_bytes, version.modified_ns)


class Record:
    """File name → entry. Written as a whole at every change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries = _read(path)

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Everything that is known."""
        return self._entries

    def note(self, name: str, entry: Entry) -> None:
        """Keep an entry. Atomic: whoever reads finds the record before or after."""
        self._entries[name] = entry
        partial = self._path.with_name(f"{self._path.name}.{os.getpid()}.part")
        text = json.dumps({name: asdict(entry) for name, entry in self._entries.items()}, indent=1)
        with os_errors_translated(self._path):
            with partial.open("w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._path)


@contextmanager
def record_of(folder: Path, home: Path) -> Iterator[Record]:
    """Open the record of a folder, which lies below `HORATIO_HOME`.

    Raises `SettingsError` where another program watches the folder: its files would be jobs twice.
    """
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    path = home / "watched" / f"{digest}.json"
    with os_errors_translated(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_suffix(".lock").open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(f"{folder} is being watched already, by another `watch-folder`") from None
        yield Record(path)


def _read(path: Path) -> dict[str, Entry]:
    try:
        known = json.loads(path.read_text(encoding="utf-8", errors="surrogateescape"))
        return {name: Entry(**fields) for name, fields in known.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"{path}, which says what was done in this folder, cannot be read ({error}): move it away, and "
            "everything in the folder is done again"
        ) from None
