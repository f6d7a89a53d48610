"""Submitting: the video becomes chunks in the store, and a manifest that says so."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import BoundedSemaphore

from api_client.contract import ChunkSpec, JobSpec, Manifest, SideStreams, keys
from api_client.contract.ids import JobId, new_job_id
from api_client.errors import HoratioError
from api_client.job_files import JobFiles
from api_client.media.assemble.side_streams import copy_side_streams, left_out
from api_client.media.parts.plan import notes_on, plan
from api_client.media.parts.split import notes_on_chunks, split
from api_client.media.source.probe import SourceVideo
from api_client.scratch import scratch_directory
from api_client.settings import Settings
from api_client.store import ObjectStore
from api_client.waiting import IMPATIENT, Patience


@dataclass(frozen=True, kw_only=True)
class UploadProgress:
    """How far a submission is."""

    frames_uploaded: int
    frames_total: int


OnUpload = Callable[[UploadProgress], None]


def upload_job(
    store: ObjectStore,
    settings: Settings,
    video: SourceVideo,
    job: JobSpec,
    on_upload: OnUpload,
    patience: Patience = IMPATIENT,
) -> Manifest:
    """Split and upload a video; return its manifest, which is stored last.

    A job exists when its manifest does: whatever ends this early removes all that was uploaded.
    Raises `MediaError` where the file cannot be read any more, `StoreUnavailableError` where the store does
    not answer for longer than the patience.
    """
    plans = plan(video.table, target_seconds=settings.chunk_seconds, max_frames=settings.chunk_frames)
    job_id = new_job_id(video.path)
    with (
        _removed_on_failure(store, job_id, video.source.file_name),
        scratch_directory("split") as directory,
    ):
        uploads = _Uploads(
            lambda key, path: patience.call(lambda: store.put_file(key, path)),
            job_id,
            settings.upload_threads,
            video.video.frame_count,
            on_upload,
        )
        with uploads:
            chunks = [uploads.chunk(spec, path) for spec, path in split(video, plans, directory)]
            side_streams = copy_side_streams(video, directory)
            if side_streams is not None:
                uploads.side_streams(*side_streams)
        manifest = Manifest(
            job_id=job_id,
            created_at=datetime.now(UTC),
            source=video.source,
            video=video.video,
            job=job,
            chunks=tuple(chunks),
            side_streams=side_streams[0] if side_streams else None,
            notes=(
                *video.notes,
                *notes_on(plans, max_frames=settings.chunk_frames),
                *notes_on_chunks(video, chunks),
                *left_out(video),
            ),
        )
        # the index first: a job that is there is one that a reconciler finds
        patience.call(JobFiles(store, job_id).open)
        patience.call(lambda: store.put(keys.manifest(job_id), manifest.to_bytes()))
    return manifest


@contextmanager
def _removed_on_failure(store: ObjectStore, job_id: JobId, name: str) -> Iterator[None]:
    try:
        yield
    except BaseException as error:  # Ctrl-C too
        kept = f"nothing of {name} is kept"
        try:
            store.delete_prefix(keys.job_prefix(job_id))
            JobFiles(store, job_id).close()
        except HoratioError:
            kept = f"what was uploaded of {name} stays in a store that does not answer: `client gc` finds it"
        error.add_note(kept)
        raise


class _Uploads:
    """Uploads files while the splitter writes the next ones, and deletes each when it is up."""

    def __init__(
        self,
        put_file: Callable[[str, Path], None],
        job_id: JobId,
        threads: int,
        frames_total: int,
        on_upload: OnUpload,
    ) -> None:
        self._put_file = put_file
        self._job_id = job_id
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="upload")
        self._slots = BoundedSemaphore(threads + 1)  # bounds the disk the waiting files take
        self._futures: list[Future[int]] = []
        self._frames_total = frames_total
        self._on_upload = on_upload

    def __enter__(self) -> "_Uploads":
        return self

    def __exit__(self, error_type: type[BaseException] | None, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=error_type is not None)
        if error_type is None:
            self._report()

    def chunk(self, spec: ChunkSpec, path: Path) -> ChunkSpec:
        self._add(keys.chunk_input(self._job_id, spec.index), path, spec.frame_count)
        self._report()
        return spec

    def side_streams(self, spec: SideStreams, path: Path) -> None:
        self._add(keys.side_streams(self._job_id, spec.file_suffix), path, 0)

    def _add(self, key: str, path: Path, frames: int) -> None:
        self._slots.acquire()
        self._futures.append(self._pool.submit(self._upload, key, path, frames))

    def _upload(self, key: str, path: Path, frames: int) -> int:
        try:
            self._put_file(key, path)
            path.unlink()
            return frames
        finally:
            self._slots.release()

    def _report(self) -> None:
        """Report what is up; raise what an upload raised."""
        uploaded = sum(future.result() for future in self._futures if future.done())
        self._on_upload(UploadProgress(frames_uploaded=uploaded, frames_total=self._frames_total))
