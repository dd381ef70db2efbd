"""The register on disk: SQLite by default, PostgreSQL by URL; opening, locking, checking, migrating.

One transaction writes at a time, from its start: BEGIN IMMEDIATE on SQLite, where SQLAlchemy's default loses
updates silently, an advisory lock on PostgreSQL.
Transactions are opened only by monitor/.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.orm import Session

from store.advice import RESTORE
from store.server import CONNECTING, begun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic.config import Config
    from sqlalchemy.engine.interfaces import DBAPIConnection

APPLICATION_ID = 0x52535A52  # "RSZR": no other program's file is taken for a register; also the lock's number
MIGRATIONS = Path(__file__).parent / "migrations"


class StoreError(RuntimeError):
    """The register cannot be used: what was tried, on what, what was found, what to do."""


@dataclass(frozen=True, slots=True)
class Register:
    """An open register; `write` and `read` give sessions, each one transaction.

    `fence` raises where this process may not write any more. `inode`: the file that was opened; another in
    its place, by a restore, is not written to.
    """

    engine: Engine
    fence: Callable[[Session], None] | None = None
    inode: int | None = None

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that holds the write lock from its start; rolled back when the block raises."""
        if self.inode not in {None, inode(self.engine)}:
            raise StoreError(f"{shown(self.engine)} was replaced meanwhile: start this command again")
        with begun(self.engine) as db:
            if self.engine.dialect.name == "postgresql":
                db.execute(text(f"SELECT pg_advisory_xact_lock({APPLICATION_ID})"))
            if self.fence is not None:
                self.fence(db)
            yield db

    @contextmanager
    def aside(self) -> Iterator[Session]:
        """A writing transaction that does not wait for the write lock: for a row that is its writer's own."""
        with begun(self.engine) as db:
            yield db

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A snapshot that blocks nobody; changes made in it are lost."""
        with Session(snapshots(self.engine), expire_on_commit=False) as db:
            yield db

    def fenced(self, fence: Callable[[Session], None]) -> Register:
        """The same register, for one whose right to write may end."""
        return replace(self, fence=fence)

    def close(self) -> None:
        self.engine.dispose()


def connect(url: str | URL) -> Engine:
    """An engine for the register; nothing is opened yet. Raises StoreError on a URL that cannot be used."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number; the text would quote the password
        raise StoreError("the register's URL cannot be read: postgresql://USER:PASSWORD@HOST/NAME") from None
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": 10})
        event.listen(engine, "connect", prepare_sqlite)
        event.listen(engine, "begin", begin_sqlite)
        return engine
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(parsed, pool_pre_ping=True, connect_args=CONNECTING)
    raise StoreError(f"a register on {parsed.get_backend_name()} is not supported: sqlite or postgresql")


def prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    setattr(connection, "isolation_level", None)  # noqa: B010  (sqlite3's own, unknown to the protocol)
    with closing(connection.cursor()) as cursor:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            cursor.execute(f"PRAGMA {pragma}")


def begin_sqlite(connection: Connection) -> None:
    snapshot = connection.get_execution_options().get("snapshot", False)
    connection.exec_driver_sql("BEGIN" if snapshot else "BEGIN IMMEDIATE")


def snapshots(engine: Engine) -> Engine:
    """The engine, whose transactions see one state of the register and lock nothing."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ")
    return engine.execution_options(snapshot=True)


def open_register(url: str | URL) -> Register:
    """The register at `url`, which must exist and have this program's schema. Raises StoreError by name."""
    engine = connect(url)
    try:
        with named_errors(engine):
            path = sqlite_path(engine)
            if path is not None:
                check_sqlite_file(path)
            with snapshots(engine).connect() as connection:
                check_revision(engine, revision(connection))
    except StoreError:
        engine.dispose()
        raise
    return Register(engine, inode=inode(engine))


