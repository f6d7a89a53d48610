"""Fetching: the results of a job, beside the video or wherever the user wants them."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

from api_client.already_done import QUESTION, question_digest
from api_client.contract import JobResult, keys
from api_client.contract.ids import JobId
from api_client.contract.marker import StoredFile
from api_client.errors import HoratioError, IntegrityError, SettingsError
from api_client.fetched import ANNOTATED, FetchedResult
from api_client.job_files import JobFiles
from api_client.media.pictures.packing import opened_pack, read_packed
from api_client.results_place import (
    CLAIM,
    IfTaken,
    check_can_be_written,
    claim_directory,
    fitting_stem,
)
from api_client.store.checked_download import download_checked
from api_client.store.os_errors import os_errors_translated
from api_client.waiting import NO_RETRIES, Retries

_FETCHING = ".fetching-"
ANNOTATED_PACK = "annotated.zip"
"""Annotated pictures, as they are stored."""

__all__ = ["FetchedResult", "fetch_result"]


def fetch_result(
    files: JobFiles, directory: Path, *, if_taken: IfTaken = "refuse", retries: Retries = NO_RETRIES
) -> FetchedResult:
    """Download everything; each file appears complete or not at all, `job.json` last.

    Nothing of another job is written over: a directory that holds such is refused, or numbered.
    Raises `JobFailedError` where there is no result (yet), `IntegrityError` where bytes differ from
    what was stored, `SettingsError` where the directory cannot be written.
    """
    manifest = retries.call(files.manifest)
    result = retries.call(files.successful_result)
    with _told_how_to_fetch(files.job_id):
        check_can_be_written(directory, size_bytes=sum(stored.size_bytes for stored in result.files))
        directory = claim_directory(directory, files.job_id, if_taken=if_taken)
        _remove_leftovers(directory)
        stem = fitting_stem(manifest.source.file_name, directory)
        renamed = [
            _download(files, stored, stem, directory, retries)
            for stored in result.files
            if stored.name != ANNOTATED_PACK
        ]
        if result.pictures:
            _download_pictures(files, result, directory, retries)
        question = {QUESTION: question_digest(manifest.source, manifest.job, manifest.video)}
        result = result.model_copy(
            update={"files": tuple(renamed), "provenance": {**result.provenance, **question}}
        )
        with os_errors_translated(directory):
            (directory / "job.json").write_bytes(result.to_bytes())
            (directory / CLAIM).unlink(missing_ok=True)
    video = next((directory / stored.name for stored in renamed if "-annotated." in stored.name), None)
    return FetchedResult(directory=directory, video_path=video, result=result)


def _remove_leftovers(directory: Path) -> None:
    """Of a fetch of this very job that was killed: the directory is nobody else's."""
    for left in directory.glob(f"{_FETCHING}*"):
        shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _told_how_to_fetch(job_id: JobId) -> Iterator[None]:
    """Say with every error how to get the results, which are safe in the store, somewhere else."""
    try:
        yield
    except IntegrityError:
        raise
    except HoratioError as error:
        kind = type(error) if error.retryable else SettingsError
        raise kind(
            f"{error}; the results are kept: `client fetch {job_id} -o DIRECTORY` puts them anywhere"
        ) from None


def _download_pictures(files: JobFiles, result: JobResult, directory: Path, retries: Retries) -> None:
    """Download the annotated pictures and unpack them below `annotated/`, each complete or not at all."""
    pack = next((stored for stored in result.files if stored.name == ANNOTATED_PACK), None)
    if pack is None:
        raise IntegrityError(f"job {files.job_id} names pictures and no {ANNOTATED_PACK}")
    with (
        os_errors_translated(directory),
        tempfile.TemporaryDirectory(dir=directory, prefix=_FETCHING) as temporary,
    ):
        packed = Path(temporary, "pack")
        _download_checked(files, pack, packed, retries)
        with opened_pack(packed) as opened:
            for picture in result.pictures:
                data = read_packed(opened, picture.name, size_bytes=picture.size_bytes)
                partial, path = Path(temporary, "picture"), directory / ANNOTATED / picture.name
                partial.write_bytes(data)
                path.parent.mkdir(parents=True, exist_ok=True)
                partial.replace(path)


def _download(
    files: JobFiles, stored: StoredFile, stem: str, directory: Path, retries: Retries
) -> StoredFile:
    """Download one file; return it under the name it has there: the annotated video's is the input's."""
    if PurePath(stored.name).name != stored.name or "\0" in stored.name:
        raise IntegrityError(f"job {files.job_id} names a result {stored.name!r}, which is no file's name")
    name = f"{stem}-{stored.name}" if stored.name.startswith("annotated.") else stored.name
    with (
        os_errors_translated(directory),
        tempfile.TemporaryDirectory(dir=directory, prefix=_FETCHING) as temporary,
    ):
        partial = Path(temporary, stored.name)
        _download_checked(files, stored, partial, retries)
        partial.replace(directory / name)
    return stored.model_copy(update={"name": name})


def _download_checked(files: JobFiles, stored: StoredFile, path: Path, retries: Retries) -> None:
    key = keys.result(files.job_id, stored.name)
    if not retries.call(lambda: download_checked(files.store, key, path, stored)):
        raise IntegrityError(
            f"{stored.name} of job {files.job_id} is damaged in {files.store.url}: "
            f"`client resume {files.job_id}` puts it together again"
        )
