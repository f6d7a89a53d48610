"""One look at a folder after the other: new files become jobs, and jobs that have ended results."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from api_client.already_done import question_digest
from api_client.client import Client
from api_client.contract import JobSpec
from api_client.contract.ids import JobId
from api_client.errors import HoratioError
from api_client.fetched import FetchedResult
from api_client.inputs import media_in
from api_client.media.source.source_video import SourceVideo
from api_client.picture_set import PictureSet
from api_client.question import fitting_job
from api_client.results_place import fitting_stem
from api_client.status import JobStatus
from api_client.store.os_errors import os_errors_translated
from api_client.watched_folder.record import Entry, Record
from api_client.watched_folder.settled import Settling, Version


@dataclass(frozen=True, kw_only=True)
class Watching:
    """What is watched, and what is done with what comes."""

    folder: Path
    job: JobSpec
    weights: Path | None = None
    output: Path | None = None
    """Below which each file's results get a directory; None for beside the file."""
    done: Path | None = None
    """Where a file goes once its job has results."""
    settle_seconds: float = 5.0
    """How long a file must not have changed."""
    most_jobs: int = 4
    """Under way at once; further files wait."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A job that has ended."""

    name: str
    """Of the file."""
    status: JobStatus
    fetched: FetchedResult | None
    """None where it has no results."""


@dataclass
class WatchedFolder:
    """Every file becomes a job once: `record` knows them all, whoever was ended in between."""

    client: Client
    watching: Watching
    record: Record
    on_submitted: Callable[[str, JobId], None]
    on_ended: Callable[[Ended], None]
    on_trouble: Callable[[str, HoratioError], None]
    """Told the file's name and what is wrong; where that may pass, it is tried again."""
    now: Callable[[], float] = time.monotonic
    _open: dict[str, Iterator[JobStatus]] = field(default_factory=dict)
    _waiting: int = 0

    def __post_init__(self) -> None:
        self._settling = Settling(settle_seconds=self.watching.settle_seconds, now=self.now)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way, and no file waits for its turn or to be complete."""
        return not self._open and not self._waiting

    def look(self) -> None:
        """Submit what is new and complete, and finish what has ended. Never waits for a job."""
        for name, entry in dict(self.record.entries).items():
            if entry.state in ("submitting", "submitted", "fetched") and name not in self._open:
                self._with_trouble_told(name, partial(self._take_up, name, entry))
        self._submit_new()
        for name in list(self._open):
            self._with_trouble_told(name, partial(self._follow, name))

    def _submit_new(self) -> None:
        known = self.record.entries
        paths = media_in(self.watching.folder)
        new = [path for path in paths if not _is_noted(known.get(path.name), Version.of(path))]
        settled = self._settling.settled(new)
        free = max(0, self.watching.most_jobs - len(self._open))
        for path, version in list(settled.items())[:free]:
            self._with_trouble_told(path.name, partial(self._submit, path, version))
        self._waiting = sum(not _is_noted(self.record.entries.get(p.name), Version.of(p)) for p in new)

    def _submit(self, path: Path, version: Version) -> None:
        entry = Entry(
            size_bytes=version.size_bytes,
            modified_ns=version.modified_ns,
            state="submitting",
            since=datetime.now(UTC).strftime("%Y%m%d-%H%M%S"),
        )
        try:
            footage = self.client.check(path)
        except HoratioError as error:
            if not error.retryable:
                self.record.note(path.name, replace(entry, state="unusable"))
            raise
        self._make_job(path.name, footage, entry)

    def _make_job(self, name: str, footage: SourceVideo | PictureSet, entry: Entry) -> None:
        """Noted before and after: a job made by a program that was ended in between is found again."""
        job = fitting_job(self.watching.job, footage)
        entry = replace(entry, question=question_digest(footage.source, job))
        self.record.note(name, entry)
        job_id = self.client.submit_job(footage, job, weights=self.watching.weights)
        self._begin(name, replace(entry, state="submitted", job_id=job_id))

    def _take_up(self, name: str, entry: Entry) -> None:
        """Go on with what another program, or an earlier look, has begun."""
        if entry.job_id is not None:
            self._open[name] = self.client.watch(entry.job_id, interval_seconds=0)
            return
        job_id = self.client.find_job(entry.question, since=entry.since)
        if job_id is not None:
            self._begin(name, replace(entry, state="submitted", job_id=job_id))
            return
        path = self.watching.folder / name
        version = Version.of(path)
        if version is not None and entry.is_about(version):
            self._make_job(name, self.client.check(path), entry)
        else:
            self.record.note(name, replace(entry, state="unusable"))

    def _begin(self, name: str, entry: Entry) -> None:
        assert entry.job_id is not None
        self.record.note(name, entry)
        self._open[name] = self.client.watch(entry.job_id, interval_seconds=0)
        self.on_submitted(name, entry.job_id)

    def _follow(self, name: str) -> None:
        status = next(self._open[name], None)
        if status is None or not status.has_ended:
            return
        entry = self.record.entries[name]
        fetched = None
        if status.has_result:
            fetched = self.client.fetch(status.job_id, self._directory(name), if_taken="number")
        self.record.note(name, replace(entry, state="fetched"))
        self.on_ended(Ended(name=name, status=status, fetched=fetched))
        if fetched is not None and self.watching.done is not None:
            _move(self.watching.folder / name, self.watching.done)
        self.record.note(name, replace(entry, state="done"))
        del self._open[name]

    def _directory(self, name: str) -> Path:
        folder = self.watching.folder
        if self.watching.output is not None:
            return self.watching.output / fitting_stem(name, self.watching.output)
        return folder / f"{fitting_stem(name, folder)}-horatio"

    def _with_trouble_told(self, name: str, deed: Callable[[], Any]) -> None:
        """Do it; what goes wrong for good ends this file, and nothing ends the others."""
        try:
            deed()
        except HoratioError as error:
            self.on_trouble(name, error)
            entry = self.record.entries.get(name)
            self._open.pop(name, None)
            if entry is not None and not error.retryable:
                self.record.note(name, replace(entry, state="unusable"))


def _is_noted(entry: Entry | None, version: Version | None) -> bool:
    return version is None or (entry is not None and entry.is_about(version))


def _move(path: Path, directory: Path) -> None:
    """Move a file into a directory, under a number where its name is taken. Gone already is moved already."""
    names = (path.name if n == 1 else f"{path.stem}-{n}{path.suffix}" for n in count(1))
    with os_errors_translated(directory), suppress(FileNotFoundError):
        directory.mkdir(parents=True, exist_ok=True)
        shutil.move(path, next(directory / name for name in names if not (directory / name).exists()))
