"""The lake as files: of each Delta table one snapshot, its log and the data files that it names."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from store.advice import RESTORE
from store.copies import place
from store.layout import LakeError
from store.partition import files_by_day

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.delta import Lake

T = TypeVar("T")
LOG = "_delta_log"
ENTRY = re.compile(r"(\d{20})\.(json|checkpoint(?:\.\d{10}\.\d{10})?\.parquet)")
TRIES = 5


class CommitGoneError(LakeError):
    """A commit of the log is missing: lost, or the log was shortened while we looked."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A table's version, and the files (from the table's folder) that it is made of."""

    version: int
    files: tuple[Path, ...]


def snapshot(folder: Path) -> Snapshot:
    """The newest snapshot of the table in `folder`. Raises LakeError."""
    try:
        table = DeltaTable(folder)
        data = [Path(name) for names in files_by_day(table).values() for name in names]
    except DeltaError as error:
        raise LakeError(f"cannot read {folder} ({error}): {RESTORE}") from error
    return Snapshot(table.version(), tuple(sorted([*log_until(folder, table.version()), *data])))


def log_until(folder: Path, version: int) -> list[Path]:
    """The newest checkpoint up to `version` with its commit, without which nothing can be added to the table,
    and the commits after it. Raises CommitGoneError.
    """
    checkpoints: dict[int, list[Path]] = {}
    commits: dict[int, Path] = {}
    for path in (folder / LOG).iterdir():
        found = ENTRY.fullmatch(path.name)
        if found is None or int(found[1]) > version:
            continue
        name = path.relative_to(folder)
        if found[2] == "json":
            commits[int(found[1])] = name
        else:
            checkpoints.setdefault(int(found[1]), []).append(name)
    start = max(checkpoints, default=-1)
    try:
        return [
            *checkpoints.get(start, []),
            *(commits[number] for number in range(max(start, 0), version + 1)),
        ]
    except KeyError as error:
        raise CommitGoneError(f"commit {error} is missing in {folder / LOG}: {RESTORE}") from error


def copy_lake(lake: Lake, target: Path, progress: Callable[[str, int, int], None]) -> dict[str, int]:
    """Both tables and the lake's mark under `target`; the version of each. Writers go on meanwhile.

    Raises LakeError.
    """
    target.mkdir()
    versions = {
        source.name: copy_table(source, target / source.name, progress)
        for source in (lake.samples_dir, lake.days_dir)
    }
    shutil.copyfile(lake.folder / "layout.json", target / "layout.json")
    return versions


def copy_table(source: Path, target: Path, progress: Callable[[str, int, int], None]) -> int:
    """The version that was copied; of a log that is shortened meanwhile, the newest."""

    def copied(whole: Snapshot) -> Snapshot:
        shutil.rmtree(target, ignore_errors=True)
        for number, name in enumerate(whole.files, 1):
            place(source / name, target / name)
            progress(source.name, number, len(whole.files))
        return whole

    whole = of_newest(source, copied)
    if snapshot(target) != whole:
        raise LakeError(f"the copy of {source} in {target} is not what was copied: try again")
    return whole.version


def of_newest(folder: Path, work: Callable[[Snapshot], T]) -> T:
    """What is made of the newest snapshot. Where files of it go away meanwhile, the work begins anew.

    Raises LakeError.
    """
    for _ in range(TRIES):
        try:
            return work(snapshot(folder))
        except (FileNotFoundError, CommitGoneError) as error:
            vanished = error
    if isinstance(vanished, CommitGoneError):
        raise vanished
    raise LakeError(f"{vanished.filename} went away {TRIES} times while {folder} was read: try again")


def size_of(lake: Lake) -> int:
    """Bytes of what `copy_lake` would copy, about. Raises LakeError."""
    return sum(of_newest(folder, partial(bytes_of, folder)) for folder in (lake.samples_dir, lake.days_dir))


def bytes_of(folder: Path, whole: Snapshot) -> int:
    return sum((folder / name).stat().st_size for name in whole.files)
