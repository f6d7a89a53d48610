"""The contract of a job, and the client that speaks it.

Importing this loads next to nothing, and none of it ever torch or Celery: a machine that only submits needs
neither, and `client --help` waits for nothing. Each name is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api_client.client import Client, UnfinishedJobsWarning
    from api_client.contract import JobResult, Manifest
    from api_client.errors import HoratioError
    from api_client.fetch import FetchedResult
    from api_client.footage import UploadProgress
    from api_client.search.result import SearchResult
    from api_client.settings import Settings
    from api_client.status import JobStatus
    from api_client.verify import VerifyReport, verify_result

__all__ = [
    "Client",
    "FetchedResult",
    "HoratioError",
    "JobResult",
    "JobStatus",
    "Manifest",
    "SearchResult",
    "Settings",
    "UnfinishedJobsWarning",
    "UploadProgress",
    "VerifyReport",
    "verify_result",
]

_MODULES = {
    "Client": "client",
    "FetchedResult": "fetch",
    "HoratioError": "errors",
    "JobResult": "contract",
    "JobStatus": "status",
    "Manifest": "contract",
    "SearchResult": "search.result",
    "Settings": "settings",
    "UnfinishedJobsWarning": "client",
    "UploadProgress": "footage",
    "VerifyReport": "verify",
    "verify_result": "verify",
}


def __getattr__(name: str) -> object:
    """Import what is asked for, once."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
