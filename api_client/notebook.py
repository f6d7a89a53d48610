"""Showing a job in a notebook, where there is one."""

from collections.abc import Callable

from api_client.status import JobStatus


def notebook_progress() -> Callable[[JobStatus], None]:
    """Return what shows a status: a bar in a notebook, nothing elsewhere."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        return lambda _: None
    if not hasattr(get_ipython(), "kernel"):  # plain Python, or IPython in a terminal
        return lambda _: None
    handle = display(display_id=True)
    return lambda status: handle.update(status)
