"""Storing footage: once, under a name that its bytes decide."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import BoundedSemaphore

from api_client.contract import Source, keys
from api_client.contract.source import SourceId, source_id
from api_client.cutting import Cutting, cutting_of
from api_client.media.source.source_video import SourceVideo
from api_client.picture_set import PictureSet
from api_client.scratch import scratch_directory
from api_client.settings import Settings
from api_client.store import ObjectStore
from api_client.stored_source import stored_once, whole_objects
from api_client.waiting import NO_RETRIES, Retries


@dataclass(frozen=True, kw_only=True)
class UploadProgress:
    """How far a submission is."""

    frames_uploaded: int
    frames_total: int
    is_stored_already: bool = False
    """The footage is in the store: nothing of it is uploaded."""


OnUpload = Callable[[UploadProgress], None]


@contextmanager
def stored_footage(
    store: ObjectStore,
    settings: Settings,
    footage: SourceVideo | PictureSet,
    on_upload: OnUpload,
    retries: Retries = NO_RETRIES,
) -> Iterator[Source]:
    """Cut and upload footage, unless it is there; yield what is stored, and keep it while in the block.

    Of footage whose parts are gone or were damaged only those are uploaded. What ends this early removes
    what was uploaded, unless somebody else stores the same footage.
    """
    cutting = cutting_of(footage, settings)
    identity = _identity(cutting)
    with stored_once(
        store,
        identity,
        lambda: _upload(store, settings, cutting, identity, on_upload, retries),
        name=footage.source.file_name,
        on_stored_already=lambda frames: on_upload(
            UploadProgress(frames_uploaded=frames, frames_total=frames, is_stored_already=True)
        ),
        retries=retries,
    ) as source:
        yield source


def _identity(cutting: Cutting) -> SourceId:
    """All that decides the bytes of the parts."""
    sha256, cut = cutting.said()
    return source_id(sha256, **cut)


def _upload(
    store: ObjectStore,
    settings: Settings,
    cutting: Cutting,
    identity: SourceId,
    on_upload: OnUpload,
    retries: Retries,
) -> Source:
    there = whole_objects(store, identity)
    with scratch_directory("split") as directory:
        uploads = _Uploads(
            lambda key, path: retries.call(lambda: store.put_file(key, path)),
            settings.upload_threads,
            there=there,
            progress=UploadProgress(frames_uploaded=0, frames_total=cutting.frame_count),
            on_upload=on_upload,
        )
        with uploads:
            chunks = []
            for spec, path in cutting.parts(directory):
                uploads.add(keys.source_part(identity, spec.index), path, frames=spec.frame_count)
                chunks.append(spec)
            sound = cutting.side_streams(directory)
            if sound is not None:
                uploads.add(keys.side_streams(identity, sound[0].file_suffix), sound[1], frames=0)
    return cutting.source(identity, tuple(chunks), sound[0] if sound else None)


class _Uploads:
    """Uploads files while the splitter writes the next ones, and deletes each when it is up."""

    def __init__(
        self,
        put_file: Callable[[str, Path], None],
        threads: int,
        *,
        there: Mapping[str, int],
        progress: UploadProgress,
        on_upload: OnUpload,
    ) -> None:
        """there: size in bytes of what is stored already and needs no upload."""
        self._put_file = put_file
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="upload")
        self._slots = BoundedSemaphore(threads + 1)  # bounds the disk the waiting files take
        self._futures: list[Future[int]] = []
        self._there = there
        self._progress = progress
        self._on_upload = on_upload

    def __enter__(self) -> "_Uploads":
        return self

    def __exit__(self, error_type: type[BaseException] | None, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=error_type is not None)
        if error_type is None:
            self._report()

    def add(self, key: str, path: Path, *, frames: int) -> None:
        """Upload a file, and delete it; wait while too many do."""
        self._slots.acquire()
        self._futures.append(self._pool.submit(self._upload, key, path, frames))
        self._report()

    def _upload(self, key: str, path: Path, frames: int) -> int:
        try:
            if self._there.get(key) != path.stat().st_size:
                self._put_file(key, path)
            path.unlink()
            return frames
        finally:
            self._slots.release()

    def _report(self) -> None:
        """Report what is up; raise what an upload raised."""
        uploaded = sum(future.result() for future in self._futures if future.done())
        self._on_upload(replace(self._progress, frames_uploaded=uploaded))
