"""Who uses footage, and who deletes it: neither may begin unseen by the other.

Whoever uses a source notes so in the store before looking at what is there; whoever deletes one notes so
before looking for users. Of two that meet at least one sees the other: the deleter gives way, and the user
waits until a deleter's note is gone. A note of a process that was killed is disregarded once it is old.
"""

import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api_client.contract import keys
from api_client.contract.source import SourceId
from api_client.errors import HoratioError, StoreUnavailableError
from api_client.store import ObjectStore
from api_client.store.protocol import ObjectInfo
from api_client.uninterrupted import uninterrupted
from api_client.waiting import NO_RETRIES, Retries

_USING = timedelta(days=1)
"""The longest an upload may take until its user's note counts as left behind."""
_DELETING = timedelta(hours=1)
"""The same for a deleter's note; deleters stop well before."""
_MOST_DELETING_SECONDS = _DELETING.total_seconds() / 2


@contextmanager
def used_source(store: ObjectStore, source_id: SourceId, retries: Retries = NO_RETRIES) -> Iterator[str]:
    """Keep footage from being deleted meanwhile, whether it is there already or not; yield the note's key.

    Raises `StoreUnavailableError` where somebody deletes it for longer than is waited.
    """
    note = keys.source_user(source_id, secrets.token_hex(8))
    try:
        retries.call(lambda: uninterrupted(lambda: store.put(note, b"")))
        retries.call(lambda: _check_nobody_deletes(store, source_id))
        yield note
    finally:
        with suppress(HoratioError):  # an old note harms nobody
            store.delete(note)


def _check_nobody_deletes(store: ObjectStore, source_id: SourceId) -> None:
    if _fresh(store, keys.source_deleters(source_id), _DELETING):
        raise StoreUnavailableError(
            f"somebody deletes this video from {store.url} right now: submit it again in a minute"
        )


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """Footage of which it is noted that somebody wants to delete it."""

    source_id: SourceId
    note: str
    noted_at: float
    """By the monotonic clock."""


@contextmanager
def deletion(store: ObjectStore, source_ids: Iterable[SourceId]) -> Iterator[list[Deletion]]:
    """Note for the time being that these sources are to be deleted: new users wait.

    Ask only now for users (`is_used`) and after that for jobs: a user is noted until its job is.
    """
    noted: list[Deletion] = []
    try:
        for source_id in source_ids:
            note = keys.source_deleter(source_id, secrets.token_hex(8))
            noted.append(Deletion(source_id=source_id, note=note, noted_at=time.monotonic()))
            store.put(note, b"")
        yield noted
    finally:
        for deletion in noted:
            with suppress(HoratioError):
                store.delete(deletion.note)


def is_used(store: ObjectStore, source_id: SourceId, *, besides: str | None = None) -> bool:
    """Whether somebody has noted that footage is in use.

    besides: the key of a note that does not count.
    """
    return bool(_fresh(store, keys.source_users(source_id), _USING) - {besides})


def delete_source(store: ObjectStore, deletion: Deletion) -> None:
    """Delete footage for good, its document first; notes of users and deleters stay until they are old.

    Stops where it has taken so long that its own note may be disregarded.
    """
    store.delete(keys.source(deletion.source_id))
    notes = keys.source_users(deletion.source_id), keys.source_deleters(deletion.source_id)
    for info in store.list(keys.source_prefix(deletion.source_id)):
        if time.monotonic() - deletion.noted_at > _MOST_DELETING_SECONDS:
            return
        if not (info.key.startswith(notes) and _age(info) < _USING):
            store.delete(info.key)


def _fresh(store: ObjectStore, prefix: str, most: timedelta) -> set[str]:
    return {info.key for info in store.list(prefix) if _age(info) < most}


def _age(info: ObjectInfo) -> timedelta:
    return datetime.now(UTC) - info.modified_at
