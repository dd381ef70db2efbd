"""Fixtures: an empty register on each database. A test module takes them by `pytest_plugins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from store.database import Register, open_register, upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["sqlite", "postgresql"])
def register_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a register that is not made yet, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/register.db"
    url: str = request.getfixturevalue("postgres_database")
    return url


@pytest.fixture
def register(register_url: str) -> Iterator[Register]:
    upgrade(register_url)
    opened = open_register(register_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Register]:
    upgrade(f"sqlite:///{tmp_path}/register.db")
    opened = open_register(f"sqlite:///{tmp_path}/register.db")
    yield opened
    opened.close()
