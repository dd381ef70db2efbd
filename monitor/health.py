"""What an installation needs and what is missing: each check answers with a state and what to do."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from config.document import ConfigError
from monitor.installation import open_installation
from store.calendar import calendar
from store.database import StoreError
from store.delta import LakeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from monitor.installation import Installation

GIB = 2**30
STALE = timedelta(hours=48)


class State(StrEnum):
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    state: State
    found: str
    advice: str = ""


def examine(option: Path | None) -> Iterator[Check]:
    """Every check in turn; without a usable installation only what can be said without one."""
    try:
        house = open_installation(option)
    except (ConfigError, StoreError, LakeError, OSError) as error:
        yield Check("installation", State.BAD, str(error), "mend this first; the other checks need it")
        yield fonts()
        return
    yield Check("settings", State.GOOD, str(house.file or "defaults"))
    yield Check("register", State.GOOD, str(house.register.engine.url.render_as_string(hide_password=True)))
    yield policy(house)
    yield disk(house)
    yield clock(house)
    yield years(house)
    yield from sources(house)
    yield mail(house)
    yield fonts()


def policy(house: Installation) -> Check:
    found = f"{house.policy.document_number} {house.policy.article}"
    sentence = house.policy.validity(house.now().as_of)
    if sentence is None:
        return Check("policy", State.GOOD, found)
    basis = house.settings.policy.override_basis
    if basis is not None:
        return Check("policy", State.GOOD, f"{sentence}; successor: {basis}")
    return Check("policy", State.WARN, sentence, "name the successor document in policy.override_basis")


def disk(house: Installation) -> Check:
    free = shutil.disk_usage(house.settings.data_dir).free / GIB
    found = f"{free:.1f} GiB free in {house.settings.data_dir}"
    if free < 1:
        return Check("disk", State.BAD, found, "make room: at least 1 GiB")
    return Check(
        "disk", State.WARN if free < 10 else State.GOOD, found, "" if free >= 10 else "plan for more room"
    )


def clock(house: Installation) -> Check:
    """No sample may be newer than now: a clock that was set back judges the wrong days."""
    now = house.now().moment
    newest = max(house.lake.newest().values(), default=None)
    if newest is not None and newest > now + timedelta(minutes=5):
        return Check(
            "clock",
            State.BAD,
            f"the newest sample is of {newest:%Y-%m-%d %H:%M} UTC, after now ({now:%H:%M})",
            "check the clock of this machine (timedatectl)",
        )
    return Check("clock", State.GOOD, f"{now:%Y-%m-%d %H:%M:%S} UTC")


def years(house: Installation) -> Check:
    with house.register.read() as db:
        known = calendar(db)
    today = house.now().as_of
    found = f"known until {known.known_until}"
    if known.add(today, 15).on is None:
        return Check(
            "calendar", State.BAD, found, "import the next year: rightsizer calendar import YEAR.json"
        )
    if known.may_change(today.replace(month=12)) and today.month >= 11:
        advice = "the next year is announced in November: rightsizer calendar import YEAR.json"
        return Check("calendar", State.WARN, found, advice)
    return Check("calendar", State.GOOD, found)


def sources(house: Installation) -> Iterator[Check]:
    if not house.settings.sources:
        yield Check(
            "sources", State.WARN, "none", "name them under `sources:`, or import files with `usage import`"
        )
        return
    yield Check("sources", State.GOOD, ", ".join(source.name for source in house.settings.sources))
    now, newest = house.now().moment, house.lake.newest()
    silent = sorted(machine for machine, seen in newest.items() if now - seen > STALE)
    if not newest:
        yield Check("samples", State.WARN, "none yet", "rightsizer collect")
    elif silent:
        yield Check(
            "samples",
            State.WARN,
            f"{len(silent)} machines silent for 48 h, such as {silent[0]}",
            "rightsizer collect names the reason",
        )
    else:
        yield Check(
            "samples", State.GOOD, f"{len(newest)} machines, newest {max(newest.values()):%Y-%m-%d %H:%M} UTC"
        )


def mail(house: Installation) -> Check:
    if house.settings.mail is None:
        return Check("mail", State.WARN, "not set", "name the server under `mail:` before notices are sent")
    from notifier.mail import MailError, probe

    try:
        return Check("mail", State.GOOD, probe(house.settings.mail))
    except MailError as error:
        return Check("mail", State.BAD, str(error), error.advice)


def fonts() -> Check:
    """A Chinese font, without which a letter cannot be printed."""
    advice = "apt-get install fonts-noto-cjk"
    lister = shutil.which("fc-list")
    if lister is None:
        return Check("fonts", State.WARN, "fontconfig is not installed", advice)
    listed = subprocess.run(  # noqa: S603  (fontconfig's own lister, fixed arguments)
        [lister, ":lang=zh-cn", "family"], capture_output=True, text=True, timeout=30, check=False
    )
    families = sorted({line.split(",")[0].strip() for line in listed.stdout.splitlines() if line.strip()})
    if not families:
        return Check("fonts", State.WARN, "no Chinese font", advice)
    return Check("fonts", State.GOOD, ", ".join(families[:3]))
