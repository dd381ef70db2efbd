"""The house keeps its floors: a room imports only what lies below, and its names are its own."""

from __future__ import annotations

import ast
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[1]
FLOORS = {
    "config": 0,
    "store": 1,
    "collectors": 2,
    "rules": 2,
    "notifier": 2,
    "filing": 2,
    "catalog": 2,
    "monitor": 3,
}
MODULES = sorted(path for room in FLOORS for path in (PROJECT / room).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module


def room_of(path: Path) -> str:
    return path.relative_to(PROJECT).parts[0]


def test_a_room_imports_only_what_lies_below() -> None:
    wrong = [
        f"{path.relative_to(PROJECT)} imports {name}"
        for path in MODULES
        for name in imports(path)
        if (other := name.split(".")[0]) in FLOORS
        and other != room_of(path)
        and FLOORS[other] >= FLOORS[room_of(path)]
    ]

    assert wrong == []


@pytest.mark.parametrize("room", FLOORS)
def test_no_other_distribution_claims_the_name_of_a_room(room: str) -> None:
    assert set(packages_distributions().get(room, [])) <= {"rightsizer"}


def test_rules_do_no_input_or_output_and_ask_no_clock() -> None:
    forbidden = {"os", "io", "socket", "aiohttp", "sqlalchemy", "deltalake", "time", "pathlib", "subprocess"}
    wrong = [
        f"{path.name} imports {name}"
        for path in MODULES
        if room_of(path) == "rules"
        for name in imports(path)
        if name.split(".")[0] in forbidden
    ]

    assert wrong == []


def test_only_monitor_asks_the_clock() -> None:
    clocks = {"now", "utcnow", "today"}
    wrong = [
        f"{path.relative_to(PROJECT)}:{node.lineno}"
        for path in MODULES
        if room_of(path) != "monitor"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in clocks
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date"}
    ]

    assert wrong == []


def test_only_the_mail_room_speaks_smtp() -> None:
    wrong = [
        str(path)
        for path in MODULES
        for name in imports(path)
        if name.split(".")[0] in {"smtplib", "aiosmtplib"} and path != PROJECT / "notifier" / "mail.py"
    ]

    assert wrong == []


def test_a_module_over_300_lines_gives_its_reason() -> None:
    long = [
        str(path.relative_to(PROJECT))
        for path in MODULES
        if len(lines := path.read_text("utf-8").splitlines()) > 300
        and not any("300 lines" in line for line in lines[:30])
    ]

    assert long == []


def test_no_module_has_a_machine_specific_path_or_an_index() -> None:
    text = (PROJECT / "constraints.txt").read_text("utf-8")

    assert "://" not in text
    assert not text.startswith("-")
