"""The Dockerfile names files, stages and extras that exist."""

import re
import runpy
from pathlib import Path

import pytest

from tests.unit.deployment.rendered import OVERLAYS, REPOSITORY, compose, pods, rendered

TEXT = (REPOSITORY / "docker/Dockerfile").read_text().replace("\\\n", " ")
STAGES = re.findall(r"^FROM (\S+) AS (\S+)$", TEXT, re.MULTILINE)
COPIED = re.findall(r"^COPY (?!--from)(.+) \S+$", TEXT, re.MULTILINE)


def test_what_is_copied_is_in_the_repository_and_is_sent_to_the_build() -> None:
    sent = {line[1:] for line in _lines("docker/Dockerfile.dockerignore") if line.startswith("!")}
    paths = {path for line in COPIED for path in line.split()}

    assert paths
    assert all((REPOSITORY / path).exists() for path in paths)
    assert paths == sent


def _lines(path: str) -> list[str]:
    return (REPOSITORY / path).read_text().splitlines()


def test_every_package_of_the_wheel_is_copied() -> None:
    wheel = re.search(r"packages = \[(.+)\]", (REPOSITORY / "pyproject.toml").read_text())

    assert wheel is not None
    assert set(re.findall(r'"(\w+)"', wheel[1])) <= {path for line in COPIED for path in line.split()}


def test_stages_are_built_on_stages_that_exist() -> None:
    there = {"${PYTHON_IMAGE}", "${CUDA_IMAGE}"}
    for base, name in STAGES:
        assert base in there
        there.add(name)

    assert set(re.findall(r"--from=(\S+)", TEXT)) <= there


def test_services_are_built_from_stages_that_exist() -> None:
    targets = {s["build"]["target"] for s in compose()["services"].values() if "build" in s}

    assert targets <= {name for _, name in STAGES}
    assert {"client", "worker-render", "worker-cpu", "worker-gpu"} == targets


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_clusters_run_images_that_can_be_built(overlay: str) -> None:
    ours = {pod.container["image"] for pod in pods(rendered(overlay)) if pod.is_ours}
    built = {f"horatio-{name}" for _, name in STAGES}

    assert {
        re.sub(r"^registry\.example/horatio/", "horatio-", image).split(":")[0] for image in ours
    } <= built


@pytest.mark.parametrize(
    "extra",
    [
        *re.findall(r"python requirements\.py (\w+)", TEXT),
        *re.findall(r"^ARG CPU_DETECTORS=(\w+)$", TEXT, re.MULTILINE),
        "pocket",
    ],
)
def test_extras_installed_exist(extra: str) -> None:
    script = runpy.run_path(str(REPOSITORY / "docker/requirements.py"))

    found = script["requirements"](Path(REPOSITORY / "pyproject.toml"), [extra])

    assert any(requirement.startswith("celery") for requirement in found)
    assert not any("horatio" in requirement for requirement in found)


def test_nothing_runs_as_root_or_as_whatever_is_newest() -> None:
    images = re.findall(r"^ARG \w+_IMAGE=(\S+)$", TEXT, re.MULTILINE)

    assert all(re.search(r":\d+\.\d+\.\d+-", image) for image in images)
    assert re.search(r"^USER 10001:10001$", TEXT, re.MULTILINE)
    assert re.search(r"^ARG DETECTRON2_COMMIT=[0-9a-f]{40}$", TEXT, re.MULTILINE)
    assert 'ENTRYPOINT ["tini", "--"]' in TEXT


def test_torch_is_left_out_of_an_image_that_needs_none() -> None:
    script = runpy.run_path(str(REPOSITORY / "docker/requirements.py"))

    pocket, detic = (
        script["requirements"](REPOSITORY / "pyproject.toml", [it]) for it in ("pocket", "detic")
    )

    assert '[ "${CPU_DETECTORS}" = pocket ] || pip install' in TEXT
    assert not any(requirement.startswith("torch") for requirement in pocket)
    assert any(requirement.startswith("torch") for requirement in detic)


@pytest.mark.parametrize(("place", "service"), [(0, "detect"), (1, "render")])
def test_the_images_commands_are_those_of_compose(place: int, service: str) -> None:
    commands = re.findall(r"^CMD (\[\"celery.+\])$", TEXT, re.MULTILINE)

    assert re.findall(r'"([^"]+)"', commands[place]) == compose()["services"][service]["command"]


@pytest.mark.parametrize("service", ["detect", "detect-gpu", "render"])
def test_composes_health_check_is_the_images_and_looks_more_often_at_the_start(service: str) -> None:
    ((options, command),) = re.findall(r"^HEALTHCHECK (.+?) +CMD (\[.+\])$", TEXT, re.MULTILINE)
    described = {name.replace("-", "_"): value for name, value in re.findall(r"--([\w-]+)=(\S+)", options)}

    check = compose()["services"][service]["healthcheck"]

    assert {name: str(check[name]) for name in described} == described
    assert check["test"] == ["CMD", *re.findall(r'"([^"]+)"', command)]
    assert set(check) - set(described) == {"test", "start_interval"}
