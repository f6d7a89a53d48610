"""docs/operations.md names what exists, and all that an operator is shown."""

import json
import re
import shlex

import pytest
import yaml

from api_client.cli.main import cli
from api_client.settings import Settings
from tests.unit.deployment.rendered import REPOSITORY
from tests.unit.deployment.test_names import metric_names

TEXT = (REPOSITORY / "docs/operations.md").read_text()
COMMANDS = [line.split("#")[0].strip() for line in TEXT.splitlines() if re.match(r"client [a-z]", line)]


def test_settings_it_names_exist() -> None:
    names = set(re.findall(r"HORATIO_([A-Z0-9_]+)", TEXT))

    assert {name.lower() for name in names} <= set(Settings.model_fields)


def test_it_explains_every_metric_and_no_other() -> None:
    documented = set(re.findall(r"`(horatio_\w+)", TEXT))
    shown = {name for name in metric_names() if not name.endswith("_created")}

    assert documented == shown


def test_it_names_every_alert() -> None:
    rules = yaml.safe_load((REPOSITORY / "k8s/components/monitoring/rules.yaml").read_text())

    for rule in rules["spec"]["groups"][0]["rules"]:
        assert rule["alert"] in TEXT


def test_the_panel_it_names_is_on_the_dashboard() -> None:
    dashboard = json.loads((REPOSITORY / "k8s/components/monitoring/dashboard.json").read_text())
    (named,) = re.findall(r"In the dashboard, \*([^*]+)\*", TEXT)

    assert " ".join(named.split()) in {panel["title"].lower() for panel in dashboard["panels"]}


@pytest.mark.parametrize("target", re.findall(r"\]\(((?!http)[^)#]+)\)", TEXT))
def test_links_and_pictures_lead_somewhere(target: str) -> None:
    assert (REPOSITORY / "docs" / target).exists()


@pytest.mark.parametrize("anchor", re.findall(r"\]\(#([^)]+)\)", TEXT))
def test_its_contents_lead_to_headings(anchor: str) -> None:
    headings = re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)

    assert anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", re.findall(r"`((?:k8s|docker|tests|components)/[\w./-]*)`", TEXT))
def test_files_it_names_exist(path: str) -> None:
    assert (REPOSITORY / path).exists() or (REPOSITORY / "k8s" / path).exists()


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_of_the_client_are_understood(line: str) -> None:
    name, *words = shlex.split(line)[1:]

    with cli.commands[name].make_context(name, words):
        pass


def test_pictures_of_flower_and_the_dashboard_are_shown() -> None:
    assert {"images/flower.png", "images/dashboard.png"} <= set(re.findall(r"!\[[^\]]*\]\(([^)]+)\)", TEXT))
