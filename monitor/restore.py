"""A backup put back in place: checked before anything is touched, and nothing that was there is deleted."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from monitor.lock import held
from monitor.proofs import FOLDER as PROOFS
from notifier.outbox import hold_all
from store import manifest as manifests
from store.copies import BackupError, place, settle, synced
from store.database import connect, open_register, revisions, sqlite_path, upgrade
from store.dump import program as pg_program
from store.dump import restore as load_dump
from store.journal import Entry, append
from store.manifest import DUMP, SQLITE, Manifest
from store.register_copy import facts_of_copy, is_empty
from store.workflow import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import URL

    from config.settings import Settings
    from store.workflow import Act

    Progress = Callable[[str, int, int], None]

BESIDE = ("", "-wal", "-shm", "-journal")  # a log of another register would be written into this one


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back; `moved`: where lies what was there before."""

    manifest: Manifest
    moved: Path | None


def checked(settings: Settings, backup: Path, progress: Progress) -> Manifest:
    """Reads the whole backup. Raises BackupError when it is damaged, or not for these settings and this
    program; StoreError when its register is none.
    """
    manifest = manifests.read(backup)
    check_fit(settings, backup, manifest)
    manifests.check(backup, manifest, progress)
    if manifest.register_file == SQLITE:
        found = facts_of_copy(backup / SQLITE)
        if (found.schema, found.head) != (manifest.schema_revision, manifest.journal.head):
            raise BackupError(f"{backup / SQLITE} is not the register of its manifest: take another backup")
    return manifest


def check_fit(settings: Settings, backup: Path, manifest: Manifest) -> None:
    known = revisions()
    if manifest.schema_revision not in known:
        raise BackupError(
            f"{backup} has schema {manifest.schema_revision}, which is newer than this program's {known[0]}: "
            f"install rightsizer {manifest.program}, which wrote it, or newer"
        )
    if manifest.zone != settings.timezone:
        raise BackupError(
            f"{backup} is divided into days of {manifest.zone}, the settings say {settings.timezone}: "
            "set timezone to that of the backup"
        )
    wanted = SQLITE if sqlite_path(connect(settings.database_url())) is not None else DUMP
    if manifest.register_file != wanted:
        there, here = ("SQLite", "PostgreSQL") if wanted == DUMP else ("PostgreSQL", "SQLite")
        raise BackupError(
            f"{backup} has a register of {there}, the settings name one on {here}: check database"
        )


def restore(settings: Settings, backup: Path, act: Act, progress: Progress, *, replace: bool) -> Restored:
    """Checks the backup and puts it in place. What is there already refuses it, or, with `replace`, is moved
    aside. Mails wait afterwards for `outbox resume`: what was sent since the backup would be sent again. So
    the register is brought to this program's schema, and its mails are held, before it is in its place.

    Raises BackupError, StoreError, HeldError, OSError.
    """
    manifest = checked(settings, backup, progress)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    check_owner(settings.data_dir)
    with held(settings.data_dir):
        there = present(settings)
        if there and not replace:
            raise BackupError(f"{there[0]} is there: --replace moves it aside and restores {backup}")
        if settings.lake_dir().is_symlink() or settings.lake_dir().is_mount():
            raise BackupError(
                f"{settings.lake_dir()} is a link or a mount, which cannot be moved: stop every node, take "
                "it away (umount), restore, move what was restored into the shared folder, mount it again"
            )
        if manifest.register_file == DUMP:
            check_server(settings)
        ready = staged(settings, backup, manifest, progress)
        url, register = brought(settings, backup)
        upgrade(url)
        note(url, backup, manifest, act)
        moved = aside(settings.data_dir, there, act.now) if there else None
        for made, final in [*ready, *register]:
            made.rename(final)
            synced(final.parent)
    return Restored(manifest, moved)


def check_owner(data_dir: Path) -> None:
    """Files of root in a folder of the daemon's user would keep the daemon from its work."""
    if os.geteuid() != data_dir.stat().st_uid:
        raise BackupError(f"{data_dir} belongs to another user: run this as them (`sudo -u rightsizer`)")


def present(settings: Settings) -> list[Path]:
    """What of an installation lies there already."""
    path = sqlite_path(connect(settings.database_url()))
    files = [path.with_name(f"{path.name}{end}") for end in BESIDE] if path is not None else []
    parts = [*files, settings.lake_dir(), settings.data_dir / PROOFS]
    return [part for part in parts if part.exists()]


def check_server(settings: Settings) -> None:
    """Raises BackupError where pg_restore would fail or would mix two registers."""
    pg_program("pg_restore")
    engine = connect(settings.database_url())
    try:
        if not is_empty(engine):
            raise BackupError(
                f"the database {engine.url.database} has tables already: make an empty one (createdb) and "
                "name it in database.url; the old one stays as it is"
            )
    finally:
        engine.dispose()


def staged(
    settings: Settings, backup: Path, manifest: Manifest, progress: Progress
) -> list[tuple[Path, Path]]:
    """The lake and the proofs, on the disk beside their places: pairs of where each lies and goes."""
    folders = {"lake": settings.lake_dir(), PROOFS: settings.data_dir / PROOFS}
    names = [Path(file.path) for file in manifest.files]
    pairs = []
    for part, final in folders.items():
        made = final.with_name(f"{final.name}.restored")
        shutil.rmtree(made, ignore_errors=True)
        inner = [name.relative_to(part) for name in names if name.parts[0] == part]
        for number, name in enumerate(inner, 1):
            place(backup / part / name, made / name)
            progress(part, number, len(inner))
        if inner:
            settle(made)
            pairs.append((made, final))
    return pairs


def brought(settings: Settings, backup: Path) -> tuple[URL, list[tuple[Path, Path]]]:
    """Where the register can be written now, and where it lies and goes: beside its place, on a server in it.

    It goes last: a lake without it is refused, whatever happens in between.
    """
    url = make_url(settings.database_url())
    path = sqlite_path(connect(url))
    if path is None:
        load_dump(settings.database_url(), backup / DUMP)
        return url, []
    made = staged_register(backup, path)
    return url.set(database=str(made)), [(made, path)]


def staged_register(backup: Path, path: Path) -> Path:
    """A copy, never a link: it is written in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.restored")
    for end in BESIDE:
        made.with_name(f"{made.name}{end}").unlink(missing_ok=True)
    shutil.copyfile(backup / SQLITE, made)
    synced(made)
    return made


def aside(data_dir: Path, parts: list[Path], now: datetime) -> Path:
    """Moves the parts into a folder of their own, whose path comes back."""
    folder = data_dir / f"replaced-{now:%Y%m%dT%H%M%SZ}"
    folder.mkdir(mode=0o700)
    for part in parts:
        with suppress(FileNotFoundError):  # a reader that ends takes the register's log away with it
            shutil.move(part, folder / part.name)
    return folder


def note(url: URL, backup: Path, manifest: Manifest, act: Act) -> None:
    """The journal tells of it, and no mail goes out until an operator has looked."""
    register = open_register(url)
    said = {"made_at": manifest.made_at, "head": manifest.journal.head, "entries": manifest.journal.entries}
    try:
        with register.write() as db:
            append(db, act.now, Entry(act.actor, "backup.restored", backup.name, None, said, act.reason))
            with suppress(RefusedError):  # it was held when the backup was made
                hold_all(db, act)
    finally:
        register.close()
