"""Submitting: footage is stored once, and a job's document says what is asked of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from api_client.contract import JobDocument, JobSpec, Manifest, keys
from api_client.contract.ids import JobId, new_job_id
from api_client.errors import HoratioError
from api_client.footage import OnUpload, stored_footage
from api_client.job_files import JobFiles
from api_client.learnt_files import store_learnt
from api_client.media.source.source_video import SourceVideo
from api_client.picture_set import PictureSet
from api_client.settings import Settings
from api_client.source_use import used_source
from api_client.store import ObjectStore
from api_client.uninterrupted import uninterrupted
from api_client.waiting import NO_RETRIES, Retries


def upload_job(
    store: ObjectStore,
    settings: Settings,
    footage: SourceVideo | PictureSet,
    job: JobSpec,
    on_upload: OnUpload,
    retries: Retries = NO_RETRIES,
) -> Manifest:
    """Store footage, unless it is stored already, and a job that asks something of it.

    A job exists when its document does: whatever ends this early leaves none. Footage of which all was
    stored by then stays for whoever submits it again; `client gc` finds it.
    Raises `MediaError` where the file cannot be read any more, `StoreUnavailableError` where the store does
    not answer for longer than is waited.
    """
    with stored_footage(store, settings, footage, on_upload, retries) as stored:
        document = JobDocument(
            job_id=new_job_id(footage.path),
            created_at=datetime.now(UTC),
            source=footage.source,
            source_id=stored.source_id,
            job=job,
        )
        manifest = Manifest(document=document, footage=stored)
        store_job(store, manifest, retries)
    return manifest


def store_derived_job(
    store: ObjectStore, derive: Callable[[], Manifest], retries: Retries = NO_RETRIES
) -> Manifest:
    """Store a job that is made of another, and asks something of the same footage.

    derive: is called again once the footage is noted as in use: it may be gone by then.
    """
    with used_source(store, derive().footage.source_id, retries):
        manifest = derive()
        store_job(store, manifest, retries)
    return manifest


def store_job(store: ObjectStore, manifest: Manifest, retries: Retries = NO_RETRIES) -> None:
    """Write a job's document: from here on it exists."""
    files = JobFiles(store, manifest.job_id)
    with _removed_on_failure(files, manifest.source.file_name):
        # the index first: a job that is there is one that a reconciler finds
        retries.call(lambda: uninterrupted(files.open))
        retries.call(lambda: store_learnt(store, manifest.job.vocabulary))
        document = manifest.document.to_bytes()
        retries.call(lambda: uninterrupted(lambda: store.put(keys.manifest(files.job_id), document)))


@contextmanager
def told_how_to_go_on(job_id: JobId) -> Iterator[None]:
    """Say with whatever ends the block that the job is stored, and what goes on with it."""
    goes_on = f"the job is stored: `client resume {job_id}` goes on with it"
    try:
        yield
    except HoratioError as error:
        raise type(error)(f"{error}; {goes_on}") from None
    except KeyboardInterrupt as interrupt:
        interrupt.add_note(goes_on)
        raise


@contextmanager
def _removed_on_failure(files: JobFiles, name: str) -> Iterator[None]:
    try:
        yield
    except BaseException as error:  # Ctrl-C too
        try:
            files.store.delete_prefix(keys.job_prefix(files.job_id))
            files.close()
        except HoratioError:
            error.add_note(f"what was noted of {name} stays in a store that does not answer")
        raise
