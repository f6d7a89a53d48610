"""The process that puts every unfinished job back on its way: `python -m tasks.reconciler`.

Not a task of Celery's: what mends the queue must not wait in it, nor behind a stage of a whole job.
"""

import logging
import sys
import threading
from signal import SIGINT, SIGTERM, signal

import redis

from api_client.contract import keys
from api_client.contract.ids import JobId
from api_client.errors import HoratioError, JobNotFoundError
from api_client.queue.connections import Connections
from api_client.settings import Settings
from tasks.telemetry.log import set_up_logging
from tasks.telemetry.pulse import touch

logger = logging.getLogger(__name__)


def reconcile_open_jobs(connections: Connections) -> int:
    """Reconcile every job that has not ended, each in its own guard; return how many were mended."""
    mended = 0
    for info in connections.store.list(keys.OPEN):
        job_id = info.key.removeprefix(keys.OPEN)
        try:
            mended += _reconcile(connections, job_id)
        except JobNotFoundError:  # being uploaded
            continue
        except redis.RedisError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever is wrong with this one concerns nobody else
            logger.warning("%.200r: not reconciled: %s", job_id, error)
    return mended


def _reconcile(connections: Connections, job_id: JobId) -> bool:
    files = connections.files(job_id)
    found = connections.reconciler.reconcile(files, files.manifest())
    if found.enqueued:
        logger.warning("job %s: reconciled: %s", job_id, found)
        return True
    return False


def run(settings: Settings, stop: threading.Event) -> None:
    """Reconcile again and again, until told to stop. Waits for a store or a Redis that is away."""
    connections = Connections(settings)
    logger.info("reconciles every %g s", settings.reconcile_seconds)
    while True:
        try:
            reconcile_open_jobs(connections)
        except (HoratioError, redis.RedisError, OSError) as error:
            logger.warning("cannot reconcile: %s", error)
        if settings.pulse_file is not None:
            touch(settings.pulse_file)
        if stop.wait(settings.reconcile_seconds):
            return


def main() -> int:
    """Run until SIGTERM or Ctrl-C."""
    settings = Settings.load()
    set_up_logging(settings)
    stop = threading.Event()
    for number in (SIGTERM, SIGINT):
        signal(number, lambda *_: stop.set())
    run(settings, stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
