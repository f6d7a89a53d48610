"""Objects in the store that are damaged, gone, or nobody's."""

from collections.abc import Callable

import pytest

from api_client.store import ObjectStore
from tests.chaos.arena import TROUBLED_FRAMES, Arena
from tests.chaos.case import Case
from tests.chaos.client_process import ClientProcess
from tests.chaos.results import Gap
from tests.chaos.stages import REACHED_SECONDS, STAGES, request

Damage = Callable[[ObjectStore, str], None]


def _of_bytes(change: Callable[[bytes], bytes]) -> Damage:
    return lambda store, key: store.put(key, change(store.get(key)))


DAMAGES: dict[str, Damage] = {
    "damaged": _of_bytes(lambda data: data[:40] + bytes(32) + data[72:]),
    "truncated": _of_bytes(lambda data: data[: len(data) // 2]),
    "emptied": _of_bytes(lambda _: b""),
    "deleted": lambda store, key: store.delete(key),
}
READ_LATER = {
    "detections.parquet": (
        "read to track", r"detect/000000/detections\.parquet", "detect/000001/detections.parquet"
    ),
    "rows": ("fetch to render", r"track/000001\.parquet", "track/000001.parquet"),
    "segment.mp4": ("read to assemble", r"render/000000/segment\.mp4", "render/000001/segment.mp4"),
}  # fmt: skip
"""Name → stage, the request before which it is damaged, and where it lies."""
FOREIGN = {
    "a folder of thumbnails": "jobs/{job}/detect/thumbs/done.json",
    "a chunk the manifest does not know": "jobs/{job}/detect/999999/done.json",
    "a name that is no job's": "jobs/2025_Backup/manifest.json",
    "a folder beside the jobs": "jobs/notes/read.me",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_chunk_that_was_uploaded_is_damaged(case: Case, damage: str) -> None:
    """Nobody else has it: its frames are a gap that is named, until it is back."""
    case.about(stage="fetch", fault=f"a chunk's input is {damage}", result="gap, then identical")
    store = case.arena.store
    with STAGES["begin"](case.arena) as held:
        client = case.submit()
        held.wait(REACHED_SECONDS)
        case.arena.job_of(client)
        (source_id,) = store.list_prefixes("sources/")
        key = f"sources/{source_id}/parts/000001"
        original = store.get(key)
        DAMAGES[damage](store, key)
        held.release()
    case.succeeds(client, gap=Gap(frames=TROUBLED_FRAMES, reason=".*part of the video"))

    store.put(key, original)

    case.succeeds(case.arena.client("resume", case.arena.job_of(client), "-o", case.output))


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", READ_LATER)
def test_what_a_worker_wrote_is_damaged_before_it_is_read(case: Case, name: str, damage: str) -> None:
    stage, before, key = READ_LATER[name]
    case.about(stage=stage, fault=f"{name} of a chunk is {damage}")
    with request("GET", before)(case.arena) as held:
        client = case.submit()
        held.wait(REACHED_SECONDS)
        DAMAGES[damage](case.arena.store, f"jobs/{case.arena.job_of(client)}/{key}")
        held.release()
    case.succeeds(client)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_marker_is_damaged_before_it_is_read(case: Case, damage: str) -> None:
    case.about(stage="announce", fault=f"done.json of a chunk is {damage}")
    with STAGES["announce"](case.arena) as held:
        client = case.submit()
        held.wait(REACHED_SECONDS)
        DAMAGES[damage](case.arena.store, f"jobs/{case.arena.job_of(client)}/detect/000001/done.json")
        held.release()
    case.succeeds(client)


@pytest.mark.parametrize("what", FOREIGN)
def test_objects_that_are_nobodys_are_left_alone(case: Case, what: str) -> None:
    case.about(stage="detect", fault=f"foreign object: {what}")
    with STAGES["detect"](case.arena) as held:
        client = case.submit()
        held.wait(REACHED_SECONDS)
        key = FOREIGN[what].format(job=case.arena.job_of(client))
        case.arena.store.put(key, b"{}")
        held.release()
    case.succeeds(client)
    assert case.arena.store.get(key) == b"{}"


def test_the_result_is_damaged_before_it_is_fetched(case: Case) -> None:
    case.about(stage="fetch by client", fault="detections.jsonl is damaged", result="exit 2, then identical")
    with STAGES["mark the result"](case.arena) as held:
        client = case.submit()
        held.wait(REACHED_SECONDS)
        _damage_result(case.arena, client)
        held.release()
    ended = case.ends(client, status=2)
    assert "detections.jsonl" in ended.last_line
    assert "damaged" in ended.last_line

    case.succeeds(case.arena.client("resume", case.arena.job_of(client), "-o", case.output))


def _damage_result(arena: Arena, client: ClientProcess) -> None:
    key = f"jobs/{arena.job_of(client)}/result/detections.jsonl"
    DAMAGES["damaged"](arena.store, key)
