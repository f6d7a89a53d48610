"""Every error Horatio raises.

    HoratioError
    ├── VocabularyError          permanent   empty, unreadable or unknown vocabulary
    ├── SettingsError            permanent   a setting or argument has a value that cannot work
    ├── MediaError               permanent   the input is no video, or nothing can be read from it
    ├── JobNotFoundError         permanent   no job of that name in this store
    ├── JobFailedError           permanent   the job ended without a result
    ├── JobCancelledError        permanent   somebody cancelled the job
    ├── IntegrityError           permanent   bytes or frames are not what the manifest says
    ├── StoreAccessError         permanent   the object store refuses us
    │   └── ObjectNotFoundError  permanent   no object under that key
    ├── StoreUnavailableError    retryable   the object store does not answer
    ├── BrokerUnavailableError   retryable   the broker does not answer
    ├── WorkerStoppingError      retryable   the worker gives the chunk back because it shuts down
    └── workers.detectors.errors
        ├── WeightsError         permanent   a file of weights is missing, damaged, or of something else
        ├── FrameError           permanent   a frame no detector can work on
        └── DetectorError        permanent   a detector returned what cannot be

Messages say what happened, with which value, and what to do about it. `retryable` tells whether the same
call may succeed later. Every one of them survives `pickle`, since a worker pool will pickle it.
"""

from vocabularies.errors import HoratioError, VocabularyError

__all__ = [
    "BrokerUnavailableError",
    "HoratioError",
    "IntegrityError",
    "JobCancelledError",
    "JobFailedError",
    "JobNotFoundError",
    "MediaError",
    "ObjectNotFoundError",
    "SettingsError",
    "StoreAccessError",
    "StoreUnavailableError",
    "VocabularyError",
    "WorkerStoppingError",
]


class SettingsError(HoratioError):
    """A setting or argument has a value that cannot work."""


class MediaError(HoratioError):
    """The input is no video, or nothing can be read from it."""


class JobNotFoundError(HoratioError):
    """No job of that name in this store."""


class JobFailedError(HoratioError):
    """The job ended without a result."""


class JobCancelledError(HoratioError):
    """Somebody cancelled the job."""


class IntegrityError(HoratioError):
    """Bytes or frames are not what the manifest says they must be."""


class StoreAccessError(HoratioError):
    """The object store refuses us: credentials, permissions, a missing bucket, no space left."""


class ObjectNotFoundError(StoreAccessError):
    """No object under that key."""


class StoreUnavailableError(HoratioError):
    """The object store does not answer."""

    retryable = True


class BrokerUnavailableError(HoratioError):
    """The broker does not answer."""

    retryable = True


class WorkerStoppingError(HoratioError):
    """The worker is shutting down and gives its chunk back; another worker will take it."""

    retryable = True
