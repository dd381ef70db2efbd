"""One installation, opened: its settings, policy, lake and register. The wiring of the house."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from config.settings import load, settings_file
from store.database import Register, StoreError, connect, open_register, sqlite_path, upgrade

if TYPE_CHECKING:
    from pathlib import Path

    from config.policy import Policy
    from config.settings import Settings
    from store.delta import Lake


@dataclass(frozen=True, slots=True)
class Now:
    """The moment of a run, read from the clock once, and the day D that it judges as of."""

    moment: datetime
    as_of: date


class Installation:
    """Settings, and what they name: the register at once, the policy and the lake when they are first
    asked for.
    """

    def __init__(self, settings: Settings, file: Path | None, register: Register) -> None:
        self.settings = settings
        self.file = file
        self.register = register

    @cached_property
    def policy(self) -> Policy:
        from config.policy import load_policy

        return load_policy(self.settings.policy)

    @cached_property
    def lake(self) -> Lake:
        from store.delta import Lake

        lake = Lake(self.settings.lake_dir(), self.settings.zone())
        lake.prepare()
        return lake

    def now(self, as_of: date | None = None) -> Now:
        """Raises FutureDayError for a day that has not begun."""
        moment = datetime.now(UTC)
        today = moment.astimezone(self.settings.zone()).date()
        if as_of is not None and as_of > today:
            raise FutureDayError(f"as of {as_of}: that day has not begun, today is {today}")
        return Now(moment, as_of or today)


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
    if settings.lake_dir().exists():
        raise StoreError(
            f"measurements lie in {settings.lake_dir()}, but their register {path} is missing: "
            "restore it from a backup, or make an empty one with `rightsizer db upgrade`"
        )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database_url())


def actor() -> str:
    """Who acts: the person behind sudo, else the user of the process."""
    return os.environ.get("SUDO_USER") or getpass.getuser()
