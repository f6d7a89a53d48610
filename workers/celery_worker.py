"""`celery -A workers.boot worker` by itself: `python -m workers.celery_worker -Q detect …`, the same options.

Celery's command line imports every command it has, a shell and Flower among them, before it runs one. A local
stack is waited for.
"""

from celery.bin.base import CLIContext
from celery.bin.worker import worker

from workers.boot import app


def main() -> None:
    """Run until told to stop, and exit."""
    worker.main(prog_name="worker", obj=CLIContext(app=app, no_color=True, workdir=None))


if __name__ == "__main__":
    main()
