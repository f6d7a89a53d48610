import inspect
from types import ModuleType

import boto3.exceptions
import botocore.exceptions
import botocore.parsers
import pytest
import s3transfer.exceptions
import urllib3.exceptions
from botocore.exceptions import ClientError

from api_client.errors import HoratioError, ObjectNotFoundError, StoreAccessError, StoreUnavailableError
from api_client.store.s3_errors import s3_errors_translated
from api_client.store.s3_settings import S3Settings

SETTINGS = S3Settings(bucket="elsinore", endpoint_url="http://127.0.0.1:1")
MODULES = (botocore.exceptions, boto3.exceptions, s3transfer.exceptions, urllib3.exceptions)
PACKAGES = {"boto3", "botocore", "concurrent", "s3transfer", "urllib3"}
LEFT_OUT = {
    "InvalidSubscriberMethodError",  # our own bug
    "MissingServiceIdError",  # a bug in boto3's own data
    "ProxySchemeUnsupported",  # botocore wraps it before it gets out
    "UndefinedModelAttributeError",  # a bug in boto3's own data
}


def errors_of(module: ModuleType) -> list[type[Exception]]:
    classes = (value for value in vars(module).values() if inspect.isclass(value))
    found = (each for each in classes if issubclass(each, Exception) and not issubclass(each, Warning))
    return [
        each for each in found if each.__name__ not in LEFT_OUT and each.__module__.split(".")[0] in PACKAGES
    ]


def translation(error: Exception) -> HoratioError:
    with pytest.raises(HoratioError) as caught, s3_errors_translated(SETTINGS, "jobs/a"):
        raise error
    assert "\n" not in str(caught.value)
    return caught.value


def response(code: str, status: int = 400, message: str = "") -> ClientError:
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PutObject")  # type: ignore[arg-type]  # as little as a server may answer


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_error_of_boto3_and_what_it_stands_on_is_translated(module: ModuleType) -> None:
    for error_class in errors_of(module):
        error = error_class.__new__(error_class)  # each constructor asks for something else
        vars(error).update(response={}, partial=0, expected=0, length=b"")  # what some need to be shown

        assert type(translation(error)) in (StoreAccessError, StoreUnavailableError), error_class


def test_there_are_errors_to_walk() -> None:
    assert len(errors_of(botocore.exceptions)) > 80


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("NoSuchBucket", "there is no bucket 'elsinore'"),
        ("InvalidAccessKeyId", "HORATIO_S3_ACCESS_KEY_ID"),
        ("SignatureDoesNotMatch", "HORATIO_S3_SECRET_ACCESS_KEY"),
        ("AccessDenied", "what that key may do"),
        ("RequestTimeTooSkewed", "clock"),
        ("ExpiredToken", "renew"),
        ("PermanentRedirect", "HORATIO_S3_REGION"),
        ("QuotaExceeded", "no space is left"),
    ],
)
def test_a_refusal_is_permanent_and_says_the_remedy(code: str, remedy: str) -> None:
    error = translation(response(code, 403))

    assert type(error) is StoreAccessError
    assert remedy in str(error)
    assert "elsinore" in str(error)
    assert "http://127.0.0.1:1" in str(error)


def test_a_refusal_of_a_new_kind_is_quoted() -> None:
    error = translation(response("Rotten", 400, "in the state\nof Denmark"))

    assert type(error) is StoreAccessError
    assert "Rotten: in the state of Denmark" in str(error)


@pytest.mark.parametrize(
    ("code", "status"),
    [("SlowDown", 503), ("InternalError", 500), ("502", 502), ("429", 429), ("RequestTimeout", 400)],
)
def test_a_server_in_trouble_is_retryable(code: str, status: int) -> None:
    assert type(translation(response(code, status))) is StoreUnavailableError


def test_a_full_server_is_not_retryable() -> None:
    assert type(translation(response("507", 507))) is StoreAccessError


def test_a_missing_object_is_named() -> None:
    error = translation(response("NoSuchKey", 404))

    assert type(error) is ObjectNotFoundError
    assert "'jobs/a'" in str(error)


def test_a_silent_server_is_retryable() -> None:
    error = botocore.exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:1", error="refused")

    assert type(translation(error)) is StoreUnavailableError
    assert "HORATIO_S3_ENDPOINT_URL" in str(translation(error))


def test_missing_credentials_are_permanent() -> None:
    error = translation(botocore.exceptions.NoCredentialsError())

    assert type(error) is StoreAccessError
    assert "HORATIO_S3_ACCESS_KEY_ID" in str(error)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("CERTIFICATE_VERIFY_FAILED", StoreAccessError), ("EOF occurred in handshake", StoreUnavailableError)],
)
def test_a_bad_certificate_is_permanent_and_a_broken_handshake_is_not(
    reason: str, expected: type[HoratioError]
) -> None:
    error = botocore.exceptions.SSLError(endpoint_url="https://elsinore", error=reason)

    assert type(translation(error)) is expected


def test_an_answer_that_is_not_s3_is_told() -> None:
    error = translation(botocore.parsers.ResponseParserError("no element found"))

    assert type(error) is StoreAccessError
    assert "HORATIO_S3_ENDPOINT_URL" in str(error)


def test_other_errors_pass() -> None:
    with pytest.raises(KeyError), s3_errors_translated(SETTINGS):
        raise KeyError
