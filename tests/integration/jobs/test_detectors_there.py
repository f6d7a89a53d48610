"""What the workers of a cluster say of the detectors they have."""

from api_client import Settings
from api_client.detectors import KINDS
from api_client.detectors_there import lacking_here, who_has_what
from tests.servers.worker import running_worker


def test_workers_that_look_are_asked_and_others_are_not(settings: Settings) -> None:
    with (
        running_worker(settings, "looks", queues="detect"),
        running_worker(settings, "draws", queues="render"),
    ):
        there = who_has_what(settings)

    (worker,) = there.lacking
    assert worker.startswith("looks@")
    assert there.lacking[worker] == lacking_here(settings)
    assert there.having(KINDS[0]) == [worker]
