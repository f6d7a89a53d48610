"""What watching a job asks of the store, again and again."""

from collections.abc import Iterator
from typing import Any

import pytest

from api_client.contract import Manifest, Stage, keys
from api_client.job_files import JobFiles
from api_client.queue.connections import Connections
from api_client.queue.items import Item
from api_client.settings import Settings
from api_client.status import read_status
from tests.manifests import manifest, store_manifest

JOB = manifest()
PER_POLL = [("get", keys.job_done(JOB.job_id)), ("exists", keys.cancelled(JOB.job_id))]


class CountingStore:
    """A store that notes what it is asked."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.asked: list[tuple[str, str]] = []

    def __getattr__(self, name: str) -> Any:
        def ask(key: str, *rest: Any) -> Any:
            self.asked.append((name, key))
            return getattr(self._store, name)(key, *rest)

        return ask


@pytest.fixture
def connections(cluster: Settings) -> Iterator[Connections]:
    connections = Connections(cluster)
    store_manifest(connections.store, JOB)
    yield connections
    connections.state(JOB.job_id).delete()


def poll(connections: Connections, job: Manifest = JOB) -> tuple[str, list[tuple[str, str]]]:
    store: Any = CountingStore(connections.store)
    status = read_status(JobFiles(store, job.job_id), job, connections.state(job.job_id))
    return status.state, store.asked


def test_a_stage_no_part_of_which_is_finished_costs_no_request_more(connections: Connections) -> None:
    state = connections.state(JOB.job_id)
    state.add_to_backlog([Item(stage=Stage.DETECT, index=0)])
    assert poll(connections) == ("queued", PER_POLL)

    state.finish(Item(stage=Stage.DETECT, index=0))
    state.claim(Item(stage=Stage.TRACK), silence_seconds=60)
    assert poll(connections) == ("tracking", PER_POLL)

    state.settle([Item(stage=Stage.TRACK)])
    state.add_to_backlog([Item(stage=Stage.RENDER, index=0)])
    assert poll(connections) == ("rendering", PER_POLL)


def test_a_job_nobody_has_anything_of_is_looked_up_in_the_store(connections: Connections) -> None:
    found, asked = poll(connections)

    assert found == "queued"
    assert len(asked) > len(PER_POLL)