@contextmanager
def named_errors(engine: Engine) -> Iterator[None]:
    """What the database or the file system answers, as StoreError with the register's name."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"cannot open the register at {shown(engine)}: {error.strerror}") from error
    except OperationalError as error:
        raise StoreError(f"cannot open the register at {shown(engine)}: {error.orig}") from error
    except DatabaseError as error:
        raise StoreError(f"{shown(engine)} is not a sound register ({error.orig}): {RESTORE}") from error
    except UnicodeDecodeError as error:  # what SQLite says of a damaged schema quotes it
        raise StoreError(
            f"{shown(engine)} is not a sound register (its schema is noise): {RESTORE}"
        ) from error


def sqlite_path(engine: Engine) -> Path | None:
    if engine.dialect.name != "sqlite" or engine.url.database in {None, "", ":memory:"}:
        return None
    return Path(str(engine.url.database))


def inode(engine: Engine) -> int | None:
    """Which file lies there now; None when none does, and on a server."""
    return path.stat().st_ino if (path := sqlite_path(engine)) is not None and path.exists() else None


def register_file(url: str) -> Path | None:
    """The file of the register at `url`, None on a server. Raises StoreError."""
    return sqlite_path(connect(url))


def check_sqlite_file(path: Path) -> None:
    """Refuses a missing, empty or foreign file: an empty one would open as a healthy, empty register."""
    if not path.is_file():
        raise StoreError(f"there is no register at {path}: `rightsizer db upgrade` makes one")
    with path.open("rb") as file:
        head = file.read(100)
    size = path.stat().st_size
    if size == 0:
        raise StoreError(f"{path} (0 bytes) is not a register: {RESTORE}, or remove it to begin anew")
    if len(head) < 100 or not head.startswith(b"SQLite format 3\0"):
        raise StoreError(f"{path} ({size} bytes) is not a register: {RESTORE}")
    if int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise StoreError(f"{path} is a database of another program: check database.url in the settings")
    page, pages = int.from_bytes(head[16:18], "big"), int.from_bytes(head[28:32], "big")
    written = path.with_name(f"{path.name}-wal")  # while it holds pages, the file may be shorter than it says
    if size < page * pages and not (written.exists() and written.stat().st_size):
        raise StoreError(f"{path} was cut off at {size} of {page * pages} bytes: {RESTORE}")


def check_revision(engine: Engine, found: str | None) -> None:
    """Refuses a schema that is older than this program's (migrate) or newer (install a newer program)."""
    known = revisions()
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


def revision(connection: Connection) -> str | None:
    """The register's schema, None when it has none. Asks without Alembic, which is slow to load."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def revisions() -> list[str]:
    """The schema revisions that this program knows, newest first: the numbers of the migrations' files."""
    return sorted((path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")), reverse=True)


def upgrade(url: str | URL, before: Callable[[str | None], None] | None = None) -> tuple[str | None, str]:
    """Brings the register to this program's schema, making it when there is none; returns (from, to).

    `before` is called with the schema that is to be changed, None where a register is to be made, while
    nobody else can write; what it raises leaves everything as it was. Killed at any point, the next try
    starts from a sound register; of several at once one does the work. Raises StoreError.
    """
    engine = connect(url)
    path = sqlite_path(engine)
    try:
        with named_errors(engine):
            if path is None:
                return migrate(engine, before)
            path.parent.mkdir(parents=True, exist_ok=True)
            with alone_in(path.parent):
                if not path.exists():
                    if before is not None:
                        before(None)
                    return make_sqlite(path)
                check_sqlite_file(path)
                return migrate(engine, before)
    finally:
        engine.dispose()


def migrate(engine: Engine, before: Callable[[str | None], None] | None = None) -> tuple[str | None, str]:
    """All missing migrations in one transaction, which holds the write lock from its start."""
    newest = revisions()[0]
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({APPLICATION_ID})")
        found = revision(connection)
        if found == newest:
            return found, newest
        if found is not None and found not in revisions():
            check_revision(engine, found)
        if before is not None:
            before(found)
        from alembic import command

        command.upgrade(alembic_config(connection), "head")
    return found, newest


def make_sqlite(path: Path) -> tuple[str | None, str]:
    """A new register at `path`: made beside it and moved there whole, so that no half file is ever seen."""
    new = path.with_name(f"{path.name}.new")
    for left in ("", "-wal", "-shm", "-journal"):
        new.with_name(f"{new.name}{left}").unlink(missing_ok=True)
    engine = connect(URL.create("sqlite", database=str(new)))
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        done = migrate(engine)
    finally:
        engine.dispose()  # the last connection to close writes the log back into the file
    new.replace(path)
    return done


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """One process at a time; the lock falls with the process, however it ends."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def alembic_config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
