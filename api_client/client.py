"""The Python API: the same verbs as the command line.

from api_client import Client

with Client() as client:
    job_id = client.submit("street.mp4", vocabulary="taxi, cyclist, bollard")
    for status in client.watch(job_id):
        print(status.frames_done, "of", status.frames_total)
    print(client.fetch(job_id, "results").video_path)
"""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from api_client.broker import broker_errors
from api_client.connections import Connections, open_store_of
from api_client.contract import DetectorSpec, JobResult, JobSpec, Manifest, keys
from api_client.contract.digest import file_sha256
from api_client.contract.ids import JobId
from api_client.detectors import check_detector_name
from api_client.errors import BrokerUnavailableError, HoratioError, SettingsError
from api_client.export import checked_exports, export_log
from api_client.fetch import FetchedResult, fetch_result
from api_client.job_files import JobFiles
from api_client.local import LocalStack
from api_client.media.probe import probe
from api_client.settings import Settings
from api_client.status import JobStatus, read_status
from api_client.submission import OnUpload, UploadProgress, upload_job
from vocabularies import Vocabulary, parse_vocabulary

DEFAULT_DETECTOR = "pocket"
DEFAULT_VOCABULARY = "coco"
_RECONCILE_SECONDS = 30.0


def _ignore(_: UploadProgress) -> None:
    pass


