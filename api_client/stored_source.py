"""Footage in the store."""

from api_client.contract import Source, keys
from api_client.contract.source import SourceId
from api_client.errors import IntegrityError, ObjectNotFoundError
from api_client.store.protocol import ObjectStore


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
