"""Installing the service and taking it away again. Both may be repeated; neither touches data or settings
that are there.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.service.files import (
    ADMIN,
    DATA,
    PACKAGE,
    SETTINGS,
    Found,
    ServiceError,
    ServiceFile,
    check_reachable,
    service_files,
    settings_file,
    this_program,
)
from monitor.service.systemd import UNIT, call, runs_here, there

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "rightsizer"
BY_HAND = {
    "systemd-sysusers": f"useradd --system --home-dir /{DATA} --shell /usr/sbin/nologin {USER}",
    "systemd-tmpfiles": f"install -d -o root -g {USER} -m 750 /etc/rightsizer; "
    f"install -d -o {USER} -g {USER} -m 750 /{DATA}",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be installed: into `root` for a package, else here, enabled and started if asked."""

    root: Path | None = None
    enable: bool = False
    now: bool = False


def install(wish: Wish) -> Iterator[str]:
    """Does it, and says each thing that was done. Raises ServiceError, OSError."""
    program = this_program(wish.root)
    if wish.root is None:
        check_reachable(program)
        check_unpackaged()
    files = service_files(wish.root, program)
    yield from map(written, files)
    if wish.root is None:
        yield from accounts(files)
    yield written(settings := settings_file(wish.root))
    if wish.root is None:
        own(settings)
        yield from started(wish)


def check_unpackaged() -> None:
    """Raises ServiceError where a package brought the service: /etc would overrule it for ever."""
    if (unit := Path("/") / PACKAGE["unit"]).exists():
        raise ServiceError(f"a package brought {unit}: systemctl enable --now rightsizer is all it needs")


def planned(wish: Wish) -> Iterator[str]:
    """What `install` would write, without doing it. Raises ServiceError, OSError."""
    files = [*service_files(wish.root, this_program(wish.root)), settings_file(wish.root)]
    for file in files:
        yield f"would write {file.path}" if file.wanted() else f"stays {file.path}"


def written(file: ServiceFile) -> str:
    if not file.wanted():
        return f"stays {file.path}"
    edited = file.found() is Found.OTHER
    file.write()
    return f"written {file.path}" + (f"; what was there lies in {file.before}" if edited else "")


def accounts(files: list[ServiceFile]) -> Iterator[str]:
    """The user and the folders, made by systemd of the files that say what they are."""
    _unit, sysusers, tmpfiles = files
    for program, words in (
        ("systemd-sysusers", (str(sysusers.path),)),
        ("systemd-tmpfiles", ("--create", str(tmpfiles.path))),
    ):
        if there(program):
            call(program, *words)
            yield f"done {program} {' '.join(words)}"
        else:
            yield f"missing {program}; by hand: {BY_HAND[program]}"


def own(settings: ServiceFile) -> None:
    """Settings are root's, and read by the service's group."""
    try:
        shutil.chown(settings.path, "root", USER)
    except LookupError:  # no such group yet: it is to be made by hand, as was said
        return


def started(wish: Wish) -> Iterator[str]:
    """Raises ServiceError."""
    if runs_here():
        call("systemctl", "daemon-reload")
        yield "done systemctl daemon-reload"
    if wish.enable:
        call("systemctl", "enable", UNIT)
        yield f"done systemctl enable {UNIT}"
    if wish.now:
        call("systemctl", "restart", UNIT)
        yield f"done systemctl restart {UNIT}"


def uninstall(*, act: bool = True) -> Iterator[str]:
    """Stops the service and takes its files away, and says what stays. Raises ServiceError, OSError."""
    files = [Path("/") / place for place in ADMIN.values()]
    verb = "removed" if act else "would remove"
    if files[0].exists() and act and runs_here():
        call("systemctl", "disable", "--now", UNIT)
        yield f"done systemctl disable --now {UNIT}"
    for path in files:
        if path.exists():
            if act:
                path.unlink()
            yield f"{verb} {path}"
    if act and runs_here():
        call("systemctl", "daemon-reload")
    yield from left()


def left() -> Iterator[str]:
    """What an uninstalled service leaves, and where."""
    drop_ins = f"/{ADMIN['unit']}.d"
    for path in (f"/{SETTINGS}", f"/{DATA}", drop_ins, "/etc/credstore", "/etc/credstore.encrypted"):
        if Path(path).exists():
            yield f"stays {path}"
    if Path("/", PACKAGE["unit"]).exists():
        yield f"stays /{PACKAGE['unit']}: a package brought it; remove it with the package"
    yield f"stays the user {USER}"
