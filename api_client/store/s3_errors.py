"""The seam between boto3's errors and ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore.exceptions as boto
from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from s3transfer import exceptions as transfer
from urllib3.exceptions import HTTPError

from api_client.errors import HoratioError, ObjectNotFoundError, StoreAccessError, StoreUnavailableError
from api_client.store.s3_settings import S3Settings

BOTO_ERRORS = (
    BotoCoreError,
    ClientError,
    Boto3Error,
    ResponseParserError,
    HTTPError,
    transfer.CancelledError,
    transfer.RetriesExceededError,
    transfer.S3CopyFailedError,
    transfer.S3DownloadFailedError,
    transfer.S3UploadFailedError,
    transfer.S3ValidationError,
    transfer.TransferNotDoneError,
)
"""Everything boto3 and what it stands on may raise; a test walks their modules."""

_KEY_REMEDY = "check HORATIO_S3_ACCESS_KEY_ID and HORATIO_S3_SECRET_ACCESS_KEY"
_REGION_REMEDY = "the bucket is in another region: set HORATIO_S3_REGION"
_TOKEN_REMEDY = "the credentials have expired: renew them"  # noqa: S105  # a message, no password
_SPACE_REMEDY = "no space is left there: free some, or raise the quota"

_REMEDIES = {
    "InvalidAccessKeyId": f"the access key is unknown there: {_KEY_REMEDY}",
    "SignatureDoesNotMatch": f"the secret key is wrong: {_KEY_REMEDY}",
    "AccessDenied": f"access is denied: {_KEY_REMEDY}, and what that key may do",
    "Forbidden": f"access is denied: {_KEY_REMEDY}, and what that key may do",
    "403": f"access is denied: {_KEY_REMEDY}, and what that key may do",
    "RequestTimeTooSkewed": "this machine's clock differs from the server's: set it",
    "ExpiredToken": _TOKEN_REMEDY,
    "InvalidToken": _TOKEN_REMEDY,
    "TokenRefreshRequired": _TOKEN_REMEDY,
    "PermanentRedirect": _REGION_REMEDY,
    "AuthorizationHeaderMalformed": _REGION_REMEDY,
    "IllegalLocationConstraintException": _REGION_REMEDY,
    "301": _REGION_REMEDY,
    "QuotaExceeded": _SPACE_REMEDY,
    "XMinioStorageFull": _SPACE_REMEDY,
    "InsufficientStorage": _SPACE_REMEDY,
    "507": _SPACE_REMEDY,
}
_MISSING_BUCKET = ("NoSuchBucket", "404")
_PASSING_CODES = ("InternalError", "OperationAborted", "RequestTimeout", "ServiceUnavailable", "SlowDown")
_PASSING_STATUSES = (408, 409, 425, 429, 500, 502, 503, 504)

_PASSING_ERRORS = (
    boto.CapacityNotAvailableError,
    boto.ChecksumError,
    boto.ConnectionError,
    boto.FlexibleChecksumError,
    boto.HTTPClientError,
    boto.IncompleteReadError,
    boto.MetadataRetrievalError,
    HTTPError,
    transfer.CancelledError,
    transfer.RetriesExceededError,
    transfer.S3CopyFailedError,
    transfer.S3DownloadFailedError,
    transfer.S3UploadFailedError,
    transfer.TransferNotDoneError,
)
_CREDENTIAL_ERRORS = (
    boto.ConfigNotFound,
    boto.ConfigParseError,
    boto.CredentialRetrievalError,
    boto.InvalidConfigError,
    boto.LoginError,
    boto.NoAuthTokenError,
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.ProfileNotFound,
    boto.RefreshWithMFAUnsupportedError,
    boto.SSOError,
    boto.TokenRetrievalError,
    boto.UnknownCredentialError,
    boto.UnknownTokenProviderError,
)
_CERTIFICATE_SIGNS = ("CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER", "certificate verify failed")


@contextmanager
def s3_errors_translated(settings: S3Settings, key: str = "") -> Iterator[None]:
    """Raise our own error in place of any of boto3's, naming bucket, server and remedy."""
    try:
        yield
    except BOTO_ERRORS as error:
        raise translated_s3_error(error, settings, key) from error


def translated_s3_error(error: Exception, settings: S3Settings, key: str = "") -> HoratioError:
    """Return our error for one of boto3's."""
    if isinstance(error, ClientError):
        return _of_response(error.response, settings, key)
    if isinstance(error, boto.SSLError) and any(sign in str(error) for sign in _CERTIFICATE_SIGNS):
        return StoreAccessError(
            f"{settings.server} cannot be trusted: check its certificate, and http or https"
        )
    if isinstance(error, _PASSING_ERRORS):
        remedy = "is it running, and is HORATIO_S3_ENDPOINT_URL right?"
        return StoreUnavailableError(f"{settings.server} does not answer ({_reason(error)}): {remedy}")
    if isinstance(error, _CREDENTIAL_ERRORS):
        return StoreAccessError(f"no credentials for {settings.url} ({_reason(error)}): {_KEY_REMEDY}")
    if isinstance(error, ResponseParserError):
        return StoreAccessError(
            f"{settings.server} answers, but not as S3 does: check HORATIO_S3_ENDPOINT_URL"
        )
    return StoreAccessError(f"{settings.url} cannot be used ({_reason(error)}): check HORATIO_S3_… settings")


def _of_response(response: Any, settings: S3Settings, key: str) -> HoratioError:
    code = str(response.get("Error", {}).get("Code", ""))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "NoSuchKey":
        return ObjectNotFoundError(f"no object {key!r} in {settings.url}: never written, or deleted")
    if code in _MISSING_BUCKET:
        remedy = "create it, or correct HORATIO_STORE_URL"
        return StoreAccessError(f"there is no bucket {settings.bucket!r} at {settings.server}: {remedy}")
    if code in _REMEDIES:
        return StoreAccessError(f"bucket {settings.bucket!r} at {settings.server}: {_REMEDIES[code]}")
    message = " ".join(str(response.get("Error", {}).get("Message", "")).split()) or "no reason given"
    if status in _PASSING_STATUSES or code in _PASSING_CODES:
        return StoreUnavailableError(f"{settings.server} is not ready ({code}: {message}): try again later")
    return StoreAccessError(
        f"{settings.server} refuses {settings.url} ({code}: {message}): check its settings"
    )


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
