"""Prometheus itself takes our settings and rules, and every alert fires when it should and not before."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from components import PROMTOOL, program
from ruamel.yaml import YAML

from monitor.exporter.families import CITY, PREFIX, SERVICE

HERE = Path(__file__).parent
PROMETHEUS = HERE.parents[1] / "deploy" / "prometheus"
CASES = ("alerts.test.yml", "slow.test.yml")
DECLARED = {PREFIX + family.name for family in (*CITY, *SERVICE)}


def promtool(*words: str) -> str:
    found = subprocess.run(
        [program(PROMTOOL), *words], check=False, capture_output=True, text=True, timeout=600
    )
    said = found.stdout + found.stderr
    assert found.returncode == 0, said
    return said


def rules(file: str) -> list[dict[str, object]]:
    groups = YAML(typ="safe").load((PROMETHEUS / file).read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


ALERTS = {str(rule["alert"]): rule for rule in rules("rightsizer.alerts.yml")}


def cases() -> dict[str, list[dict[str, object]]]:
    """Alert -> what is expected of it."""
    files = [YAML(typ="safe").load((HERE / name).read_text("utf-8")) for name in CASES]
    found: dict[str, list[dict[str, object]]] = {}
    for case in (test for file in files for test in file["tests"]):
        for expected in case.get("alert_rule_test", ()):
            found.setdefault(expected["alertname"], []).append(expected)
    return found


def test_the_scrape_settings_and_the_rules_are_what_prometheus_takes() -> None:
    assert "2 rule files found" in promtool("check", "config", str(PROMETHEUS / "prometheus.yml"))
    names = ("rightsizer.rules.yml", "rightsizer.alerts.yml")
    promtool("check", "rules", *(str(PROMETHEUS / name) for name in names))


@pytest.mark.parametrize("name", CASES)
def test_alerts_fire_when_they_should_and_not_before(name: str) -> None:
    assert "SUCCESS" in promtool("test", "rules", str(HERE / name))


def test_every_alert_has_a_case_where_it_fires_and_one_where_it_does_not() -> None:
    found = cases()

    assert set(found) == set(ALERTS)
    for name, expected in found.items():
        assert {bool(case["exp_alerts"]) for case in expected} == {True, False}, name


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_has_an_english_name_a_severity_and_chinese_words(name: str) -> None:
    alert = ALERTS[name]
    words = alert["annotations"]

    assert re.fullmatch(r"Rightsizer([A-Z][a-z]+)+", name)
    assert alert["labels"] in [{"severity": level} for level in ("critical", "warning", "info")]
    assert isinstance(words, dict)
    assert all(re.search(r"[\u4e00-\u9fff]", words[key]) for key in ("summary", "description"))


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_is_documented_in_its_own_words(name: str) -> None:
    words, labels = ALERTS[name]["annotations"], ALERTS[name]["labels"]
    assert isinstance(words, dict)
    assert isinstance(labels, dict)
    line = f"| `{name}` | {labels['severity']} | {words['summary']} |"

    assert line in (HERE.parents[1] / "docs" / "dashboards.md").read_text("utf-8")


def test_rules_ask_for_declared_metrics_only() -> None:
    asked = [
        str(rule["expr"])
        for file in ("rightsizer.rules.yml", "rightsizer.alerts.yml")
        for rule in rules(file)
    ]

    assert {name for expr in asked for name in re.findall(r"\brightsizer_\w+", expr)} <= DECLARED


def test_every_event_that_an_alert_names_is_logged_by_the_program() -> None:
    words = " ".join(str(words) for alert in ALERTS.values() for words in alert["annotations"].values())  # type: ignore[attr-defined]
    named = set(re.findall(r"(?<![\w.])[a-z]+(?:_[a-z]+)+", words)) - DECLARED
    code = "".join(path.read_text("utf-8") for path in (HERE.parents[1] / "monitor").rglob("*.py"))
    logged = set(re.findall(r'log\.\w+\(\s*"(\w+)"', code))

    assert named
    assert named <= logged
