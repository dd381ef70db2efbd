"""A backup of an installation while it works: the register, the lake, the proofs, the settings.

The register is copied before the lake: what was measured in between is asked for again, never left out.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from sqlalchemy import text

from monitor.proofs import FOLDER as PROOFS
from store.copies import BackupError, place, seal, settle, synced
from store.database import connect, sqlite_path
from store.dump import dump
from store.dump import program as pg_program
from store.lake_snapshot import copy_lake, size_of
from store.layout import MIB, ROOM
from store.manifest import DUMP, SQLITE, Journal, Manifest, write
from store.register_copy import copy_sqlite, facts, facts_of_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor.installation import Installation
    from store.copies import Sealed
    from store.register_copy import Facts

    Progress = Callable[[str, int, int], None]

SETTINGS = "rightsizer.yml"


@dataclass(frozen=True, slots=True)
class Copied:
    """`register`: the file that it became; `facts` stand in it; `lake`: the version of each table."""

    register: str
    facts: Facts
    lake: dict[str, int]


def back_up(house: Installation, folder: Path, now: datetime, progress: Progress) -> Manifest:
    """Makes the folder, whole or not at all, with everything that `restore` needs but the secrets.

    Raises BackupError, LakeError, StoreError, OSError.
    """
    with appearing(folder) as made:
        check_room(house, made)
        copied = copy_all(house, made, progress)
        manifest = Manifest(
            program=version("rightsizer"),
            schema_revision=copied.facts.schema,
            zone=house.settings.timezone,
            made_at=now,
            register_file=copied.register,
            journal=Journal(entries=copied.facts.entries, head=copied.facts.head),
            counts=copied.facts.counts,
            lake=copied.lake,
            files=sealed(made, progress),
        )
        write(made, manifest)
    return manifest


def copy_all(house: Installation, made: Path, progress: Progress) -> Copied:
    """Everything but the manifest, into the folder."""
    register, found = copy_register(house, made, progress)
    versions = copy_lake(house.lake, made / "lake", progress)
    for proof in sorted((house.settings.data_dir / PROOFS).glob("[!.]*")):
        place(proof, made / PROOFS / proof.name)
    if house.file is not None:
        shutil.copyfile(house.file, made / SETTINGS)
    return Copied(register, found, versions)


@contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """A folder beside it that gets its name when the block ends well, and is gone when it does not."""
    if folder.exists():
        raise BackupError(f"{folder} is there already: name a folder that is not, such as {folder}-2")
    made = folder.with_name(f"{folder.name}.partial")
    try:
        made.mkdir(mode=0o700, parents=True)
    except FileExistsError as error:
        raise BackupError(
            f"{made} is there: another backup runs, or one was cut off; then remove it and try again"
        ) from error
    try:
        yield made
        settle(made)
        made.rename(folder)
        synced(folder.parent)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def check_room(house: Installation, made: Path) -> None:
    """Raises BackupError before anything is copied that would not fit."""
    path, needed = sqlite_path(house.register.engine), 0
    if path is not None:
        needed += path.stat().st_size
    if house.lake.folder.stat().st_dev != made.stat().st_dev:  # elsewhere nothing can be linked
        needed += size_of(house.lake)
        needed += sum(proof.stat().st_size for proof in (house.settings.data_dir / PROOFS).glob("*"))
    free = shutil.disk_usage(made).free
    if free < needed + ROOM:
        raise BackupError(
            f"only {free / MIB:,.0f} MiB are free in {made.parent}, {(needed + ROOM) / MIB:,.0f} are needed: "
            "make room, or name a folder on another disk"
        )


def copy_register(house: Installation, made: Path, progress: Progress) -> tuple[str, Facts]:
    """The file that it became, and what stands in it; read from the copy, where we can read it."""
    path = sqlite_path(house.register.engine)
    if path is not None:
        copy_sqlite(path, made / SQLITE, progress)
        return SQLITE, facts_of_copy(made / SQLITE)
    pg_program("pg_dump")
    progress("register", 0, 1)
    with house.register.read() as db:
        snapshot = str(db.scalar(text("SELECT pg_export_snapshot()")))
        known = facts(db, "the register")
        dump(house.settings.database_url(), snapshot, made / DUMP)
    progress("register", 1, 1)
    return DUMP, known


def copy_beside(url: str, schema: str, progress: Progress) -> Path:
    """A copy of the SQLite register beside it, named by its schema and the moment. Raises BackupError."""
    path = sqlite_path(connect(url))
    if path is None:
        raise BackupError(
            "the register lies on PostgreSQL: copy it by `pg_dump --format=custom`, "
            "then run `rightsizer db upgrade`"
        )
    free, needed = shutil.disk_usage(path.parent).free, path.stat().st_size + ROOM
    if free < needed:
        raise BackupError(f"{free / MIB:,.0f} MiB are free in {path.parent}, {needed / MIB:,.0f} are needed")
    final = path.with_name(f"{path.stem}-{schema}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{path.suffix}")
    made = final.with_name(f"{final.name}.partial")
    made.unlink(missing_ok=True)
    try:
        copy_sqlite(path, made, progress)
        facts_of_copy(made)
        synced(made)
        made.rename(final)
    finally:
        made.unlink(missing_ok=True)
    synced(path.parent)
    return final


def sealed(made: Path, progress: Progress) -> tuple[Sealed, ...]:
    """Size and SHA-256 of every file of the backup."""
    paths = sorted(path for path in made.rglob("*") if path.is_file())
    files = []
    for number, path in enumerate(paths, 1):
        files.append(seal(made, path))
        progress("seal", number, len(paths))
    return tuple(files)
