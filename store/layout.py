"""The mark of a lake: which layout its tables have, and the zone whose days they are divided into."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

from store.advice import RESTORE

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

LAYOUT = 1
MIB = 1 << 20
ROOM = 64 * MIB


class LakeError(OSError):
    """The lake cannot be used: what was tried, on what, and what to do."""


class LakeBusyError(LakeError):
    """Others are at the files; the same can be tried again."""

    temporary = True


class LakeFullError(LakeError):
    """There is no room to write; the same command can be run again once there is."""

    temporary = True


def room(folder: Path) -> None:
    """Raises LakeFullError before a write that the disk could not hold to its end."""
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        raise LakeFullError(
            f"only {free / MIB:.0f} MiB are free in {folder}, at least {ROOM / MIB:.0f} are needed: "
            "make room and run the same command again; nothing was stored"
        )


def known(folder: Path, zone: ZoneInfo) -> bool:
    """Is there a lake? Raises LakeError when it has another layout, or days of another zone."""
    path = folder / "layout.json"
    try:
        said = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return False
    except ValueError as error:
        raise LakeError(f"{path} cannot be read ({error}): {RESTORE}") from error
    if said.get("layout") != LAYOUT:
        raise LakeError(
            f"{folder} has layout {said.get('layout')}, this program knows layout {LAYOUT}: "
            "install the version of rightsizer that wrote it, or newer"
        )
    if said.get("zone") != str(zone):
        raise LakeError(
            f"{folder} is divided into days of {said.get('zone')}, the settings say {zone}: "
            "set timezone back, or begin a new lake in another data_dir"
        )
    return True


def mark(folder: Path, zone: ZoneInfo) -> None:
    """Makes the folder a lake. The mark appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f"layout.{os.getpid()}.new"
    new.write_text(json.dumps({"layout": LAYOUT, "zone": str(zone)}), "utf-8")
    new.replace(folder / "layout.json")
