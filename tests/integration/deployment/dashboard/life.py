"""Some minutes in the life of a cluster: jobs, a second worker for a while, a chunk that is given up."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from api_client import Client
from tests.clips import write_clip
from tests.integration.deployment.compose_processes import ComposedCluster, terminate
from tests.waiting import wait_until

_FOR_TESTS = {
    "HORATIO_ALLOW_PYTHON_DETECTORS": "1",  # for the one that kills its worker
    "HORATIO_DEVICE": "cpu",
    "HORATIO_CPU_THREADS": "1",
}


@dataclass(kw_only=True)
class Life:
    """What happens, and where to."""

    cluster: ComposedCluster
    video: Path
    say: Callable[[str], None]
    jobs: int
    quiet_seconds: float = 45
    """Of nothing, before and after."""

    def go_by(self) -> None:
        """Take some minutes."""
        with Client(self.cluster.client_settings(chunk_frames=12)) as client:
            self._do_nothing()
            self._do_jobs(client)
            self._give_a_chunk_up(client)
            self._do_nothing()

    def _do_nothing(self) -> None:
        until = time.monotonic() + self.quiet_seconds
        wait_until(lambda: time.monotonic() > until, 2 * self.quiet_seconds, description="time goes by")

    def _do_jobs(self, client: Client) -> None:
        """A second worker comes when a quarter is done, and leaves when it is over."""
        words = "person, bicycle, car, taxi"
        jobs = [client.submit(self.video, vocabulary=words, threshold=0.45) for _ in range(self.jobs)]
        chunks = sum(client.status(job).chunks_total for job in jobs)
        self.say(f"{self.jobs} jobs, {chunks} chunks, with the pocket detector")
        wait_until(
            lambda: sum(client.status(job).chunks_done for job in jobs) >= chunks / 4,
            600,
            description="a quarter of the chunks is done",
        )
        with detecting(self.cluster, "detect-2") as terminate_second:
            self.say("a second worker has come")
            states = {client.wait(job).state for job in jobs}
            terminate_second()
        self.say(f"{', '.join(states)}; the second worker has left")

    def _give_a_chunk_up(self, client: Client) -> None:
        clip = self.cluster.directory / "troubled.mp4"
        write_clip(clip, frames=60, gop=12, grey_frames=range(12, 24))
        deadly = "python:tests.troubled_detectors:load_deadly"
        ended = client.wait(client.submit(clip, vocabulary="red square", detector=deadly))
        self.say(f"a job with a chunk that kills its worker: {ended.state}")


@contextmanager
def detecting(cluster: ComposedCluster, name: str) -> Iterator[Callable[[], int]]:
    """Run one detecting worker under a name of its own; yields what tells it to stop and waits."""
    with ExitStack() as stack:
        process = stack.enter_context(cluster.running("detect", name=name, **_FOR_TESTS))
        yield lambda: terminate(process)
