"""What workers stored is found damaged: made again once, however many find it, and however late."""

from pathlib import Path

import pytest

from api_client.contract import Stage, TrackMarker
from api_client.contract.marker import ChunkMarker
from api_client.errors import IntegrityError
from api_client.queue.items import Item
from api_client.settings import Settings
from tasks.connections import WorkerConnections
from tasks.damage import DamagedOutputError, EmbeddingsAbsentError, LogAbsentError
from tasks.job import Job
from tests.manifests import chunk, manifest, store_manifest

LOG = Item(stage=Stage.TRACK)
FIRST, SECOND = (Item(stage=Stage.RENDER, index=index) for index in range(2))
MADE = TrackMarker(files=(), rows=(), detection_count=0, provenance={})
DAMAGED_LOG = DamagedOutputError("the rows are damaged", "job", LOG)


@pytest.fixture
def job(settings: Settings, tmp_path: Path) -> Job:
    """Two chunks that are looked at, and a log."""
    connections = WorkerConnections(settings)
    store_manifest(
        connections.store, manifest(chunks=(chunk(0, range(10)), chunk(1, range(10, 20), first_frame=10)))
    )
    job = Job(connections=connections, job_id="job")
    for index in range(2):
        job.files.write_part_marker(Stage.DETECT, index, ChunkMarker(outcome="done", worker="test"))
    job.files.write_tracked(MADE)
    return job


def test_two_that_find_the_same_log_damaged_have_it_made_again_once(job: Job) -> None:
    before = job.state.times_again()

    job.do_again(DAMAGED_LOG, while_at=FIRST, known=before)
    job.files.write_tracked(MADE)
    job.do_again(DAMAGED_LOG, while_at=SECOND, known=before)

    assert job.files.tracked() == MADE
    assert job.state.times_again() == {LOG: 1}


def test_two_that_say_so_at_once_are_one_time(job: Job) -> None:
    for _ in range(2):
        job.state.unfinish(LOG, times=1)

    assert job.state.times_again() == {LOG: 1}


def test_who_comes_while_the_log_is_made_again_waits_for_it(job: Job) -> None:
    job.do_again(DAMAGED_LOG, while_at=FIRST, known={})
    during = job.state.times_again()
    job.files.write_tracked(MADE)  # after the other looked for it, and before it says that there is none

    job.do_again(LogAbsentError("not there", "job", LOG), while_at=SECOND, known=during)

    assert job.files.tracked() == MADE


def test_who_asks_while_words_are_embedded_again_waits_for_that(job: Job) -> None:
    words = Item(stage=Stage.EMBED)
    damaged = DamagedOutputError("damaged", "job", words)
    job.do_again(damaged, while_at=FIRST, known={})

    absent = EmbeddingsAbsentError("gone", "job", words)
    job.do_again(absent, while_at=SECOND, known=job.state.times_again())

    assert job.state.times_again() == {words: 1}
    with pytest.raises(IntegrityError, match="damaged"):
        job.do_again(damaged, while_at=FIRST, known=job.state.times_again())


def test_a_log_that_is_damaged_again_is_given_up(job: Job) -> None:
    job.do_again(DAMAGED_LOG, while_at=FIRST, known=job.state.times_again())
    job.files.write_tracked(MADE)

    with pytest.raises(IntegrityError, match="rows are damaged"):
        job.do_again(DAMAGED_LOG, while_at=FIRST, known=job.state.times_again())


def test_a_part_that_two_find_damaged_is_done_again_and_not_given_up(job: Job) -> None:
    damage = DamagedOutputError("the segment is damaged", "job", FIRST)

    for _ in range(2):
        job.do_again(damage, while_at=Item(stage=Stage.ASSEMBLE), known={})

    assert job.files.part_marker(Stage.RENDER, 0) is None


def test_a_part_that_is_damaged_again_is_given_up(job: Job) -> None:
    damage = DamagedOutputError("the segment is damaged", "job", FIRST)

    for _ in range(2):
        job.do_again(damage, while_at=Item(stage=Stage.ASSEMBLE), known=job.state.times_again())

    marker = job.files.part_marker(Stage.RENDER, 0)
    assert marker is not None
    assert (marker.outcome, marker.reason) == ("failed", "the segment is damaged")
