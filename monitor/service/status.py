"""How the installed service stands: its files, its user, what systemd says."""

from __future__ import annotations

import pwd
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.checks import Check, State
from monitor.service.files import DATA, PACKAGE, SETTINGS, Found, service_files, this_program
from monitor.service.install import USER
from monitor.service.systemd import properties, runs_here

if TYPE_CHECKING:
    from collections.abc import Iterator

ASKED = (
    "ActiveState",
    "SubState",
    "MainPID",
    "UnitFileState",
    "StatusText",
    "NRestarts",
    "Result",
    "FragmentPath",
)
INSTALL = "sudo rightsizer service install"


def status() -> Iterator[Check]:
    """Raises ServiceError, OSError."""
    yield from files()
    yield user()
    for name, path in (("settings", f"/{SETTINGS}"), ("data", f"/{DATA}")):
        yield place(name, Path(path))
    if not runs_here():
        yield Check("service", State.BAD, "systemd does not run here", "start `rightsizer run` another way")
        return
    yield from running(properties(*ASKED))


def files() -> Iterator[Check]:
    program = this_program(None)
    for part, file in zip(PACKAGE, service_files(None, program), strict=True):
        packaged = Path("/") / PACKAGE[part]
        found = file.found()
        if found is Found.MISSING and packaged.exists():
            yield Check(part, State.GOOD, str(packaged))
        elif found is Found.SAME:
            yield Check(part, State.GOOD, str(file.path))
        else:
            said = "is missing" if found is Found.MISSING else "is not that of this program"
            yield Check(part, State.BAD, f"{file.path} {said}", INSTALL)


def user() -> Check:
    try:
        number = pwd.getpwnam(USER).pw_uid
    except KeyError:
        return Check("user", State.BAD, f"there is no user {USER}", INSTALL)
    return Check("user", State.GOOD, f"{USER} ({number})")


def place(name: str, path: Path) -> Check:
    try:
        there = path.exists()
    except PermissionError:
        return Check(name, State.GOOD, f"{path} (not yours to look into)")
    return Check(name, State.GOOD, str(path)) if there else Check(name, State.BAD, f"no {path}", INSTALL)


def running(said: dict[str, str]) -> Iterator[Check]:
    """What systemd knows of the unit."""
    boot = said.get("UnitFileState", "")
    enabled = State.GOOD if boot == "enabled" else State.WARN
    yield Check(
        "at boot", enabled, boot or "unknown", "" if boot == "enabled" else "systemctl enable rightsizer"
    )
    active = said.get("ActiveState") == "active"
    pid = f", pid {said['MainPID']}" if said.get("MainPID", "0") != "0" else ""
    state = f"{said.get('ActiveState')} ({said.get('SubState')}){pid}"
    text = f": {said['StatusText']}" if said.get("StatusText") else ""
    troubled = any(word in text for word in ("not ready", "hung", "refused"))
    advice = "journalctl -u rightsizer" + ("" if active else "; systemctl start rightsizer")
    sound = active and not troubled
    yield Check("service", State.GOOD if sound else State.BAD, f"{state}{text}", "" if sound else advice)
    restarts = int(said.get("NRestarts") or 0)
    if restarts:
        yield Check("restarts", State.WARN, f"{restarts} since it was started", "journalctl -u rightsizer")
