"""A register on PostgreSQL, out of it and into it by PostgreSQL's own programs: pg_dump and pg_restore."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from store.copies import BackupError

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "install PostgreSQL's client programs of the server's version or newer (Debian: postgresql-client)"


def program(name: str) -> str:
    """Raises BackupError when it is not there."""
    found = shutil.which(name)
    if found is None:
        raise BackupError(f"the register lies on PostgreSQL, and {name} is not there: {PACKAGE}")
    return found


def dump(url: str, snapshot: str, target: Path) -> None:
    """The register as it is in a snapshot that a transaction exported. Raises BackupError."""
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    call(url, [program("pg_dump"), *options, f"--file={target}"])


def restore(url: str, source: Path) -> None:
    """All of the dump or nothing, into a database without tables. Raises BackupError."""
    options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    call(url, [program("pg_restore"), *options, str(source)])


def call(url: str, command: list[str]) -> None:
    """A password goes by a file of its own: arguments and the environment can be read by others."""
    parsed = make_url(url).set(drivername="postgresql")
    password = parsed.password or str(parsed.query.get("password", ""))
    plain = parsed.set(password=None).difference_update_query(["password"])
    arguments = [*command, "--no-password", f"--dbname={plain.render_as_string()}"]
    with password_file(password) as known:
        done = subprocess.run(  # noqa: S603  (a program of the system, no shell)
            arguments, env={**os.environ, **known}, capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        answer = " ".join(done.stderr.split()) or f"code {done.returncode}"
        raise BackupError(f"{Path(command[0]).name} answered: {answer[:500]}; {PACKAGE}, and check database")


@contextmanager
def password_file(password: str) -> Iterator[dict[str, str]]:
    """What names it in the environment; nothing without a password: the user's own ~/.pgpass counts then."""
    if not password:
        yield {}
        return
    with tempfile.NamedTemporaryFile("w", suffix=".pgpass") as secret:  # readable by its owner alone
        escaped = password.replace("\\", "\\\\").replace(":", "\\:")
        secret.write(f"*:*:*:*:{escaped}\n")
        secret.flush()
        yield {"PGPASSFILE": secret.name}
