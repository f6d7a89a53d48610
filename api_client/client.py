"""The Python API: the same verbs as the command line.

from api_client import Client

with Client() as client:
    job_id = client.submit("street.mp4", vocabulary=["person", "dog", "car"])
    for status in client.watch(job_id):
        print(status.frames_done, "of", status.frames_total)
    print(client.fetch(job_id, "results").video_path)
"""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from api_client.again import UNCHANGED, Retracking, log_files, rendered_again, tracked_again
from api_client.asked_words import Words
from api_client.asking_client import AskingClient
from api_client.contract import JobResult, JobSpec, Manifest, Rendering, keys
from api_client.contract.ids import JobId
from api_client.contract.tiling import Tiling
from api_client.defaults import DEFAULT_DETECTOR, DEFAULT_VOCABULARY
from api_client.derived import Derived
from api_client.errors import HoratioError
from api_client.footage import OnUpload, UploadProgress
from api_client.job_files import JobFiles
from api_client.local import LocalStack
from api_client.media.source.source_video import SourceVideo
from api_client.mending import forget_damage
from api_client.notebook import notebook_progress
from api_client.picture_set import PictureSet, checked_footage
from api_client.question import BOXES, fitting_job, job_spec
from api_client.queue.broker import broker_errors
from api_client.queue.connections import Connections, open_store_of
from api_client.reach import Reach
from api_client.results_place import IfTaken, fitting_stem
from api_client.settings import Settings
from api_client.status import JobStatus, read_status, with_question, with_regions
from api_client.store.os_errors import os_errors_translated
from api_client.submission import store_derived_job, told_how_to_go_on, upload_job
from api_client.waiting import OnWait, Retries
from api_client.watching import watched
from api_client.zones.asked import Shapes

if TYPE_CHECKING:
    from api_client.fetched import FetchedResult
    from api_client.report import Looks

__all__ = ["DEFAULT_DETECTOR", "DEFAULT_VOCABULARY", "Client", "UnfinishedJobsWarning"]

_JOBS_AT_ONCE = 16
"""Jobs asked about at the same time, when all are listed."""


class UnfinishedJobsWarning(UserWarning):
    """A client that runs its own workers was left while they were at work."""


def _ignore(_: UploadProgress) -> None:
    pass


def _wait_silently(_: HoratioError) -> None:
    pass


