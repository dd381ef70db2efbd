"""What an installation needs and what is missing: each check answers with a state and what to do."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.exceptions import DeltaError
from sqlalchemy.exc import SQLAlchemyError

from config.document import ConfigError
from config.policy import load_policy
from config.secret import SecretError, is_file
from config.settings import load, places, settings_file
from config.workdays import seed
from monitor.checks import Check, State
from monitor.health_daemon import daemon
from monitor.health_notices import fonts, outbox, tasks, templates
from monitor.health_registers import catalog, departments
from store.advice import RESTORE
from store.calendar import calendar
from store.damage import damage
from store.database import Register, StoreError, open_register, register_file
from store.delta import Lake
from store.layout import known as is_lake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from config.settings import Settings

GIB = 2**30
STALE = timedelta(hours=48)
NAMED = (
    ConfigError,
    StoreError,
    SecretError,
    OSError,  # LakeError is one
    SQLAlchemyError,
    DeltaError,
    pa.ArrowException,
)


@dataclass(slots=True)
class Ground:
    """What the checks stand on; `register` and `lake` stay None where there is none, or none that opens."""

    settings: Settings
    moment: datetime
    register: Register | None = None
    lake: Lake | None = None
    newest: dict[str, datetime] | None = None

    @property
    def today(self) -> date:
        return self.moment.astimezone(self.settings.zone()).date()


def examine(option: Path | None) -> Iterator[Check]:
    """Every check in turn; nothing is made. Without settings only what can be said without them."""
    try:
        file = settings_file(option)
        ground = Ground(load(file), datetime.now(UTC))
    except NAMED as error:
        yield Check("settings", State.BAD, said(error), "mend this first; the other checks need it")
        return
    yield in_use(file)
    for name, check in CHECKS.items():
        yield from guarded(name, lambda check=check: check(ground))  # type: ignore[misc]
    if ground.register is not None:
        ground.register.close()


def guarded(name: str, check: Callable[[], Check | Iterator[Check]]) -> Iterator[Check]:
    """The check's rows; what fails by name is a row too, and the next check follows."""
    try:
        found = check()
        yield from [found] if isinstance(found, Check) else list(found)
    except NAMED as error:
        yield Check(name, State.BAD, said(error), ADVICE.get(name, "mend this"))


def said(error: Exception) -> str:
    """The error on one line, without the number of the system."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    text = str(getattr(error, "orig", None) or error)
    return re.sub(r"\[Errno -?\d+\] ", "", " ".join(text.split()))


def in_use(file: Path | None) -> Check:
    """The settings file that counts, and one lying here that does not."""
    here = Path("rightsizer.yml").absolute()
    stray = is_file(here) and not (file is not None and file.samefile(here))
    advice = "say --config rightsizer.yml, or set RIGHTSIZER_CONFIG" if stray else ""
    also = f"; {here} is not in use" if stray else ""
    if file is not None:
        return Check("settings", State.WARN if stray else State.GOOD, f"{file}{also}", advice)
    where = ", ".join(map(str, places()))
    made = "rightsizer config example > rightsizer.yml"
    return Check(
        "settings", State.WARN, f"defaults: no settings file in {where}{also}", advice or f"make one: {made}"
    )


def register(ground: Ground) -> Check:
    """Opens it when there is one, and reads it through when it is a file."""
    url = ground.settings.database_url()
    path = register_file(url)
    if path is not None and not path.exists():
        if not (ground.settings.lake_dir() / "layout.json").exists():
            return Check("register", State.WARN, f"no register yet at {path}", "the first import makes it")
        found = f"{path} is missing, and measurements lie in {ground.settings.lake_dir()}"
        return Check("register", State.BAD, found, f"{RESTORE}, or: rightsizer db upgrade --new")
    opened = open_register(url)
    fault = damage(opened)
    if fault is not None:
        opened.close()
        return Check("register", State.BAD, f"{path} is damaged: {fault}", ADVICE["register"])
    ground.register = opened
    shown = opened.engine.url.render_as_string(hide_password=True)
    return Check("register", State.GOOD, str(path or shown))


def lake(ground: Ground) -> Check:
    """Every file that counts is there and has its end, which names its content."""
    folder, zone = ground.settings.lake_dir(), ground.settings.zone()
    if not folder.exists() or not is_lake(folder, zone):
        return Check(
            "lake", State.WARN, f"no measurements yet in {folder}", "rightsizer collect, or usage import"
        )
    found, files = Lake(folder, zone), 0
    for part in (found.samples_dir, found.days_dir):
        table = found.opened(part)
        for uri in table.file_uris() if table is not None else ():
            sound(Path(uri))
            files += 1
    ground.newest = found.newest()
    ground.lake = found
    return Check("lake", State.GOOD, f"{files} files, {len(found.sample_days())} days of samples")


def sound(path: Path) -> None:
    """Raises ArrowInvalid with the file's name, OSError."""
    try:
        pq.read_metadata(path)
    except pa.ArrowInvalid as error:
        raise pa.ArrowInvalid(f"{path} is damaged: {error}") from error


