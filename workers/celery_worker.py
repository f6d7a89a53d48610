"""A worker as in production: `python -m workers.celery_worker -Q detect -n detect@%h …`.

The same as `celery -A workers.boot worker` with `--pool prefork --without-mingle --without-gossip`. Celery's
command line imports every command it has, and what colours their texts, before it runs one. A local stack is
waited for.
"""

import argparse
import sys

from api_client.loading import loading

with loading():
    from celery.utils.nodenames import default_nodename, host_format

    from workers.boot import app


def main() -> int:
    """Run until told to stop; return the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-Q", dest="queues", required=True, help="separated by commas")
    parser.add_argument("-n", dest="name", required=True)
    parser.add_argument("--concurrency", type=int, required=True)
    parser.add_argument("--loglevel", required=True)
    options = parser.parse_args()
    worker = app.Worker(
        hostname=host_format(default_nodename(options.name)),
        queues=options.queues.split(","),
        pool_cls="prefork",
        concurrency=options.concurrency,
        loglevel=options.loglevel,
        without_mingle=True,
        without_gossip=True,
    )
    worker.start()
    return worker.exitcode or 0


if __name__ == "__main__":
    sys.exit(main())
