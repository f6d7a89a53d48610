"""The contract of a job, and the client that speaks it.

Importing this loads neither torch nor Celery: a machine that only submits needs neither.
"""

from api_client.client import Client, UnfinishedJobsWarning
from api_client.contract import JobResult, Manifest
from api_client.errors import HoratioError
from api_client.fetch import FetchedResult
from api_client.settings import Settings
from api_client.status import JobStatus
from api_client.submission import UploadProgress
from api_client.verify import VerifyReport, verify_result

__all__ = [
    "Client",
    "FetchedResult",
    "HoratioError",
    "JobResult",
    "JobStatus",
    "Manifest",
    "Settings",
    "UnfinishedJobsWarning",
    "UploadProgress",
    "VerifyReport",
    "verify_result",
]
