"""The manifest of a backup: what it holds, sealed file by file, and the journal's head, an outside anchor."""

from __future__ import annotations

import json
import os
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from store.copies import BackupError, Sealed, fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME = "manifest.json"
FORMAT = 1
SQLITE, DUMP = "register.db", "register.dump"  # the register: a file of SQLite, or what pg_dump wrote


class Journal(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    entries: int
    head: str


class Manifest(BaseModel):
    """`schema_revision` of the register, `counts` of its rows by table; `lake`: the version of each table."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: int = FORMAT
    program: str
    schema_revision: str
    zone: str
    made_at: datetime
    register_file: str
    journal: Journal
    counts: dict[str, int]
    lake: dict[str, int]
    files: tuple[Sealed, ...]


def write(folder: Path, manifest: Manifest) -> None:
    """The last file of a backup: without it the folder is none."""
    with (folder / NAME).open("w", encoding="utf-8") as file:
        file.write(manifest.model_dump_json(indent=1))
        file.flush()
        os.fsync(file.fileno())


def read(folder: Path) -> Manifest:
    """Raises BackupError."""
    path = folder / NAME
    try:
        said = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BackupError(f"{folder} is not a backup: {NAME} cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise BackupError(f"{path} is damaged ({error}): take another backup") from error
    if isinstance(said, dict) and said.get("format", FORMAT) != FORMAT:
        raise BackupError(
            f"{folder} has format {said['format']}, this program knows format {FORMAT}: "
            "install the version of rightsizer that wrote it, or newer"
        )
    try:
        return Manifest.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BackupError(f"{path} is damaged ({where}: {first['msg']}): take another backup") from error


def check(folder: Path, manifest: Manifest, progress: Callable[[str, int, int], None]) -> None:
    """Reads every file of the backup. Raises BackupError that names each damaged one."""
    faults = []
    for number, sealed in enumerate(manifest.files, 1):
        found = fault(folder, sealed)
        if found is not None:
            faults.append(found)
        progress("check", number, len(manifest.files))
    if faults:
        listed = "\n".join(faults[:20]) + (f"\nand {len(faults) - 20} more" if len(faults) > 20 else "")
        raise BackupError(f"the backup {folder} is damaged, nothing was restored: take another one\n{listed}")
