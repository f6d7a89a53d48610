"""Where results go: a directory a job, chosen and checked before anything is computed.

A directory that Horatio names is numbered where something lies in it already: `walk-horatio-2`. One that
the user names is refused where it holds another job's results. Nothing that lies there is written over.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Collection
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Literal

from api_client.contract.ids import JobId
from api_client.errors import HoratioError, SettingsError
from api_client.store.os_errors import translated_os_error

IfTaken = Literal["refuse", "number"]
"""What to do with a directory that holds something else."""

CLAIM = ".horatio-job"
"""Names the job whose results are being written; `job.json` takes its place when they are complete."""
_ADDITIONS = len("-annotated.mp4-9999")
"""The most that is added to an input's stem, in bytes."""
_OF_A_RESULT = ("job.json", "detections.txt", "detections.jsonl", "detections.parquet", "summary.json")
_USUAL_NAME_BYTES = 255


def free_directory(wanted: Path, *, job_id: JobId | None = None, taken: Collection[Path] = ()) -> Path:
    """Return the directory, or the first with a number that holds nothing, or only this job's results."""
    numbers = (wanted if n == 1 else wanted.with_name(f"{wanted.name}-{n}") for n in count(1))
    return next(path for path in numbers if path not in taken and not _holds_others(path, job_id))


def check_named_directory(directory: Path, *, job_id: JobId | None = None) -> None:
    """Raise `SettingsError` where results would lie among another job's."""
    owner = job_of(directory)
    if owner is not None and owner != job_id:
        raise SettingsError(
            f"{directory} holds the results of job {owner}: name another directory, or delete that one"
        )
    if owner is None and any((directory / name).exists() for name in _OF_A_RESULT):
        raise SettingsError(f"{directory} holds other results already: name another directory")


def job_of(directory: Path) -> JobId | None:
    """The job whose results, complete or not, lie in a directory; None where none is named there."""
    with suppress(OSError, ValueError):
        return (directory / CLAIM).read_text(encoding="utf-8").strip()
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads((directory / "job.json").read_bytes())["job_id"])
    return None


def check_can_be_written(directory: Path, *, size_bytes: int) -> None:
    """Raise `SettingsError` where a directory cannot be made, written to, or has less room than that."""
    parent = directory.absolute()
    try:
        while not parent.exists():
            parent = parent.parent
        with tempfile.TemporaryFile(dir=parent):
            free_bytes = shutil.disk_usage(parent).free
        if parent != directory.absolute():
            _check_name(parent / directory.absolute().relative_to(parent).parts[0])
    except OSError as error:
        raise unwritable(directory, translated_os_error(error, parent)) from None
    if free_bytes < size_bytes:
        raise SettingsError(
            f"results need about {size_bytes / 1e6:.0f} MB and {parent} has {free_bytes / 1e6:.0f} MB free: "
            "free some, or name another directory with -o"
        )


def unwritable(directory: Path, error: HoratioError) -> SettingsError:
    """Return the error for a directory results cannot go to."""
    return SettingsError(f"results cannot go to {directory}: {error}; -o names another directory")


def claim_directory(directory: Path, job_id: JobId, *, if_taken: IfTaken) -> Path:
    """Make a directory this job's and return it. Of two jobs at once only one gets it.

    Raises `SettingsError` where it is another's and may not be numbered, or cannot be made.
    """
    while True:
        if if_taken == "refuse":
            check_named_directory(directory, job_id=job_id)
        else:
            directory = free_directory(directory, job_id=job_id)
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with (directory / CLAIM).open("x", encoding="utf-8") as file:
                file.write(job_id)
        except FileExistsError:
            if not directory.is_dir():
                raise unwritable(directory, SettingsError("a file is in its place")) from None
            if job_of(directory) != job_id:  # another was quicker
                continue
        except OSError as error:
            raise unwritable(directory, translated_os_error(error, directory)) from None
        return directory


def fitting_stem(file_name: str, parent: Path) -> str:
    """Return a file's name without extension, cut where the file system takes no longer names."""
    stem = Path(Path(file_name.replace("\0", "")).name).stem or "video"
    encoded = os.fsencode(stem)[: _longest_name_bytes(parent) - _ADDITIONS]
    return os.fsdecode(encoded.decode("utf-8", "ignore") if _is_utf8(stem) else encoded)


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _longest_name_bytes(parent: Path) -> int:
    try:
        return os.pathconf(parent, "PC_NAME_MAX")
    except (OSError, ValueError):  # not there yet, or a file system that does not say
        return _USUAL_NAME_BYTES


def _check_name(path: Path) -> None:
    """Raise `OSError` where a name cannot be one."""
    with suppress(FileNotFoundError):
        path.lstat()


def _holds_others(directory: Path, job_id: JobId | None) -> bool:
    """Whether anything lies there that is not this job's."""
    try:
        if not any(directory.iterdir()):
            return False
    except FileNotFoundError:
        return False
    except OSError:  # a file, or not ours to look into
        return True
    return job_id is None or job_of(directory) != job_id
