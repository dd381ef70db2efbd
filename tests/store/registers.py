"""Fixtures: an empty register on each database. A test module takes them by `pytest_plugins`.

A register is made once by the migrations; every test gets a copy of that one.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import make_url

from store.database import Register, open_register, upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["sqlite", "postgresql"])
def register_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a register that is not made yet, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/register.db"
    url: str = request.getfixturevalue("postgres_database")
    return url


@pytest.fixture(scope="session")
def made_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "register.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def made_postgres(postgres: str) -> str:
    """The name of a database that others are copied from; nobody may be connected to it."""
    name = f"made_{os.getpid()}"
    with psycopg.connect(postgres.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    upgrade(postgres.removesuffix("postgres") + name)
    return name


@pytest.fixture
def register(register_url: str, request: pytest.FixtureRequest) -> Iterator[Register]:
    url = make_url(register_url)
    if url.get_backend_name() == "sqlite":
        shutil.copyfile(request.getfixturevalue("made_sqlite"), Path(url.database or ""))
    else:
        server, made = request.getfixturevalue("postgres"), request.getfixturevalue("made_postgres")
        with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{url.database}"')
            connection.execute(f'CREATE DATABASE "{url.database}" TEMPLATE "{made}"')
    opened = open_register(register_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite(tmp_path: Path, made_sqlite: Path) -> Iterator[Register]:
    shutil.copyfile(made_sqlite, tmp_path / "register.db")
    opened = open_register(f"sqlite:///{tmp_path}/register.db")
    yield opened
    opened.close()
