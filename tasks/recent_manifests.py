"""Manifests a worker has read: jobs take turns, and each would be read again for every part."""

from collections import OrderedDict
from collections.abc import Callable

from api_client.contract import Manifest
from api_client.contract.ids import JobId

_MOST_RUNS = 100_000
"""Of frames at a steady pace, in all manifests together: about 20 MB, two hours at a variable rate."""
_MOST_JOBS = 16


class RecentManifests:
    """Keeps those asked for last, as many as fit; the last in any case."""

    def __init__(self, read: Callable[[JobId], Manifest]) -> None:
        """read: reads one from the store. It never changes."""
        self._read = read
        self._kept: OrderedDict[JobId, Manifest] = OrderedDict()

    def get(self, job_id: JobId) -> Manifest:
        """Return a job's manifest. Raises as `read`."""
        if job_id not in self._kept:
            self._kept[job_id] = self._read(job_id)
        self._kept.move_to_end(job_id)
        while len(self._kept) > 1 and not self._fit():
            self._kept.popitem(last=False)
        return self._kept[job_id]

    def _fit(self) -> bool:
        return len(self._kept) <= _MOST_JOBS and sum(map(_runs, self._kept.values())) <= _MOST_RUNS


def _runs(manifest: Manifest) -> int:
    return sum(len(chunk.pts.runs) for chunk in manifest.chunks)
