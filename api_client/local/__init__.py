"""The local stack: a real Redis and a real worker on this machine, for when nothing is configured."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api_client.local.stack import LocalStack

__all__ = ["LocalStack"]


def __getattr__(name: str) -> object:
    """Import `LocalStack` when it is asked for: the supervisor is in this package too, and starts without."""
    if name != "LocalStack":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from api_client.local.stack import LocalStack

    globals()[name] = LocalStack
    return LocalStack