def policy(ground: Ground) -> Check:
    found = load_policy(ground.settings.policy)
    sentence = found.validity(ground.today)
    if sentence is None:
        return Check("policy", State.GOOD, f"{found.document_number} {found.article}")
    basis = ground.settings.policy.override_basis
    if basis is not None:
        return Check("policy", State.GOOD, f"{sentence}; successor: {basis}")
    return Check("policy", State.WARN, sentence, "name the successor document in policy.override_basis")


def disk(ground: Ground) -> Check:
    """Room where the data lie, or where they will: in the nearest folder that is there."""
    folder = ground.settings.data_dir
    there = next(path for path in (folder, *folder.absolute().parents) if path.is_dir())
    free = shutil.disk_usage(there).free / GIB
    found = f"{free:.1f} GiB free in {there}"
    if there != folder and ground.register is not None:
        advice = f"make it: mkdir -p {folder}"
        return Check("disk", State.BAD, f"data_dir {folder} is not there; {found}", advice)
    if free < 1:
        return Check("disk", State.BAD, found, "make room: at least 1 GiB")
    return Check(
        "disk", State.WARN if free < 10 else State.GOOD, found, "" if free >= 10 else "plan for more room"
    )


def clock(ground: Ground) -> Check:
    """No sample may be newer than now: a clock that was set back judges the wrong days."""
    now = ground.moment
    newest = max((ground.newest or {}).values(), default=None)
    if newest is not None and newest > now + timedelta(minutes=5):
        return Check(
            "clock",
            State.BAD,
            f"the newest sample is of {newest:%Y-%m-%d %H:%M} UTC, after now ({now:%H:%M})",
            "check the clock of this machine (timedatectl)",
        )
    return Check("clock", State.GOOD, f"{now:%Y-%m-%d %H:%M:%S} UTC")


def years(ground: Ground) -> Check:
    known = seed()
    if ground.register is not None:
        with ground.register.read() as db:
            known = calendar(db)
    today = ground.today
    found = f"known until {known.known_until}"
    if known.add(today, 15).on is None:
        return Check(
            "calendar", State.BAD, found, "import the next year: rightsizer calendar import YEAR.json"
        )
    if known.may_change(today.replace(month=12, day=1)) and today.month >= 11:
        advice = "the next year is announced in November: rightsizer calendar import YEAR.json"
        return Check("calendar", State.WARN, found, advice)
    return Check("calendar", State.GOOD, found)


def sources(ground: Ground) -> Iterator[Check]:
    listed = ground.settings.sources
    if not listed:
        advice = "name them under `sources:`, or import files with `usage import`"
        yield Check("sources", State.WARN, "none", advice)
        return
    yield Check("sources", State.GOOD, ", ".join(source.name for source in listed))
    newest = ground.newest
    if newest is None:
        return
    silent = sorted(machine for machine, seen in newest.items() if ground.moment - seen > STALE)
    if not newest:
        yield Check("samples", State.WARN, "none yet", "rightsizer collect")
    elif silent:
        found = f"{len(silent)} machines silent for 48 h, such as {silent[0]}"
        yield Check("samples", State.WARN, found, "rightsizer collect names the reason")
    else:
        found = f"{len(newest)} machines, newest {max(newest.values()):%Y-%m-%d %H:%M} UTC"
        yield Check("samples", State.GOOD, found)


def letters(ground: Ground) -> Iterator[Check]:
    """Fonts to print with, and the operator's own templates."""
    yield fonts(ground.settings.letters)
    yield from templates(ground.settings.letters)


def notices(ground: Ground) -> Iterator[Check]:
    """What only an operator can do, and the mails that wait or are dead."""
    if ground.register is not None:
        with ground.register.read() as db:
            yield tasks(db)
            yield outbox(db, ground.moment)


def mail(ground: Ground) -> Check:
    if ground.settings.mail is None:
        return Check("mail", State.WARN, "not set", "name the server under `mail:` before notices are sent")
    from notifier.mail import MailError, probe

    try:
        return Check("mail", State.GOOD, probe(ground.settings.mail))
    except MailError as error:
        return Check("mail", State.BAD, said(error), error.advice)


CHECKS: dict[str, Callable[[Ground], Check | Iterator[Check]]] = {
    "policy": policy,
    "register": register,
    "departments": lambda ground: iter(departments(ground.register)),
    "catalog": lambda ground: iter(catalog(ground.register, ground.today)),
    "lake": lake,
    "disk": disk,
    "clock": clock,
    "calendar": years,
    "sources": sources,
    "mail": mail,
    "letters": letters,
    "notices": notices,
    "daemon": lambda ground: daemon(ground.settings.exporter),
}
ADVICE = {
    "policy": "check policy.pack and policy.file in the settings",
    "register": f"do what it says; when it is damaged, {RESTORE}",
    "lake": RESTORE,
    "disk": "check data_dir in the settings",
    "mail": "check mail in the settings",
}
