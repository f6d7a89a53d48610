"""The part of the Python API that makes something new of finished jobs, from what is stored of them alone."""

from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from api_client.again import log_files
from api_client.contract import keys
from api_client.contract.ids import JobId
from api_client.errors import HoratioError
from api_client.job_files import JobFiles
from api_client.store import ObjectStore

if TYPE_CHECKING:
    from api_client.compare.jobs import Comparison
    from api_client.moments.clips import Clips, ClipsWanted
    from api_client.zones.asked import Shapes
    from api_client.zones.counted import Counted

# What these methods call is imported when it is: pyarrow takes longer to load than most commands to run.


class Derived(ABC):
    """What `Client` does with finished jobs. Every method raises `HoratioError`s."""

    _store: ObjectStore

    @abstractmethod
    def _files(self, job_id: JobId) -> JobFiles:
        """The job in the store."""

    def clips(self, job_id: JobId, wanted: "ClipsWanted", directory: str | Path | None = None) -> "Clips":
        """Cut the moments of a finished job in which a condition holds out of its stored footage.

        directory: a new or empty one; None for `NAME-clips` here, numbered where that is taken.
        """
        from api_client.moments.clips import clip_job

        return clip_job(log_files(self._files(job_id)), wanted, _path(directory))

    def zones(
        self, job_id: JobId, shapes: "Shapes", directory: str | Path | None = None
    ) -> "tuple[Counted, list[Path]]":
        """Count a finished job's objects in zones and over lines; return that, and the files written.

        directory: a new or empty one; None for `NAME-zones` here, numbered where that is taken.
        """
        from api_client.zones.job import count_zones

        return count_zones(log_files(self._files(job_id)), shapes, _path(directory))

    def compare(
        self,
        job_id: JobId,
        other_job_id: JobId,
        directory: str | Path | None = None,
        *,
        video: bool = True,
        pictures: int = 6,
    ) -> "Comparison":
        """Say how far two finished jobs on the same footage agree, and show both beside each other.

        directory: a new or empty one; None for `NAME-comparison` here, numbered where that is taken.
        pictures: so many of the frames with most disagreement.
        """
        from api_client.compare.jobs import compare_jobs

        first, second = self._files(job_id), self._files(other_job_id)
        return compare_jobs(first, second, _path(directory), video=video, pictures=pictures)

    def find_job(self, question: str, *, since: str) -> JobId | None:
        """Return the first job that asks this question, or None.

        question: as `question_digest` has it. since: a time as ids of jobs begin with it; older ones are not
        looked at.
        """
        from api_client.already_done import question_digest

        names = self._store.list_prefixes(keys.JOBS)
        for job_id in sorted(name for name in names if name >= since):
            with suppress(HoratioError):  # being uploaded, or another version's
                manifest = self._files(job_id).manifest()
                if question_digest(manifest.source, manifest.job) == question:
                    return job_id
        return None


def _path(directory: str | Path | None) -> Path | None:
    return None if directory is None else Path(directory)
