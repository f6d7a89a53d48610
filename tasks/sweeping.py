"""What killed processes have left on this machine is cleared away when a worker's child starts."""

import logging

from celery.signals import worker_process_init

from api_client.scratch import sweep_scratch

logger = logging.getLogger(__name__)


@worker_process_init.connect
def _sweep(**_: object) -> None:
    swept = sweep_scratch()
    if swept:
        logger.info("%d directories of processes that are gone were removed", swept)
