"""A job's log, made in this process without a queue."""

from pathlib import Path
from typing import cast

from api_client.contract import Manifest
from api_client.job_files import JobFiles
from api_client.store import ObjectStore
from tasks.connections import WorkerConnections
from tasks.job import Job
from tasks.log.making import LogMaking, detect_markers


class StoreOnly:
    """As a worker's connections, as far as the store goes."""

    def __init__(self, store: ObjectStore, manifest: Manifest) -> None:
        self.retrying_store = store
        self._manifest = manifest

    def files(self, job_id: str) -> JobFiles:
        return JobFiles(self.retrying_store, job_id)

    def manifest(self, _job_id: str) -> Manifest:
        return self._manifest


def made_log(store: ObjectStore, manifest: Manifest, directory: Path) -> tuple[LogMaking, list[str]]:
    """Write the log into a directory; return its making, and the names of a person's files."""
    connections = cast("WorkerConnections", StoreOnly(store, manifest))
    job = Job(connections=connections, job_id=manifest.job_id)
    making = LogMaking(job, detect_markers(job), directory)
    return making, making.write(lambda: None)
