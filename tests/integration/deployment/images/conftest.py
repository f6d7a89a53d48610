"""The images, built once for all tests: minutes, so only `make prove-images` asks for them."""

import logging
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.deployment.images.buildah import Buildah, python_image
from tests.integration.deployment.images.job import Seen, do_a_job
from tests.integration.jobs.test_cluster import BIKES

TARGETS = ("client", "worker-render", "worker-cpu")
_LOG = logging.getLogger(__name__)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("images")
    group.addoption(
        "--storage", type=Path, help="keep the base and what pip downloaded here, for the next time"
    )
    group.addoption("--clip", type=Path, default=BIKES, help="what the job is about")
    group.addoption(
        "--build-arg",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="as of `docker build`: CPU_WHEELS= takes torch from the usual index, CPU_DETECTORS=pocket none",
    )


@pytest.fixture(scope="package")
def buildah(request: pytest.FixtureRequest) -> Iterator[Buildah]:
    """Skips where there is no buildah; fails where REQUIRE_BUILDAH says that there must be one."""
    absent = [name for name in ("buildah", "debootstrap") if shutil.which(name) is None]
    wanted = [f"apt-get install {' '.join(absent)}"] * bool(absent) + ["root"] * bool(os.geteuid())
    if wanted and os.environ.get("REQUIRE_BUILDAH") == "1":
        pytest.fail(f"REQUIRE_BUILDAH=1, yet images cannot be built without {', '.join(wanted)}")
    if wanted:
        pytest.skip(f"building images needs {', '.join(wanted)}")
    kept: Path | None = request.config.getoption("--storage")
    storage = kept or Path(tempfile.mkdtemp(prefix="horatio-images-"))
    storage.mkdir(parents=True, exist_ok=True)
    yield Buildah(storage=storage)
    if kept is None:
        subprocess.run(
            ["umount", "--quiet", "--recursive", storage / "root/overlay"]
        )  # on itself, by its driver
        shutil.rmtree(storage)


@pytest.fixture(scope="package")
def images(buildah: Buildah, request: pytest.FixtureRequest) -> Buildah:
    """Where `localhost/client` and the others are."""
    arguments = request.config.getoption("--build-arg")
    image, release, _ = python_image(arguments)
    with _timed(f"a base in place of {image}"):
        buildah.make_base(image, release)
    for target in TARGETS:
        with _timed(target):
            buildah.build(target, arguments)
    return buildah


@contextmanager
def _timed(what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    _LOG.info("built %s in %.0f s", what, time.monotonic() - started)


@pytest.fixture(scope="package")
def job(images: Buildah, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """A job done by the containers, and what was seen of them until they had ended."""
    clip: Path = request.config.getoption("--clip")
    if not clip.exists():
        pytest.skip("needs a clip: that of `make demo`, or --clip")
    return do_a_job(images, clip, tmp_path_factory.mktemp("job"))
