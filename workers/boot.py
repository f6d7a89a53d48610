"""Where a worker that looks or draws starts: `celery -A workers.boot worker -Q detect`, or `-Q render`.

The parent process loads no detector: the processors are made in the pool's child, after the fork, and
tell the parent through shared memory what it runs on, for `client doctor` to ask.
"""

import logging
import multiprocessing
import os
from typing import Any

from celery.signals import worker_process_init
from celery.worker.control import inspect_command

from api_client.contract.stages import Stage
from api_client.detectors_there import lacking_here
from api_client.errors import HoratioError
from api_client.local.parent_death import die_with_parent
from api_client.queue.items import QUEUES
from tasks.app import app, settings
from tasks.processors import install, processors
from tasks.work import Processors

__all__ = ["app"]

# read where NumPy is loaded: its threads spin while they wait, on the cores that decoding and the network's
# own threads want (docs/decisions/0012), and its products here are small
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

logger = logging.getLogger(__name__)
_device: Any = multiprocessing.Array("c", 256)  # typeshed knows no arrays of characters


def _make_processors() -> Processors:
    from workers.processors import WorkerProcessors  # deferred: loads OpenCV and a runtime

    return WorkerProcessors(settings())


@worker_process_init.connect
def _warm_up(**_: object) -> None:
    """Load what the first part will need, where parts are looked at."""
    die_with_parent()
    if QUEUES[Stage.DETECT] not in app.amqp.queues.consume_from:
        _device.value = b"draws only"
        return
    # read where torch is loaded: threads that wait for each other must not spin, since decoding, encoding
    # and drawing want the same cores (docs/decisions/0012)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        processors().warm_up()
        _device.value = processors().device.encode()[:255]
    except HoratioError as error:  # the first part will say it again, with its job
        _device.value = str(error).encode()[:255]
        logger.error("not ready: %s", error)


@inspect_command()
def device(_state: object) -> dict[str, str]:
    """What this worker's detectors run on."""
    return {"device": _device.value.decode() or "still starting"}


@inspect_command()
def detectors(_state: object) -> dict[str, tuple[str, ...]]:
    """What each kind of detector needs that this worker has not, for `client detectors`."""
    return lacking_here(settings())


install(_make_processors)
