"""The connection to Redis, and the one seam where its errors become ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from api_client.errors import BrokerUnavailableError, SettingsError
from api_client.settings import Settings


def broker_url(settings: Settings) -> str:
    """The URL in use, password included; raise `SettingsError` where none is configured."""
    if settings.broker_url is None:
        raise SettingsError("no broker is configured: set HORATIO_BROKER_URL, e.g. redis://localhost:6379/0")
    return settings.broker_url.get_secret_value()


def broker_place(settings: Settings) -> str:
    """The broker for people: without credentials."""
    parts = urlsplit(broker_url(settings))
    return parts.path if parts.scheme == "redis+socket" else f"{parts.hostname}:{parts.port or 6379}"


def connect(settings: Settings, *, retries: int = 3) -> "redis.Redis":
    """Return a client, one per process, which connects when first used.

    A command is tried again `retries` times over a broken connection, from 0.05 s up to 2 s apart.
    """
    url = broker_url(settings).replace("redis+socket://", "unix://")
    tcp_only = {} if url.startswith("unix://") else {"socket_keepalive": True}
    return redis.Redis.from_url(
        url,
        **tcp_only,
        decode_responses=True,
        encoding_errors="replace",  # of what others put there, which is recognised as none of ours
        socket_connect_timeout=5,
        socket_timeout=30,
        retry=Retry(ExponentialBackoff(cap=2, base=0.05), retries=retries),
        retry_on_error=[redis.ConnectionError, redis.TimeoutError],
    )


@contextmanager
def broker_errors(settings: Settings) -> Iterator[None]:
    """Translate what redis and kombu raise; `SettingsError` where the broker refuses our password."""
    import kombu.exceptions  # deferred: a client that only reads the store never loads it

    place = broker_place(settings)
    try:
        yield
    except redis.AuthenticationError as error:
        raise SettingsError(
            f"the broker at {place} refuses the password in HORATIO_BROKER_URL ({error})"
        ) from None
    except (redis.ConnectionError, redis.TimeoutError, kombu.exceptions.OperationalError) as error:
        raise BrokerUnavailableError(
            f"the broker at {place} does not answer ({error}): "
            "is Redis running there, and is HORATIO_BROKER_URL right?"
        ) from None
    except redis.RedisError as error:
        raise BrokerUnavailableError(f"the broker at {place} refuses a command ({error})") from None
