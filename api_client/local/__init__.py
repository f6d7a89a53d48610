"""The local stack: a real Redis and a real worker on this machine, for when nothing is configured."""

from api_client.local.stack import LocalStack

__all__ = ["LocalStack"]
