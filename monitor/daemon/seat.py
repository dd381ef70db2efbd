"""The installation in force. A reload reads everything anew, and swaps it whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from config.settings import load
from monitor.exporter import families

if TYPE_CHECKING:
    from config.settings import Settings
    from monitor.daemon.leading import Leading
    from monitor.exporter.program import Program
    from monitor.installation import Installation

log = structlog.get_logger()
FIXED = ("data_dir", "timezone", "database", "exporter")  # what a running process cannot change


class FixedError(ValueError):
    """Settings that a running process cannot take."""


def changed(old: Settings, new: Settings) -> list[str]:
    """The sections that differ."""
    return [name for name in type(new).model_fields if getattr(old, name) != getattr(new, name)]


class Seat:
    """`house` writes as anybody may; `leader` writes only while this node leads. `refused`: why the last
    reload was.
    """

    def __init__(self, house: Installation, leading: Leading, program: Program) -> None:
        self.leading = leading
        self.program = program
        self.refused: str | None = None
        self.house = house
        self.leader = self.led(house)

    def led(self, house: Installation) -> Installation:
        return house.over(house.register.fenced(self.leading.fence))

    def reload(self) -> None:
        """Puts the file as it is now in force. What is wrong is logged, and the old settings stay."""
        try:
            house = self.renewed(load(self.house.file))
        except (OSError, ValueError, LookupError) as error:
            self.refused = str(error)
            log.error("reload_refused", reason=self.refused)  # noqa: TRY400  the place in the file is said
            self.program.set(families.RELOADED, 0)
            return
        log.info("reloaded", file=str(house.file), changed=changed(self.house.settings, house.settings))
        self.house, self.leader, self.refused = house, self.led(house), None
        self.noted(house)

    def renewed(self, settings: Settings) -> Installation:
        """The same register and lake under these settings. Raises FixedError, ConfigError, OSError."""
        old = self.house.settings
        wrong = [name for name in FIXED if getattr(settings, name) != getattr(old, name)]
        if wrong:
            raise FixedError(f"{', '.join(wrong)} cannot change while the service runs: restart it")
        if not settings.sources:
            raise FixedError("the settings name no source: is the file whole? add one under `sources:`")
        house = self.house.under(settings)
        _ = house.policy
        return house

    def noted(self, house: Installation) -> None:
        interval = house.settings.collection.interval.total_seconds()
        self.program.set(families.COLLECTION_INTERVAL, interval)
        self.program.set(families.RELOADED, 1)
        self.program.set(families.RELOADED_AT, house.now().moment.timestamp())
