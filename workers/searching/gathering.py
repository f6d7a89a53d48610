"""Which jobs can be searched: those kept on this machine already, and those of the store that are new."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from api_client.contract import Manifest, keys
from api_client.errors import HoratioError, SettingsError
from api_client.job_files import JobFiles
from api_client.kept_regions import index_header
from api_client.log.regions import IndexHeader
from api_client.search.asked import SearchRequest
from api_client.store import ObjectStore
from workers.searching.groups import Detectors, Looked
from workers.searching.kept_jobs import KeptJob, KeptJobs, parts_kept

OnKept = Callable[[int, int], None]
"""Called with (jobs taken in, jobs to take in)."""

_JOBS_AT_ONCE = 8
"""Asked for at the same time: a store far away answers each in some hundredths of a second."""


@dataclass(kw_only=True)
class LeftOut:
    """Jobs that are not searched, counted by the reason."""

    jobs: dict[str, int] = field(default_factory=dict)

    def add(self, reason: str, count: int = 1) -> None:
        """Count jobs."""
        self.jobs[reason] = self.jobs.get(reason, 0) + count

    def notes(self) -> tuple[str, ...]:
        """For people."""
        return tuple(f"left out: {_counted(count)}: {reason}" for reason, count in self.jobs.items())


@dataclass(frozen=True, kw_only=True)
class _New:
    """A job that is not kept yet."""

    manifest: Manifest
    header: IndexHeader | None
    parts: list[int]


class Gathering:
    """Brings what is kept up to date with the store."""

    def __init__(self, store: ObjectStore, kept: KeptJobs, detectors: Detectors) -> None:
        self._store, self._kept, self._detectors = store, kept, detectors

    def jobs(self, request: SearchRequest, left_out: LeftOut, on_kept: OnKept) -> list[KeptJob]:
        """Return the jobs that are asked for and kept regions, oldest first."""
        there = sorted(self._store.list_prefixes(keys.JOBS))
        self._kept.forget_others(set(there))
        wanted = [job_id for job_id in there if job_id in request.jobs] if request.jobs else there
        stale = [job_id for job_id in wanted if self._is_stale(job_id)]
        for number, new in enumerate(self._looked_up(stale, left_out)):
            on_kept(number, len(stale))
            self._take_in(new, left_out)
        found = [job for job in map(self._kept.known, wanted) if job is not None and job.about.parts]
        return [job for job in found if request.since is None or job.about.created_at >= request.since]

    def _is_stale(self, job_id: str) -> bool:
        """Whether a job is to be read from the store: it is not kept, or had gaps that were filled since."""
        known = self._kept.known(job_id)
        if known is None:
            return True
        has_gaps = known.about.parts and known.about.parts_missing
        return bool(has_gaps) and len(parts_kept(JobFiles(self._store, job_id))) != known.about.parts

    def _looked_up(self, job_ids: Sequence[str], left_out: LeftOut) -> Iterator[_New | None]:
        def look(job_id: str) -> _New | str:
            try:
                return self._look_up(JobFiles(self._store, job_id))
            except HoratioError as error:
                return str(error)

        with ThreadPoolExecutor(_JOBS_AT_ONCE, thread_name_prefix="gathering") as pool:
            for new in pool.map(look, job_ids):
                if isinstance(new, str):
                    left_out.add(new)
                yield None if isinstance(new, str) else new

    def _look_up(self, files: JobFiles) -> _New:
        """Raises `HoratioError` where a job cannot be searched yet, or is not readable."""
        manifest = files.manifest()
        if manifest.document.made_of is not None:
            return _New(manifest=manifest, header=None, parts=[])
        if files.tracked() is None:
            raise SettingsError("not finished yet")
        parts = parts_kept(files)
        return _New(manifest=manifest, header=index_header(files) if parts else None, parts=parts)

    def _take_in(self, new: _New | None, left_out: LeftOut) -> None:
        if new is None:
            return
        try:
            rescorer = None if new.header is None else self._detectors.rescorer(_looked(new))
            self._kept.keep(new.manifest, new.header, new.parts, rescorer)
        except HoratioError as error:
            left_out.add(str(error))


def looked_of(job: KeptJob) -> Looked:
    """What looked."""
    about = job.about
    assert about.detector is not None
    assert about.weights_digest is not None
    return Looked(
        detector=about.detector,
        weights_digest=about.weights_digest,
        text_encoder=about.text_encoder,
        layout=about.layout,
    )


def _looked(new: _New) -> Looked:
    assert new.header is not None
    return Looked(
        detector=new.manifest.job.detector,
        weights_digest=new.header.weights_digest,
        text_encoder=new.header.text_encoder,
        layout=new.header.layout,
    )


def _counted(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"
