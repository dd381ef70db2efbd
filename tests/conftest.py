"""Shared fixtures: the real measurements, which lie beside the project and not in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ["components"]  # the fixtures that start real programs

PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT.parent / "shared"


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
