"""Those who may be working on a job: the cluster's Redis, or the stacks that run on this machine."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from api_client.contract import Manifest
from api_client.contract.ids import JobId
from api_client.errors import BrokerUnavailableError, HoratioError
from api_client.job_files import JobFiles
from api_client.queue.broker import broker_errors
from api_client.queue.connections import Connections
from api_client.queue.job_state import outstanding_parts
from api_client.status import JobStatus, read_status, with_question


class JobWatchers:
    """Asked about many jobs: what is outstanding is read once."""

    def __init__(self, connections: Sequence[Connections], *, is_cluster: bool = False) -> None:
        self.connections = tuple(connections)
        self._is_cluster = is_cluster
        self._lock = Lock()
        self._answer: list[set[JobId]] | HoratioError | None = None

    def of(self, job_id: JobId) -> Sequence[Connections]:
        """Those whose queue holds work of the job; on a cluster, the cluster."""
        if self._is_cluster:
            return self.connections
        return [conn for conn, held in zip(self.connections, self._held(), strict=True) if job_id in held]

    def status(self, files: JobFiles, manifest: Manifest) -> JobStatus:
        """How far a job is, from the store alone where the broker does not answer.

        A job that has not ended and that no queue holds is interrupted.
        """
        try:
            status = self._status(files, manifest)
        except BrokerUnavailableError as error:
            status = replace(read_status(files, manifest, None), waiting_for=str(error))
        return with_question(status, manifest)

    def _status(self, files: JobFiles, manifest: Manifest) -> JobStatus:
        result = files.result()
        if result is not None or not self.connections:
            return _interrupted(read_status(files, manifest, None, result=result))
        is_held = any(files.job_id in held for held in self._held())
        asked = (self.of(files.job_id) or self.connections)[0]
        with broker_errors(asked.settings):
            state = asked.state(files.job_id)
            status = read_status(files, manifest, state, look_in_store=True)
            is_noted = bool(state.holdings().everywhere)  # a stage of the whole job is no outstanding part
        return status if status.working or is_held or is_noted else _interrupted(status)

    def _held(self) -> list[set[JobId]]:
        """For each, the jobs its queue holds work of. Asked once, an error included."""
        with self._lock:
            if self._answer is None:
                self._answer = self._ask()
        if isinstance(self._answer, HoratioError):
            raise self._answer
        return self._answer

    def _ask(self) -> "list[set[JobId]] | HoratioError":
        held = []
        try:
            for connections in self.connections:
                with broker_errors(connections.settings):
                    held.append(set(outstanding_parts(connections.redis)))
        except HoratioError as error:
            return error
        return held


def _interrupted(status: JobStatus) -> JobStatus:
    return status if status.has_ended else replace(status, state="interrupted")
