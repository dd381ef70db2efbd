"""The collectors that the settings name, wired to the inventory."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from config.sources import ExporterSource, HostSource, Target
from monitor.gather import gather
from store.tables import Machine, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from collectors.collector import Collector
    from config.sources import AnySource
    from monitor.installation import Installation, Now


def collectors(
    house: Installation, only: Sequence[str] = (), spread: timedelta = timedelta()
) -> list[Collector]:
    """One collector a source of the settings (or of those named in `only`). Raises LookupError on an unknown
    name.
    """
    names = [source.name for source in house.settings.sources]
    wrong = [name for name in only if name not in names]
    if wrong:
        raise UnknownSourceError(wrong[0], names)
    return [
        collector(house, source, spread)
        for source in house.settings.sources
        if not only or source.name in only
    ]


@contextmanager
def opened(
    house: Installation, only: Sequence[str] = (), spread: timedelta = timedelta()
) -> Iterator[list[Collector]]:
    """The collectors, closed at the end."""
    found = collectors(house, only, spread)
    try:
        yield found
    finally:
        for collector in found:
            collector.close()


@dataclass(frozen=True, slots=True)
class Followed:
    """A collector of the daemon, and the settings that it was made of."""

    source: AnySource
    interval: timedelta
    collector: Collector


def followed(house: Installation, found: Sequence[Followed], spread: timedelta) -> list[Followed]:
    """What the settings name now: collectors whose settings are the same go on, the others are closed."""
    interval, wanted = house.settings.collection.interval, house.settings.sources
    kept = {one.source.name: one for one in found if one.interval == interval and one.source in wanted}
    for one in found:
        if kept.get(one.source.name) is not one:
            one.collector.close()
    return [
        kept.get(source.name) or Followed(source, interval, collector(house, source, spread))
        for source in wanted
    ]


class UnknownSourceError(LookupError):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"no source {name!r} in the settings; known: {', '.join(known) or 'none'}")


def collector(house: Installation, source: AnySource, spread: timedelta) -> Collector:
    step = int(house.settings.collection.interval.total_seconds())
    if isinstance(source, ExporterSource):
        from collectors.exporter import ExporterCollector

        return ExporterCollector(source, targets(house, source), step, spread=spread)
    if isinstance(source, HostSource):
        from collectors.host import HostCollector

        return HostCollector(source, step)
    from collectors.prometheus import PrometheusCollector

    return PrometheusCollector(source, step, known_until(house, source.name), aliases(house))


def known_until(house: Installation, source: str) -> datetime | None:
    """The newest sample that this source delivered: from there on it is asked."""
    with house.register.read() as db:
        row = db.get(Source, source)
    return row.newest if row is not None else None


def first_reading(found: Sequence[Collector], now: Now, pause: float) -> None:
    """Reads the sources that count since their start, and waits: their use is what happens until the next
    reading.
    """
    counting = [collector for collector in found if collector.counts]
    for _collector, _batch in gather(counting, now.moment):
        pass
    if counting:
        time.sleep(pause)


def refresh(house: Installation, found: Sequence[Collector]) -> None:
    """Tells collectors of machines that came into the inventory or left it; counters are kept."""
    from collectors.exporter import ExporterCollector
    from collectors.prometheus import PrometheusCollector

    for collector in found:
        if isinstance(collector, ExporterCollector) and collector.source.inventory is not None:
            collector.retarget(targets(house, collector.source))
        elif isinstance(collector, PrometheusCollector):
            collector.rename(aliases(house))


def targets(house: Installation, source: ExporterSource) -> list[Target]:
    """The targets that the settings list, and every machine of the inventory with an address when it is asked
    for.
    """
    listed = {target.machine: target for target in source.targets}
    if source.inventory is not None:
        where = source.inventory
        for machine, address in addresses(house).items():
            host = f"[{address}]" if ":" in address else address
            url = f"{where.scheme}://{host}:{where.port}{where.path}"
            listed.setdefault(machine, Target(machine=machine, url=url))
    return list(listed.values())


def addresses(house: Installation) -> dict[str, str]:
    """Machine -> address. A released one is not asked any more: its address may be another's by now."""
    known = select(Machine.name, Machine.address).where(
        Machine.address.is_not(None), Machine.released_on.is_(None)
    )
    with house.register.read() as db:
        rows = db.execute(known).all()
    return {machine: str(address) for machine, address in rows}


def aliases(house: Installation) -> dict[str, str]:
    """Address -> machine: a server that names machines by address is understood."""
    return {address: machine for machine, address in addresses(house).items()}
