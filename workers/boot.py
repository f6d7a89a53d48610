"""Where a detecting worker starts: `celery -A workers.boot worker -Q detect`.

The parent process imports no torch: the processor is made in the pool's child, after the fork, and
tells the parent through shared memory what it runs on, for `client doctor` to ask.
"""

import logging
import multiprocessing
import os
from typing import Any

from celery.signals import worker_process_init
from celery.worker.control import inspect_command

from api_client.errors import HoratioError
from api_client.local.parent_death import die_with_parent
from api_client.scratch import sweep_scratch
from tasks.app import app, settings
from tasks.processor import install, processor
from tasks.work import ChunkProcessor

__all__ = ["app"]

logger = logging.getLogger(__name__)
_device: Any = multiprocessing.Array("c", 256)  # typeshed knows no arrays of characters


def _make_processor() -> ChunkProcessor:
    from workers.processor import WorkerProcessor  # deferred: loads torch

    return WorkerProcessor(settings())


@worker_process_init.connect
def _warm_up(**_: object) -> None:
    """Make the processor before the first chunk asks for it."""
    die_with_parent()
    sweep_scratch()  # of a child that was killed
    # read when torch is loaded: threads that wait for each other must not spin, since decoding, encoding
    # and drawing want the same cores (docs/decisions/0012)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        processor().warm_up()
        _device.value = processor().device.encode()[:255]
    except HoratioError as error:  # the first chunk will say it again, with its job
        _device.value = str(error).encode()[:255]
        logger.error("not ready: %s", error)


@inspect_command()
def device(_state: object) -> dict[str, str]:
    """What this worker's detectors run on."""
    return {"device": _device.value.decode() or "still starting"}


install(_make_processor)
