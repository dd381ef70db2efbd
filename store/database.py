"""The register on disk: SQLite by default, PostgreSQL by URL; opening, locking, checking, migrating.

Every writing transaction begins with BEGIN IMMEDIATE on SQLite: SQLAlchemy's default loses updates silently.
Transactions are opened only by monitor/.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config
    from sqlalchemy.engine.interfaces import DBAPIConnection

APPLICATION_ID = 0x52535A52  # "RSZR", so that no other program's file is taken for a register
MIGRATIONS = Path(__file__).parent / "migrations"


class StoreError(RuntimeError):
    """The register cannot be used: what was tried, on what, what was found, what to do."""


@dataclass(frozen=True, slots=True)
class Register:
    """An open register; `write` and `read` give sessions, each one transaction."""

    engine: Engine

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that holds the write lock from its start; rolled back when the block raises."""
        with Session(self.engine, expire_on_commit=False) as db, db.begin():
            yield db

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A snapshot that blocks nobody; changes made in it are lost."""
        with Session(self.engine.execution_options(snapshot=True), expire_on_commit=False) as db:
            yield db

    def close(self) -> None:
        self.engine.dispose()


def connect(url: str) -> Engine:
    """An engine for the register at `url`. Nothing is opened yet. Raises StoreError on a URL that cannot be
    used.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": 10})
        event.listen(engine, "connect", prepare_sqlite)
        event.listen(engine, "begin", begin_sqlite)
        return engine
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    raise StoreError(f"a register on {parsed.get_backend_name()} is not supported: sqlite or postgresql")


def prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    setattr(connection, "isolation_level", None)  # noqa: B010  (sqlite3's own, unknown to the protocol)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_sqlite(connection: Connection) -> None:
    snapshot = connection.get_execution_options().get("snapshot", False)
    connection.exec_driver_sql("BEGIN" if snapshot else "BEGIN IMMEDIATE")


def open_register(url: str) -> Register:
    """The register at `url`, which must exist and have this program's schema. Raises StoreError by name."""
    engine = connect(url)
    try:
        path = sqlite_path(engine)
        if path is not None:
            check_sqlite_file(path)
        check_revision(engine)
    except OperationalError as error:
        raise StoreError(f"cannot open the register at {shown(engine)}: {error.orig}") from error
    except DatabaseError as error:
        raise StoreError(
            f"{shown(engine)} is not a sound register ({error.orig}): restore it from a backup"
        ) from error
    return Register(engine)


def sqlite_path(engine: Engine) -> Path | None:
    if engine.dialect.name != "sqlite" or engine.url.database in {None, "", ":memory:"}:
        return None
    return Path(str(engine.url.database))


def check_sqlite_file(path: Path) -> None:
    """Refuses a missing, empty or foreign file: an empty one would open as a healthy, empty register."""
    if not path.is_file():
        raise StoreError(f"there is no register at {path}: `rightsizer db upgrade` makes one")
    with path.open("rb") as file:
        head = file.read(100)
    if not head.startswith(b"SQLite format 3\0"):
        raise StoreError(f"{path} ({path.stat().st_size} bytes) is not a register: restore it from a backup")
    if int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise StoreError(f"{path} is a database of another program: check database.url in the settings")


def check_revision(engine: Engine) -> None:
    """Refuses a schema that is older (migrate first) or newer (install a newer program) than this
    program's.
    """
    found, known = revision(engine), revisions()
    if found == known[0]:
        return
    if found is None or found in known:
        raise StoreError(
            f"the register {shown(engine)} has schema {found or 'none'}, this program needs {known[0]}: "
            "run `rightsizer db upgrade`"
        )
    raise StoreError(
        f"the register {shown(engine)} has schema {found}, which is newer than this program's {known[0]}: "
        "install the version of rightsizer that wrote it, or newer"
    )


def shown(engine: Engine) -> str:
    return str(sqlite_path(engine) or engine.url.render_as_string(hide_password=True))


def revision(engine: Engine) -> str | None:
    from alembic.migration import MigrationContext

    with engine.execution_options(snapshot=True).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def revisions() -> list[str]:
    """The schema revisions that this program knows, newest first."""
    from alembic.script import ScriptDirectory

    return [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]


def upgrade(url: str) -> tuple[str | None, str]:
    """Brings the register to this program's schema, making it when there is none; returns (from, to).

    One transaction holds all: killed at any point, the next try starts from a sound register. Raises
    StoreError.
    """
    from alembic import command

    engine = connect(url)
    path = sqlite_path(engine)
    if path is not None:
        if path.exists() and path.stat().st_size == 0:
            raise StoreError(f"{path} is empty: restore it from a backup, or remove it to begin anew")
        if path.exists():
            check_sqlite_file(path)
        path.parent.mkdir(parents=True, exist_ok=True)
    before = revision(engine) if path is None or path.exists() else None
    if before is not None and before not in revisions():
        check_revision(engine)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({APPLICATION_ID})")
        command.upgrade(alembic_config(connection), "head")
    engine.dispose()
    return before, revisions()[0]


def alembic_config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
