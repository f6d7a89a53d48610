"""The alerts, and the dashboard's queries, as Prometheus itself understands them."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.unit.deployment.rendered import REPOSITORY

MONITORING = REPOSITORY / "k8s/components/monitoring"
ALERTS = Path(__file__).with_name("alerts.yaml")


@pytest.fixture
def promtool() -> str:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("needs promtool: apt install prometheus")
    return program


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The rules alone, without the object the operator reads them from."""
    spec = yaml.safe_load((MONITORING / "rules.yaml").read_text())["spec"]
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump(spec))
    return path


def test_rules_are_rules(promtool: str, rules: Path) -> None:
    checked = run(promtool, "check", "rules", rules)

    assert "4 rules found" in checked.stdout, checked.stdout + checked.stderr


def test_who_is_alerted_when(promtool: str, rules: Path) -> None:
    cases = rules.with_name("alerts.yaml")
    cases.write_text(ALERTS.read_text())

    tested = run(promtool, "test", "rules", cases)

    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_every_alert_is_tested_to_come_and_to_stay_away() -> None:
    spec = yaml.safe_load((MONITORING / "rules.yaml").read_text())["spec"]
    names = {rule["alert"] for group in spec["groups"] for rule in group["rules"]}
    cases = [case for test in yaml.safe_load(ALERTS.read_text())["tests"] for case in test["alert_rule_test"]]

    assert {case["alertname"] for case in cases if case["exp_alerts"]} == names
    assert {case["alertname"] for case in cases if not case["exp_alerts"]} == names


def test_queries_of_the_dashboard_are_queries(promtool: str, tmp_path: Path) -> None:
    panels = json.loads((MONITORING / "dashboard.json").read_text())["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    recorded = [{"record": f"panel:query:{number}", "expr": query} for number, query in enumerate(queries)]
    path = tmp_path / "queries.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": recorded}]}))

    checked = run(promtool, "check", "rules", "--lint=none", path)

    assert checked.returncode == 0, checked.stdout + checked.stderr


def run(*command: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60)
