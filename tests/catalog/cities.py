"""Fixtures: a register with the small city of `offers`. A test module takes them by `pytest_plugins`."""

from __future__ import annotations

from shutil import copyfile
from typing import TYPE_CHECKING

import pytest
from offers import city

from store.database import Register, open_register, upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def city_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register with the city, made once and copied for every test."""
    path = tmp_path_factory.mktemp("city") / "register.db"
    upgrade(f"sqlite:///{path}")
    made = open_register(f"sqlite:///{path}")
    with made.write() as db:
        city(db)
    made.close()
    return path


@pytest.fixture
def small(city_file: Path, tmp_path: Path) -> Iterator[Register]:
    copyfile(city_file, tmp_path / "register.db")
    opened = open_register(f"sqlite:///{tmp_path / 'register.db'}")
    yield opened
    opened.close()
