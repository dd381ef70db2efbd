"""The files of the service: where each belongs, what it says on this machine, and how it is written."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import config
from monitor.shipped import shipped

ADMIN = {  # what an administrator installs
    "unit": "etc/systemd/system/rightsizer.service",
    "sysusers": "etc/sysusers.d/rightsizer.conf",
    "tmpfiles": "etc/tmpfiles.d/rightsizer.conf",
}
PACKAGE = {  # what a package brings; files of the administrator overrule it
    "unit": "usr/lib/systemd/system/rightsizer.service",
    "sysusers": "usr/lib/sysusers.d/rightsizer.conf",
    "tmpfiles": "usr/lib/tmpfiles.d/rightsizer.conf",
}
SOURCES = {
    "unit": "systemd/rightsizer.service",
    "sysusers": "systemd/rightsizer.sysusers.conf",
    "tmpfiles": "systemd/rightsizer.tmpfiles.conf",
}
SETTINGS = "etc/rightsizer/rightsizer.yml"
DATA = "var/lib/rightsizer"
PROGRAM = "/opt/rightsizer/bin/rightsizer"  # as the shipped unit names it
HIDDEN = ("/tmp", "/var/tmp")  # noqa: S108  the service has its own
READ_BY_ALL = 0o644
READ_BY_GROUP = 0o640
SEARCHED_BY_ALL = 0o001
RAN_BY_ALL = 0o005


class ServiceError(RuntimeError):
    """The service cannot be installed, looked at or taken away as asked."""


class Found(StrEnum):
    """What lies at a file's place."""

    MISSING = "missing"
    SAME = "same"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ServiceFile:
    """One file of the service; `kept`: one that lies there already is never written over."""

    path: Path
    text: str
    mode: int = READ_BY_ALL
    kept: bool = False

    def found(self) -> Found:
        """Raises OSError."""
        if not self.path.exists():
            return Found.MISSING
        return Found.SAME if self.path.read_text("utf-8") == self.text else Found.OTHER

    @property
    def before(self) -> Path:
        """Where an edited file goes."""
        return self.path.with_name(f"{self.path.name}.before")

    def wanted(self) -> bool:
        """Is there something to write?"""
        found = self.found()
        return found is Found.MISSING or (found is Found.OTHER and not self.kept)

    def write(self) -> None:
        """Whole or not at all; what lies there and differs is kept beside it. Raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(f".{self.path.name}.new")
        fresh.write_text(self.text, "utf-8")
        fresh.chmod(self.mode)
        if self.found() is Found.OTHER:
            shutil.copy2(self.path, self.before)
        fresh.replace(self.path)


def service_files(root: Path | None, program: Path) -> list[ServiceFile]:
    """The files on this machine, or in a package's tree `root`. Raises FileNotFoundError."""
    below, places = (Path("/"), ADMIN) if root is None else (root, PACKAGE)
    texts = {part: shipped(source).read_text("utf-8") for part, source in SOURCES.items()}
    texts["unit"] = texts["unit"].replace(PROGRAM, str(program))
    return [ServiceFile(below / places[part], text) for part, text in texts.items()]


def settings_file(root: Path | None) -> ServiceFile:
    """The example, which becomes the settings where there are none."""
    example = Path(config.__file__).parent / "rightsizer.example.yml"
    place = (root or Path("/")) / SETTINGS
    return ServiceFile(place, example.read_text("utf-8"), READ_BY_GROUP, kept=True)


def this_program(root: Path | None) -> Path:
    """The command of the environment that runs, as the service will call it. Raises ServiceError."""
    program = Path(sys.executable).absolute().parent / "rightsizer"
    if not program.is_file():
        raise ServiceError(f"there is no command rightsizer beside {sys.executable}: install into a venv")
    if root is not None and program.is_relative_to(root.absolute()):
        program = Path("/") / program.relative_to(root.absolute())
    if not str(program).isascii() or set(str(program)) & set(" \t\"'\\%$;"):
        raise ServiceError(f"{program}: systemd would misread this path; install into /opt/rightsizer")
    return program


def check_reachable(program: Path) -> None:
    """Can the service's user run the program, within its walls? Raises ServiceError."""
    for path in (program, Path(sys.executable).resolve()):
        if any(path.is_relative_to(hidden) for hidden in HIDDEN):
            raise ServiceError(
                f"{path}: the service cannot see this folder; make the venv in /opt/rightsizer"
            )
        closed = next(
            (folder for folder in path.parents if not folder.stat().st_mode & SEARCHED_BY_ALL), None
        )
        if closed is not None or path.stat().st_mode & RAN_BY_ALL != RAN_BY_ALL:
            raise ServiceError(f"{path}: the service's user may not run it; chmod o+rx {closed or path}")
