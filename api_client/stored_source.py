"""Footage in the store."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from api_client.contract import Source, keys
from api_client.contract.source import SourceId
from api_client.errors import HoratioError, IntegrityError, ObjectNotFoundError
from api_client.source_use import delete_source, deletion, is_used, used_source
from api_client.store.protocol import ObjectStore
from api_client.uninterrupted import uninterrupted
from api_client.waiting import NO_RETRIES, Retries


@contextmanager
def stored_once(
    store: ObjectStore,
    source_id: SourceId,
    upload: Callable[[], Source],
    *,
    name: str,
    on_stored_already: Callable[[int], None],
    retries: Retries = NO_RETRIES,
) -> Iterator[Source]:
    """Upload footage, unless it is there; yield what is stored, and keep it from being deleted meanwhile.

    Its document is written last. An upload that fails removes what it left, unless somebody else is at the
    same footage.

    upload: stores the parts that `whole_objects` does not know.
    name: of the file, for messages.
    on_stored_already: is told the number of frames of footage that is there.
    """
    with used_source(store, source_id, retries) as note:
        source = _whole_source(store, source_id, retries)
        if source is not None:
            on_stored_already(source.video.frame_count)
        else:
            with _removed_on_failure(store, source_id, note, name):
                source = upload()
                _commit(store, source, name, retries)
        yield source


def _commit(store: ObjectStore, source: Source, name: str, retries: Retries) -> None:
    document = source.to_bytes()
    retries.call(lambda: uninterrupted(lambda: store.put(keys.source(source.source_id), document)))
    retries.call(lambda: store.delete_prefix(keys.damaged_parts(source.source_id)))
    if retries.call(lambda: missing_parts(store, source)):
        raise IntegrityError(
            f"parts of {name} were deleted from {store.url} while it was uploaded: submit it again"
        )


def _whole_source(store: ObjectStore, source_id: SourceId, retries: Retries) -> Source | None:
    """The footage, where all of it is there."""
    try:
        source = retries.call(lambda: stored_source(store, source_id))
    except IntegrityError:  # cannot be read: written anew
        return None
    if source is None or retries.call(lambda: missing_parts(store, source)):
        return None
    return source


@contextmanager
def _removed_on_failure(store: ObjectStore, source_id: SourceId, note: str, name: str) -> Iterator[None]:
    try:
        yield
    except BaseException as error:  # Ctrl-C too
        try:
            kept = _remove(store, source_id, note, name)
        except HoratioError:
            kept = f"what was uploaded of {name} stays in a store that does not answer: `client gc` finds it"
        error.add_note(kept)
        raise


def _remove(store: ObjectStore, source_id: SourceId, note: str, name: str) -> str:
    """Delete what was uploaded, if nobody else needs it; return what became of it."""
    with deletion(store, [source_id]) as (noted,):
        if is_used(store, source_id, besides=note):
            return f"{name} is being stored by somebody else too: what was uploaded is left to them"
        if store.exists(keys.source(source_id)):
            return f"{name} stays in the store: submitting it again uploads only what is missing"
        delete_source(store, noted)
    return f"nothing of {name} is kept"


def stored_source(store: ObjectStore, source_id: SourceId) -> Source | None:
    """Return the document of footage, or None where it is not (wholly) there."""
    try:
        source = Source.from_bytes(store.get(keys.source(source_id)))
    except ObjectNotFoundError:
        return None
    if source.source_id != source_id:
        raise IntegrityError(f"what is stored as source {source_id} is another: submit the video again")
    return source


def missing_parts(store: ObjectStore, source: Source) -> set[str]:
    """Return the keys of objects that the footage needs and that are gone, or have another size."""
    expected = {keys.source_part(source.source_id, chunk.index): chunk.size_bytes for chunk in source.chunks}
    sound = source.side_streams
    if sound is not None:
        expected[keys.side_streams(source.source_id, sound.file_suffix)] = sound.size_bytes
    there = whole_objects(store, source.source_id)
    return {key for key, size_bytes in expected.items() if there.get(key) != size_bytes}


def whole_objects(store: ObjectStore, source_id: SourceId) -> dict[str, int]:
    """Return key → size in bytes of what is stored of footage, but for parts that are known to be damaged."""
    there = {info.key: info.size_bytes for info in store.list(keys.source_prefix(source_id))}
    marks = keys.damaged_parts(source_id)
    damaged = [key.removeprefix(marks) for key in there if key.startswith(marks)]
    for part in damaged:
        there.pop(keys.source_part(source_id, int(part)), None)
    return there
