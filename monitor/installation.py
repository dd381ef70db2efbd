"""One installation, opened: its settings, policy, lake and register. The wiring of the house."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import select

from config.settings import load, settings_file
from store.advice import RESTORE
from store.database import Register, StoreError, connect, open_register, shown, sqlite_path, upgrade
from store.tables import Machine

if TYPE_CHECKING:
    from pathlib import Path

    from config.policy import Policy
    from config.settings import Settings
    from store.delta import Lake


@dataclass(frozen=True, slots=True)
class Now:
    """The moment of a run, read from the clock once, its local day, and the day D that it judges as of."""

    moment: datetime
    today: date
    as_of: date


class Installation:
    """Settings, and what they name: the register at once, the policy and the lake when they are first
    asked for.
    """

    def __init__(self, settings: Settings, file: Path | None, register: Register) -> None:
        self.settings = settings
        self.file = file
        self.register = register

    def over(self, register: Register) -> Installation:
        """The same installation, whose register is written to by another right."""
        return self.beside(Installation(self.settings, self.file, register))

    def under(self, settings: Settings) -> Installation:
        """The same register and lake under other settings."""
        return self.beside(Installation(settings, self.file, self.register))

    def beside(self, other: Installation) -> Installation:
        """The other one looks at the same lake."""
        other.lake = self.lake
        return other

    @cached_property
    def policy(self) -> Policy:
        from config.policy import load_policy

        return load_policy(self.settings.policy)

    @cached_property
    def lake(self) -> Lake:
        from store.delta import Lake

        if not (self.settings.lake_dir() / "layout.json").exists():
            self.refuse_lost_lake()
        lake = Lake(self.settings.lake_dir(), self.settings.zone())
        lake.prepare()
        return lake

    def refuse_lost_lake(self) -> None:
        """An empty lake beside a register that knows of measurements would close every finding."""
        with self.register.read() as db:
            measured = db.scalar(select(Machine.name).where(Machine.source.is_not(None)).limit(1))
        if measured is not None:
            raise StoreError(
                f"{measured} was measured, but there are no measurements in {self.settings.lake_dir()}: "
                f"{RESTORE}, or check data_dir in the settings"
            )

    def now(self, as_of: date | None = None) -> Now:
        """Raises FutureDayError for a day that has not begun."""
        now = self.at(datetime.now(UTC))
        if as_of is None:
            return now
        if as_of > now.today:
            raise FutureDayError(f"as of {as_of}: that day has not begun, today is {now.today}")
        return replace(now, as_of=as_of)

    def at(self, moment: datetime) -> Now:
        """A run at that moment, as of its local day."""
        today = moment.astimezone(self.settings.zone()).date()
        return Now(moment, today, today)


class FutureDayError(ValueError):
    """A judgement as of a day that has not begun."""


def open_installation(option: Path | None) -> Installation:
    """The installation of the settings file that counts. Raises ConfigError, StoreError, OSError.

    A register is made the first time; where measurements lie already, a missing one is refused.
    """
    file = settings_file(option)
    return assemble(load(file), file)


def assemble(settings: Settings, file: Path | None) -> Installation:
    first_use(settings)
    return Installation(settings, file, open_register(settings.database_url()))


def first_use(settings: Settings) -> None:
    path = sqlite_path(connect(settings.database_url()))
    if path is None or path.exists():
        return
    refuse_lost_register(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database_url())


def refuse_lost_register(settings: Settings) -> None:
    """Where there is no register: raises StoreError beside measurements, which an empty one would forget,
    and beside what a restore that was cut off left.
    """
    cut_off = sorted(settings.data_dir.glob("*.restored"))
    if cut_off:
        raise StoreError(
            f"a restore was cut off, it left {cut_off[0]}: run `rightsizer restore DIR` again; what was "
            f"there before lies in {settings.data_dir}/replaced-*"
        )
    if (settings.lake_dir() / "layout.json").exists():
        lost = shown(connect(settings.database_url()))
        raise StoreError(
            f"measurements lie in {settings.lake_dir()}, but their register {lost} is missing: "
            f"{RESTORE}, or make an empty one with `rightsizer db upgrade --new`"
        )


def actor() -> str:
    """Who acts: the user of the process, or the person behind sudo. The environment is believed of root
    only.
    """
    uid = os.getuid()
    if uid == 0 and os.environ.get("SUDO_UID", "").isdecimal():
        uid = int(os.environ["SUDO_UID"])
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
