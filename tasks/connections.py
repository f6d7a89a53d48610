"""The connections of a worker process: patient with Redis and the store."""

from functools import lru_cache

from api_client.connections import Connections
from api_client.contract import Manifest
from api_client.contract.ids import JobId
from api_client.job_files import JobFiles
from tasks.app import app, settings
from tasks.patience import PatientStore
from tasks.shutdown import raise_if_stopping


class WorkerConnections(Connections):
    """As a client's, but waiting for what is away, until told to stop."""

    @property
    def patient_store(self) -> PatientStore:
        """The store."""
        return PatientStore(
            self.store, seconds=self.settings.store_patience_seconds, interrupt=self.raise_if_stopping
        )

    def files(self, job_id: JobId) -> JobFiles:
        """One job's objects."""
        return JobFiles(self.patient_store, job_id)

    def raise_if_stopping(self) -> None:
        """Raise `WorkerStoppingError` once the shutdown grace is over."""
        raise_if_stopping(grace_seconds=self.settings.shutdown_grace_seconds)


@lru_cache(maxsize=1)
def connections() -> WorkerConnections:
    """Return this process's connections; the first call, in the child, makes them."""
    return WorkerConnections(settings(), app=app, redis_retries=30)


@lru_cache(maxsize=8)
def manifest_of(job_id: JobId) -> Manifest:
    """Return a job's manifest, read once per process: it never changes."""
    return connections().files(job_id).manifest()
