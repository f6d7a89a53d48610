"""Every setting there is: read once at each entry point and passed down, nowhere else."""

import re
from pathlib import Path
from typing import Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as SettingsSourceError

from api_client.contract.one_line import one_line
from api_client.errors import SettingsError

_USER_OF_URL = re.compile(r"//[^/]*@")
_ADVICE = {
    "device": 'it must be "auto", "cpu", "cuda", "cuda:1" or "mps"',
    "log_level": "it must be DEBUG, INFO, WARNING or ERROR",
}
"""In place of a pattern, which says little to most people."""


def _data_home() -> Path:
    return Path.home() / ".local" / "share" / "horatio"


class Settings(BaseSettings):
    """Settings from `HORATIO_…` environment variables, then a `.env` file, then these defaults.

    Client, workers and Flower must agree on those that concern the broker: `client doctor` checks.
    """

    model_config = SettingsConfigDict(env_prefix="HORATIO_", env_file=".env", extra="ignore", frozen=True)

    broker_url: SecretStr | None = None
    """Redis, e.g. `redis://:password@host:6379/0`; unset: a local stack is started when needed."""
    store_url: str | None = None
    """`s3://bucket/prefix` or a directory; unset: a directory below `HORATIO_HOME`."""
    s3_endpoint_url: str | None = None
    """The S3 server, where it is not Amazon's."""
    s3_region: str | None = None
    """Where the server cares."""
    s3_access_key_id: SecretStr | None = None
    """Unset: boto3's own search (AWS variables, profile, IAM role)."""
    s3_secret_access_key: SecretStr | None = None
    """Goes with the access key."""
    home: Path = Field(default_factory=_data_home)
    """Where the local stack keeps its jobs, and workers their downloaded weights."""

    chunk_seconds: float = Field(default=10.0, gt=0, le=600)
    """How long a chunk should be; cuts are made at key frames, so this is a target."""
    chunk_frames: int = Field(default=300, ge=1, le=100_000)
    """The most frames a chunk should have: it bounds the time one task takes."""
    upload_threads: int = Field(default=4, ge=1, le=64)
    """Uploads and downloads under way at once."""
    regions_per_frame: int = Field(default=48, ge=0, le=1000)
    """Class-agnostic regions kept per frame, so that other words can be asked later; 0 keeps none."""

    visibility_timeout_seconds: int = Field(default=3600, ge=900)
    """When a silent worker's chunk is handed to another: the same everywhere, longer than any chunk takes."""
    silence_seconds: int = Field(default=60, ge=2)
    """How long a worker may give no sign of life before a reconciler gives its chunk to another too."""
    stall_seconds: int = Field(default=900, ge=2)
    """How long one batch, or loading a detector, may take before the worker's child is ended."""
    memory_limit_mb: int = Field(default=0, ge=0)
    """The most memory a worker's child may hold before it is ended; 0: nine tenths of the machine's."""
    queued_per_job: int = Field(default=2, ge=1, le=1000)
    """How many chunks of one job are in the queue at a time; each that is started sends the next."""
    max_attempts: int = Field(default=3, ge=1, le=100)
    """How often a chunk is tried before its frames are passed through without annotation."""
    shutdown_grace_seconds: float = Field(default=600.0, ge=0)
    """How long a worker told to stop may go on with its chunk before it gives the chunk back."""
    store_wait_seconds: float = Field(default=300.0, ge=0)
    """How long a worker waits for a store that does not answer before it gives the chunk back."""

    client_wait_seconds: float = Field(default=600.0, ge=0)
    """How long a client waits for a broker or store that does not answer any more before it gives up."""

    device: str = Field(default="auto", pattern=r"^(auto|cpu|mps|cuda(:\d{1,3})?)$")
    """Where detectors run: auto, cpu, cuda, cuda:1, mps."""
    cpu_threads: int = Field(default=0, ge=0, le=1024)
    """Threads of a detector on the CPU; 0: as many as there are cores."""
    allow_python_detectors: bool = False
    """Whether workers may run `-d python:module:factory`, which is code of the job's choice."""
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    """Of workers."""
    log_format: Literal["text", "json"] = "text"
    """Of workers: lines for people, or one JSON object per line; both name job and chunk."""
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Where a worker serves its Prometheus metrics, on all interfaces; 0: nowhere."""
    pulse_file: Path | None = None
    """What a worker touches every two seconds, for a container's probe; unset: nothing."""
    flower_port: int = Field(default=5555, ge=1, le=65535)
    """Where `client up` serves Flower, on this machine only."""

    @field_validator("broker_url")
    @classmethod
    def _check_broker(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _check_redis_url(value.get_secret_value())
        return value

    @classmethod
    def load(cls, **overrides: object) -> Self:
        """Read the environment; raise `SettingsError` in one line that names the variable."""
        try:
            return cls(**overrides)  # type: ignore[arg-type]  # pydantic checks the values
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = ".".join(str(part) for part in first["loc"])
            shown = _shown(name, first["input"])
            advice = _ADVICE.get(name, first["msg"].removeprefix("Value error, "))
            raise SettingsError(f"HORATIO_{name.upper()} is {shown}: {advice}") from None
        except (SettingsSourceError, OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"the settings in .env cannot be read: {one_line(str(error))}") from None

    @property
    def is_local(self) -> bool:
        """Whether nothing is configured, so that jobs run on this machine."""
        return self.broker_url is None

    @property
    def reconcile_seconds(self) -> float:
        """How often a job is compared with the store by those who watch it, and by the reconciler."""
        return min(15.0, self.silence_seconds / 2)

    @property
    def local_store_url(self) -> str:
        """The directory the local stack stores jobs in."""
        return str(self.home / "store")

    @property
    def weights_dir(self) -> Path:
        """Where workers keep weights, downloaded or brought along by users."""
        return self.home / "weights"

    @property
    def resolved_store_url(self) -> str:
        """The store in use."""
        return self.store_url or self.local_store_url

    def to_environment(self) -> dict[str, str]:
        """The environment that makes another process read these very settings, secrets included."""
        values = self.model_dump(mode="python", exclude_none=True)
        return {f"HORATIO_{name.upper()}": _plain(value) for name, value in values.items()}


def _check_redis_url(url: str) -> None:
    """Raise `ValueError` where no connection could be made; what it says holds nothing of the URL."""
    if not url.startswith(("redis://", "rediss://", "redis+socket://")):
        raise ValueError("must begin with redis://, rediss:// or redis+socket://")
    try:
        parts = urlsplit(url)
        places = (parts.path,) if parts.scheme == "redis+socket" else (parts.hostname, parts.port or 6379)
    except ValueError:  # brackets, a port that is no number: the message would repeat the URL
        places = ("",)
    if not all(places) or "\0" in url:
        raise ValueError("must name a host, e.g. redis://:password@host:6379/0")


def _shown(name: str, value: object) -> str:
    """A wrong value for people to see: a secret's never, a URL's without what stands before its host."""
    field = Settings.model_fields.get(name)
    if field is None or SecretStr in (field.annotation, *get_args(field.annotation)):
        return "'***'"
    return repr(one_line(_USER_OF_URL.sub("//***@", str(value))))


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
