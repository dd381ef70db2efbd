"""Shared fixtures: the real measurements, which lie beside the project; slow tests; what is missing."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

pytest_plugins = ["components"]  # the fixtures that start real programs

PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT.parent / "shared"
LEFT_OUT = pytest.StashKey[int]()

hypothesis.settings.register_profile("any machine", deadline=None)  # a busy one is slow, not wrong
hypothesis.settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the tests marked slow too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.stash[LEFT_OUT] = len(slow)
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


def pytest_report_collectionfinish(config: pytest.Config) -> str | None:
    count = config.stash.get(LEFT_OUT, 0)
    return f"{count} slow tests are left out; --slow runs them" if count else None


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real measurements; skips where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the real measurements do not lie beside the project")
    return SHARED


def required(what: str) -> None:
    """A component is missing: the test is skipped, under CI it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing; script/test installs it")
    pytest.skip(f"{what} is missing")