class Client(Derived, AskingClient):
    """Submits jobs and follows them, on the cluster the settings name or on this machine.

    With no broker configured it uses the stack `client up` left running, or starts one that ends with
    this client. A context manager: leaving it ends what it started, and warns where that ends a job's
    work. A broker or store that stops answering is waited for; `on_wait` is told. Every method raises
    `HoratioError`s.

    stack: one that was begun already, to be used and ended as if this client had started it.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        on_wait: OnWait = _wait_silently,
        stack: LocalStack | None = None,
    ) -> None:
        self.settings = settings or Settings.load()
        self._reach = Reach(self.settings, begun=stack)
        self._store = open_store_of(self.settings)
        self._submitted: list[JobId] = []
        self._retries = Retries(seconds=self.settings.client_wait_seconds, on_wait=on_wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        if kind is None and self.owns_stack:
            self._warn_of_unfinished()
        self.close()

    @property
    def owns_stack(self) -> bool:
        """Whether the local stack in use ends with this client."""
        return self._reach.owns_stack

    def close(self) -> None:
        """End the stack this client started, if it started one, and what searches."""
        self._end_search()
        self._reach.close()

    def submit(
        self,
        source: str | Path | Sequence[str | Path],
        *,
        vocabulary: Words = DEFAULT_VOCABULARY,
        detector: str = DEFAULT_DETECTOR,
        weights: str | Path | None = None,
        threshold: float | None = None,
        every: int = 1,
        tiles: Tiling | None = None,
        stream: int | None = None,
        deinterlace: Literal["auto", "off"] = "auto",
        start: float | None = None,
        end: float | None = None,
        tracks: bool = True,
        exports: Iterable[str] = (),
        rendering: Rendering | None = BOXES,
        on_upload: OnUpload = _ignore,
    ) -> JobId:
        """Store a video, unless it is stored already, and ask something of it; return the job's id.

        source: a video, a picture, or a list of pictures, which are one job.
        vocabulary: ["a list", "of words"], a shipped name, a file, "words, separated, by commas", or a
        `Vocabulary`.
        weights: a checkpoint for the detector; None for its own.
        threshold: lowest confidence shown, 0..1; None for the detector's default.
        every: detect on every n-th frame only.
        tiles: parts of a frame to look at too, e.g. `tiling_of("2x2", None)`.
        stream: which of several video streams, by FFmpeg's number; None for the one a player would show.
        deinterlace: "auto" makes interlaced frames whole before anything is looked for.
        start, end: in seconds: only what is shown from `start` on and before `end` is taken.
        tracks: follow objects from frame to frame.
        exports: formats of the log besides Parquet, JSON Lines and text, e.g. ("coco", "mot").
        rendering: how the video is drawn; None for a log without a video.
        Raises `MediaError`, `VocabularyError`, `SettingsError` before anything is stored.
        """
        job = job_spec(
            self.settings,
            vocabulary=vocabulary,
            detector=detector,
            weights=weights,
            threshold=threshold,
            every=every,
            tiles=tiles,
            tracks=tracks,
            exports=exports,
            rendering=rendering,
        )
        footage = self.check(source, stream=stream, deinterlace=deinterlace, start=start, end=end)
        return self.submit_job(footage, job, weights=weights, on_upload=on_upload)

    def check(
        self,
        source: str | Path | Sequence[str | Path],
        *,
        stream: int | None = None,
        deinterlace: Literal["auto", "off"] = "auto",
        start: float | None = None,
        end: float | None = None,
    ) -> SourceVideo | PictureSet:
        """Read an input's headers, and store nothing. Raises `MediaError` where it cannot be a job's."""
        return checked_footage(source, stream=stream, deinterlace=deinterlace == "auto", start=start, end=end)

    def submit_job(
        self,
        footage: SourceVideo | PictureSet,
        job: JobSpec,
        *,
        weights: str | Path | None = None,
        on_upload: OnUpload = _ignore,
    ) -> JobId:
        """As `submit`, for an input and a job that have been checked."""
        job = fitting_job(job, footage)
        connections = self._reach.connect(detect_first=True)
        with broker_errors(connections.settings):
            connections.redis.ping()  # before anything is uploaded
        with os_errors_translated(footage.path):
            self._upload_weights(job, weights)
            manifest = upload_job(self._store, self.settings, footage, job, on_upload, self._retries)
        return self._begin(connections, manifest)

    def render(self, job_id: JobId, rendering: Rendering = BOXES) -> JobId:
        """Tell a finished job's log as another video, in a job of its own; return that job's id.

        Needs neither the input file nor a detector. Raises `SettingsError` for labels the job did not look
        for, or a threshold below what it logged.
        """
        return self._again(lambda files: rendered_again(files, rendering), of=job_id)

    def track(self, job_id: JobId, change: Retracking = UNCHANGED) -> JobId:
        """Make a finished job's log anew from what was detected, in a job of its own; return that job's id.

        Needs neither the input file nor a detector. Raises `SettingsError` for a threshold below what was
        logged.
        """
        return self._again(lambda files: tracked_again(files, change), of=job_id)

    def status(self, job_id: JobId) -> JobStatus:
        """How far a job is. Raises `JobNotFoundError`."""
        files = self._files(job_id)
        manifest = files.manifest()
        return with_regions(self._reach.watchers().status(files, manifest), files)

    def jobs(self) -> list[JobStatus]:
        """All jobs in the store, oldest first; those being uploaded and another version's are left out."""
        watchers = self._reach.watchers()

        def look(job_id: JobId) -> JobStatus | None:
            with suppress(HoratioError):
                files = self._files(job_id)
                return watchers.status(files, files.manifest())
            return None

        with ThreadPoolExecutor(_JOBS_AT_ONCE, thread_name_prefix="jobs") as pool:
            return [found for found in pool.map(look, self._store.list_prefixes(keys.JOBS)) if found]

    def watch(self, job_id: JobId, *, interval_seconds: float = 0.5) -> Iterator[JobStatus]:
        """Yield the job's status until it has ended; put it back on its way if anything was lost.

        While broker or store is away the last status is repeated, with `waiting_for`.
        """
        files = self._files(job_id)
        known = job_id in self._submitted
        manifest = self._retries.call(files.manifest) if known else files.manifest()
        return watched(
            with_question(JobStatus.unknown(manifest), manifest),
            look=lambda: self._look(files, manifest),
            mend=lambda: self._reconcile(files, manifest),
            clear=lambda: self._reconcile(files, manifest) if self._reach.connections else None,
            check=self._reach.check,
            wait_seconds=self._retries.seconds,
            interval_seconds=max(0.0, interval_seconds),
            mend_seconds=self.settings.reconcile_seconds,
        )

    def wait(self, job_id: JobId) -> JobStatus:
        """Watch until the job has ended; return its last status. In a notebook, show how far it is."""
        show = notebook_progress()
        for last in self.watch(job_id):
            show(last)
        return last

    def fetch(
        self, job_id: JobId, directory: str | Path | None = None, *, if_taken: IfTaken = "refuse"
    ) -> "FetchedResult":
        """Download the results into a directory, which is made if need be; nothing is written over.

        directory: None for `NAME-horatio` here, numbered where that is taken.
        if_taken: whether a directory with another job's results is an error, or gets a number.
        Raises `JobFailedError` where the job has no result, `SettingsError` where it cannot be written there.
        """
        from api_client.fetch import fetch_result  # deferred, as all that a submission does without

        files = self._files(job_id)
        if directory is None:
            stem = fitting_stem(self._retries.call(files.manifest).source.file_name, Path())
            directory, if_taken = Path(f"{stem}-horatio"), "number"
        return fetch_result(files, Path(directory), if_taken=if_taken, retries=self._retries)

    def export(self, job_id: JobId, formats: Iterable[str], directory: str | Path) -> list[Path]:
        """Write a finished job's log in other formats, e.g. ("coco", "mot"); return the files.

        Needs neither the video nor a detector. Raises `SettingsError` for an unknown format.
        """
        from api_client.export import export_log

        return export_log(log_files(self._files(job_id)), tuple(formats), Path(directory))

    def report(
        self,
        job_id: JobId,
        directory: str | Path | None = None,
        *,
        looks: "Looks" = "all",
        shapes: Shapes | None = None,
    ) -> Path:
        """Write `report.html` beside a finished job's results, which are fetched if need be; return its path.

        directory: as for `fetch`. looks: "few" bounds the time spent on pictures of objects.
        shapes: zones and lines that are shown and counted; None for those of the job's rendering.
        """
        from api_client.report import report_job

        return report_job(
            self._retries.call(lambda: log_files(self._files(job_id))),
            None if directory is None else Path(directory),
            looks=looks,
            shapes=shapes,
            retries=self._retries,
        )

    def result(self, job_id: JobId) -> JobResult | None:
        """The job's end and provenance, or None while it has not ended."""
        return self._files(job_id).result()

    def cancel(self, job_id: JobId) -> bool:
        """Stop a job at the workers' next batch. What is done is kept, and `resume` goes on from there.

        Return whether there was anything to stop: False for a job that has ended.
        """
        files = self._files(job_id)
        manifest = files.manifest()
        if files.result() is not None:
            return False
        files.cancel()
        for connections in self._reach.watchers().of(job_id):
            with broker_errors(connections.settings):
                connections.state(job_id).cancel()
                connections.reconciler.reconcile(files, manifest)  # forget it at once where nobody is at it
        return True

    def resume(self, job_id: JobId) -> int:
        """Go on with a cancelled, interrupted or incomplete job; return how many chunks are left."""
        files = self._files(job_id)
        manifest = files.manifest()
        connections = self._reach.connect(job_id)
        with broker_errors(connections.settings):
            connections.redis.ping()  # before anything is forgotten
        self._submitted.append(job_id)
        forget_damage(files, manifest)
        files.forget_failures(manifest)
        files.uncancel()
        files.open()
        with broker_errors(connections.settings):
            connections.state(job_id).delete()
            return connections.reconciler.reconcile(files, manifest).parts_missing

    def _again(self, derive: Callable[[JobFiles], Manifest], *, of: JobId) -> JobId:
        files = self._files(of)
        derive(files)  # what cannot be is refused before anything is started
        connections = self._reach.connect()
        with broker_errors(connections.settings):
            connections.redis.ping()
        manifest = store_derived_job(self._store, lambda: derive(files), self._retries)
        return self._begin(connections, manifest)

    def _begin(self, connections: Connections, manifest: Manifest) -> JobId:
        self._submitted.append(manifest.job_id)
        self._dispatch(connections, manifest)
        return manifest.job_id

    def _dispatch(self, connections: Connections, manifest: Manifest) -> None:
        def send() -> None:
            with broker_errors(connections.settings):
                connections.reconciler.reconcile(self._files(manifest.job_id), manifest)

        with told_how_to_go_on(manifest.job_id):
            self._retries.call(send)

    def _files(self, job_id: JobId) -> JobFiles:
        return JobFiles(self._store, job_id)

    def _look(self, files: JobFiles, manifest: Manifest) -> JobStatus:
        if self._reach.connections is None:  # no stack is started for a job that has ended
            status = self._reach.watchers().status(files, manifest)
            if status.has_ended:
                return status
        connections = self._reach.connect(files.job_id)
        with broker_errors(connections.settings):
            status = read_status(files, manifest, connections.state(files.job_id))
        return with_question(status, manifest)

    def _reconcile(self, files: JobFiles, manifest: Manifest) -> None:
        connections = self._reach.connect(files.job_id)
        with broker_errors(connections.settings):
            connections.reconciler.reconcile(files, manifest)

    def _upload_weights(self, job: JobSpec, weights: str | Path | None) -> None:
        """Store weights under their digest, once."""
        digest = job.detector.weights_digest
        if weights is not None and digest is not None and not self._store.exists(keys.weights(digest)):
            self._store.put_file(keys.weights(digest), Path(weights))

    def _warn_of_unfinished(self) -> None:
        for job_id in self._submitted:
            with suppress(HoratioError):
                files = self._files(job_id)
                if files.result() is None and not files.is_cancelled():
                    warnings.warn(
                        f"job {job_id} is not finished, and its workers end with this client: what is done "
                        f"is kept, `client resume {job_id}` goes on",
                        UnfinishedJobsWarning,
                        stacklevel=3,
                    )
