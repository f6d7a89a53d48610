"""Clients that store, need and delete the same footage at the same time: every order of their steps."""

from collections.abc import Callable
from typing import Any

import pytest

from api_client.contract import Source, keys
from api_client.errors import MediaError
from api_client.gc import GarbageCollector, UnusedSource
from api_client.stored_source import missing_parts, stored_once, stored_source, whole_objects
from api_client.submission import store_job
from tests.manifests import SOURCE_ID, chunk, manifest
from tests.support.interleaved import PATIENT, MemoryStore, State, final_states

JOB = manifest(chunks=(chunk(0, range(10)), chunk(1, range(10, 20), first_frame=10)))
PARTS = [keys.source_part(SOURCE_ID, index) for index in range(2)]
STORED = {keys.source(SOURCE_ID): JOB.footage.to_bytes()} | dict.fromkeys(PARTS, b"v")
UNUSED = UnusedSource(source_id=SOURCE_ID, object_count=3, size_bytes=3)


@pytest.fixture(autouse=True)
def _steady_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is run again names its notes as before; others name theirs otherwise."""
    monkeypatch.setattr("api_client.source_use.secrets.token_hex", lambda _: running[-1])


running: list[str] = []


def as_process(name: str, action: Callable[[Any], None]) -> Callable[[Any], None]:
    def run(store: Any) -> None:
        running.append(name)
        try:
            action(store)
        finally:
            running.pop()

    return run


def submit(store: Any, *, parts: int = 2) -> None:
    """As a client does; parts: how many it uploads before its file cannot be read any more."""

    def upload() -> Source:
        there = whole_objects(store, SOURCE_ID)
        for key in PARTS[:parts]:
            if key not in there:
                store.put(key, b"v")
        if parts < len(PARTS):
            raise MediaError("unreadable")
        return JOB.footage

    with stored_once(
        store, SOURCE_ID, upload, name="clip.mp4", on_stored_already=lambda _: None, retries=PATIENT
    ):
        store_job(store, JOB, PATIENT)


def collect(store: Any) -> None:
    GarbageCollector(store, None).delete_sources([UNUSED])


def delete_at_once(store: Any) -> None:
    """As `client gc` once did."""
    if not store.exists(keys.manifest(JOB.job_id)):
        store.delete(keys.source(SOURCE_ID))
        store.delete_prefix(keys.source_prefix(SOURCE_ID))


SUBMIT = as_process("submit", submit)
FAIL = as_process("fail", lambda store: submit(store, parts=1))
COLLECT = as_process("collect", collect)


def has_whole_job(state: State) -> bool:
    store: Any = MemoryStore(state.objects)
    source = stored_source(store, SOURCE_ID)
    return store.exists(keys.manifest(JOB.job_id)) and source is not None and not missing_parts(store, source)


def notes(state: State) -> list[str]:
    prefixes = keys.source_users(SOURCE_ID), keys.source_deleters(SOURCE_ID)
    return [key for key, _ in state.objects if key.startswith(prefixes)]


@pytest.mark.parametrize("there", [STORED, {}, {PARTS[0]: b"v"}], ids=["whole", "none", "half"])
def test_footage_that_a_new_job_needs_is_never_deleted(there: dict[str, bytes]) -> None:
    states = final_states(there, submit=SUBMIT, collect=COLLECT)

    assert states
    assert all(state.ends == {"submit": "done", "collect": "done"} for state in states)
    assert all(has_whole_job(state) and not notes(state) for state in states)


def test_neither_by_two_that_delete_at_once() -> None:
    states = final_states(STORED, submit=SUBMIT, collect=COLLECT, other=as_process("other", collect))

    assert all(has_whole_job(state) and not notes(state) for state in states)


def test_an_upload_that_fails_leaves_what_another_needs() -> None:
    states = final_states({}, submit=SUBMIT, fail=FAIL)

    assert {state.ends["fail"] for state in states} == {"unreadable", "done"}  # done: all was there already
    assert all(has_whole_job(state) and not notes(state) for state in states)


def test_an_upload_that_fails_alone_leaves_nothing() -> None:
    (state,) = final_states({}, fail=FAIL)

    assert state.objects == frozenset()


def test_one_that_is_killed_while_it_deletes_is_waited_for_and_harms_no_job() -> None:
    states = final_states(STORED, killable="collect", submit=SUBMIT, collect=COLLECT)

    assert {state.ends["collect"] for state in states} == {"done", "killed"}
    for state in states:
        assert has_whole_job(state) or (state.ends["submit"] == "" and notes(state))


def test_one_that_is_killed_while_it_submits_lets_others_finish() -> None:
    states = final_states({}, killable="submit", submit=SUBMIT, other=as_process("other", submit))

    assert all(state.ends["other"] == "done" and has_whole_job(state) for state in states)


def test_deleting_without_a_note_is_found_to_lose_footage() -> None:
    states = final_states(STORED, submit=SUBMIT, collect=as_process("collect", delete_at_once))

    assert not all(has_whole_job(state) for state in states)
