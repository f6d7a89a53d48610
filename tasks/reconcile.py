"""The scheduled task that puts every unfinished job back on its way."""

import logging

from api_client.celery_app import RECONCILE_JOBS
from api_client.contract import keys
from api_client.errors import HoratioError
from tasks.app import app
from tasks.connections import connections

logger = logging.getLogger(__name__)


@app.task(name=RECONCILE_JOBS)
def reconcile_jobs() -> None:
    """Reconcile all jobs in the store. Harmless at any time, and as often as one likes."""
    to = connections()
    for job_id in to.store.list_prefixes(keys.JOBS):
        files = to.files(job_id)
        try:
            found = to.reconciler.reconcile(files, files.manifest())
        except HoratioError as error:  # a job half uploaded, or of another version, concerns nobody else
            logger.info("job %s: not reconciled: %s", job_id, error)
            continue
        if found.chunks_enqueued or found.finish_enqueued:
            logger.warning("job %s: reconciled: %s", job_id, found)