class Client:
    """Submits jobs and follows them, on the cluster the settings name or on this machine.

    With no broker configured it uses the stack `client up` left running, or starts one that ends with
    this client. A context manager: leaving it ends what it started. Every method raises `HoratioError`s.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings.load()
        self._connections: Connections | None = None
        self._stack: LocalStack | None = None
        self._owns_stack = False
        self._store = open_store_of(self.settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        self.close()

    @property
    def owns_stack(self) -> bool:
        """Whether the local stack in use ends with this client."""
        return self._owns_stack

    def close(self) -> None:
        """End the stack this client started, if it started one."""
        if self._stack is not None and self._owns_stack:
            self._stack.stop()
        self._stack, self._connections = None, None

    def submit(
        self,
        source: str | Path,
        *,
        vocabulary: str | Vocabulary = DEFAULT_VOCABULARY,
        detector: str = DEFAULT_DETECTOR,
        weights: str | Path | None = None,
        threshold: float | None = None,
        every: int = 1,
        tracks: bool = True,
        exports: Iterable[str] = (),
        on_upload: OnUpload = _ignore,
    ) -> JobId:
        """Split and upload a video and enqueue its chunks; return the job's id.

        vocabulary: a shipped name, a file, "words, separated, by commas", or a `Vocabulary`.
        weights: a checkpoint for the detector; None for its own.
        threshold: lowest confidence kept, 0..1; None for the detector's default.
        every: detect on every n-th frame only.
        tracks: follow objects from frame to frame.
        exports: formats of the log besides Parquet, JSON Lines and text, e.g. ("coco", "mot").
        Raises `MediaError`, `VocabularyError`, `SettingsError` before anything is stored.
        """
        if isinstance(vocabulary, str):
            vocabulary = parse_vocabulary(vocabulary)
        _check_between(threshold, every)
        check_detector_name(detector)
        exports = tuple(exports)
        exports = checked_exports(exports, tracks=tracks) if exports else ()
        video = probe(Path(source))
        connections = self._connect()
        with broker_errors(connections.settings):
            connections.redis.ping()  # before anything is uploaded
        job = JobSpec(
            vocabulary=vocabulary,
            detector=DetectorSpec(name=detector, weights_digest=self._upload_weights(weights)),
            threshold=threshold,
            every=every,
            tracks=tracks,
            exports=exports,
            regions_per_frame=self.settings.regions_per_frame,
        )
        manifest = upload_job(self._store, self.settings, video, job, on_upload)
        self._dispatch(connections, manifest)
        return manifest.job_id

    def status(self, job_id: JobId) -> JobStatus:
        """How far a job is. Raises `JobNotFoundError`."""
        files = self._files(job_id)
        return self._read_status(files, files.manifest())

    def jobs(self) -> list[JobStatus]:
        """All jobs in the store, oldest first."""
        statuses = []
        for job_id in self._store.list_prefixes(keys.JOBS):
            try:
                statuses.append(self.status(job_id))
            except HoratioError:  # being uploaded, or another version's
                continue
        return statuses

    def watch(self, job_id: JobId, *, interval_seconds: float = 0.5) -> Iterator[JobStatus]:
        """Yield the job's status until it has ended; put it back on its way if anything was lost."""
        files = self._files(job_id)
        manifest = files.manifest()
        reconciled_at = float("-inf")
        while True:
            status = self._read_status(files, manifest)
            yield status
            if status.has_ended:
                return
            if time.monotonic() - reconciled_at > _RECONCILE_SECONDS:
                self._reconcile(files, manifest)
                reconciled_at = time.monotonic()
            self._check_stack()
            time.sleep(interval_seconds)

    def wait(self, job_id: JobId) -> JobStatus:
        """Watch until the job has ended; return its last status."""
        *_, last = self.watch(job_id)
        return last

    def fetch(self, job_id: JobId, directory: str | Path) -> FetchedResult:
        """Download the results into a directory, which is made if need be. Raises `JobFailedError`."""
        return fetch_result(self._files(job_id), Path(directory))

    def export(self, job_id: JobId, formats: Iterable[str], directory: str | Path) -> list[Path]:
        """Write a finished job's log in other formats, e.g. ("coco", "mot"); return the files.

        Needs neither the video nor a detector. Raises `SettingsError` for an unknown format.
        """
        return export_log(self._files(job_id), tuple(formats), Path(directory))

    def result(self, job_id: JobId) -> JobResult | None:
        """The job's end and provenance, or None while it has not ended."""
        return self._files(job_id).result()

    def cancel(self, job_id: JobId) -> None:
        """Stop a job at the workers' next batch. What is done is kept, and `resume` goes on from there."""
        files = self._files(job_id)
        files.manifest()
        files.cancel()
        connections = self._connect_if_running()
        if connections is not None:
            with broker_errors(connections.settings):
                connections.state(job_id).cancel()

    def resume(self, job_id: JobId) -> int:
        """Go on with a cancelled, interrupted or incomplete job; return how many chunks are left."""
        files = self._files(job_id)
        manifest = files.manifest()
        result = files.result()
        if result is not None and result.state == "failed":
            files.store.delete(keys.job_done(job_id))
        files.forget_failures()
        files.uncancel()
        connections = self._connect()
        with broker_errors(connections.settings):
            connections.state(job_id).delete()
            return connections.reconciler.reconcile(files, manifest, trust_queue=False).chunks_missing

    def _dispatch(self, connections: Connections, manifest: Manifest) -> None:
        try:
            with broker_errors(connections.settings):
                connections.dispatcher.detect(manifest.job_id, range(len(manifest.chunks)))
        except BrokerUnavailableError as error:
            raise BrokerUnavailableError(
                f"{error}; the video is stored: `client resume {manifest.job_id}` goes on once it answers"
            ) from None

    def _files(self, job_id: JobId) -> JobFiles:
        return JobFiles(self._store, job_id)

    def _connect(self) -> Connections:
        """Return the connections, after starting a local stack where none is configured or running."""
        if self._connections is None:
            if self.settings.is_local:
                self._stack = LocalStack.find(self.settings)
                self._owns_stack = self._stack is None
                self._stack = self._stack or LocalStack.start(self.settings)
            self._connections = Connections(self._stack.settings if self._stack else self.settings)
        return self._connections

    def _connect_if_running(self) -> Connections | None:
        """As `_connect`, but start nothing: None where there is only the store."""
        if self._connections is None and self.settings.is_local and LocalStack.find(self.settings) is None:
            return None
        return self._connect()

    def _read_status(self, files: JobFiles, manifest: Manifest) -> JobStatus:
        connections = self._connect_if_running()
        if connections is None:
            return read_status(files, manifest, None)
        with broker_errors(connections.settings):
            return read_status(files, manifest, connections.state(files.job_id))

    def _reconcile(self, files: JobFiles, manifest: Manifest) -> None:
        connections = self._connect()
        with broker_errors(connections.settings):
            connections.reconciler.reconcile(files, manifest)

    def _check_stack(self) -> None:
        if self._stack is not None and self._owns_stack:
            self._stack.check()

    def _upload_weights(self, weights: str | Path | None) -> str | None:
        """Store weights under their digest, once; return the digest."""
        if weights is None:
            return None
        path = Path(weights)
        if not path.is_file():
            raise SettingsError(f"there is no weights file {str(path)!r}: check the path")
        digest = file_sha256(path)
        if not self._store.exists(keys.weights(digest)):
            self._store.put_file(keys.weights(digest), path)
        return digest


def _check_between(threshold: float | None, every: int) -> None:
    if threshold is not None and not 0 <= threshold <= 1:
        raise SettingsError(f"the threshold is {threshold}: it must be between 0 and 1")
    if every < 1:
        raise SettingsError(f"every is {every}: it must be 1 (every frame) or more")
