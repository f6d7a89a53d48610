"""What `client detectors` says of this machine, and of a cluster's workers."""

import json
import sys

import pytest

from api_client.cli.main import run
from api_client.detectors import DETECTORS, KINDS
from api_client.detectors_there import There
from api_client.hub_models import HUB_MODELS
from api_client.settings import Settings
from tests.docs.commands import REPOSITORY


def rows(capsys: pytest.CaptureFixture[str]) -> dict[str, dict]:
    assert run(["detectors", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {line["names"][0]: line for line in lines}


def test_every_detector_is_listed(alone: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["detectors"]) == 0

    listed = capsys.readouterr().out
    assert all(name in listed for kind in KINDS for name in kind.names)
    assert all(model.name in listed for model in HUB_MODELS)


def test_what_a_detector_can_do_is_said(alone: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    told = rows(capsys)

    detic, fixed = told["detic-swinb"], told["detectron2:CONFIG,WEIGHTS"]
    assert (detic["vocabulary"], detic["masks"], detic["regions"]) == ("open", True, "yes")
    assert (fixed["vocabulary"], fixed["regions"]) == ("fixed", "no")
    assert {name for line in told.values() for name in line["names"]} >= set(DETECTORS)


def test_what_this_machine_lacks_is_told_with_the_command(
    alone: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)  # as if it were not installed

    assert rows(capsys)["hf:MODEL"]["lacking"] == {"this machine": ["transformers"]}
    run(["detectors"])
    (advice,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("hf:MODEL")]
    assert "lacks transformers: `" in advice
    assert advice.endswith("[hf]'`")


def test_code_of_ones_own_needs_leave(
    alone: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = "python:MODULE:FACTORY"
    assert rows(capsys)[own]["lacking"] == {"this machine": ["HORATIO_ALLOW_PYTHON_DETECTORS=1"]}

    monkeypatch.setenv("HORATIO_ALLOW_PYTHON_DETECTORS", "1")

    assert rows(capsys)[own]["lacking"] == {"this machine": []}


def test_of_a_cluster_without_workers_nothing_is_known(
    cluster: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["detectors"]) == 0

    printed = capsys.readouterr()
    assert "not known: no worker that looks at frames answers" in printed.err
    assert "yes    open" not in printed.out


def test_a_worker_that_does_not_know_a_detector_has_it_not() -> None:
    pocket, detic = KINDS[:2]
    there = There(lacking={"new": {"pocket": (), detic.kind: ("open_clip",)}, "old": {}})

    assert there.having(pocket) == ["new"]
    assert there.having(detic) == []


@pytest.mark.parametrize("model", HUB_MODELS, ids=lambda model: model.name)
def test_the_page_says_the_same_licence(model) -> None:
    page = (REPOSITORY / "docs" / "detectors.md").read_text()

    (line,) = [line for line in page.splitlines() if line.startswith("|") and f"`{model.name}`" in line]
    assert line.endswith(f"| {model.licence} |")
