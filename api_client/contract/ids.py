"""Job identifiers: sortable by time, readable, safe in keys, paths and terminals."""

import re
import secrets
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Annotated

from pydantic import Field

from api_client.errors import SettingsError

_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$"

JobId = Annotated[str, Field(pattern=_PATTERN)]


def new_job_id(source: PurePath, *, now: datetime | None = None) -> JobId:
    """Return e.g. `20261122-231502-bikes-9f3c`: the time in UTC, the file's stem, four random digits."""
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%d-%H%M%S")
    stem = re.sub(r"[^a-z0-9]+", "-", source.stem.lower()).strip("-")[:40].strip("-")
    return "-".join(part for part in (stamp, stem, secrets.token_hex(2)) if part)


def checked_job_id(text: str) -> JobId:
    """Return the id, or raise `SettingsError` where it cannot be one (it never becomes part of a key)."""
    if not re.fullmatch(_PATTERN, text):
        raise SettingsError(f"{text!r} is not a job id: `client jobs` lists them")
    return text
