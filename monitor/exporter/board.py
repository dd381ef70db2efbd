"""The page, kept ready: what is dear to know is rendered when it changed or is due, and served as it is."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from prometheus_client import generate_latest

from monitor.exporter import families
from monitor.exporter.machines import (
    absent,
    inventory_metrics,
    ordered,
    replaced,
    sample_metrics,
    verdict_metrics,
    without,
)
from monitor.exporter.matters import matter_metrics, saving_metrics
from store.database import register_file
from store.lake import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date, datetime

    import pyarrow as pa
    from prometheus_client.core import Metric

    from collectors.collector import Batch
    from monitor.exporter.program import Program
    from monitor.installation import Installation, Now
    from monitor.verdicts import Answer

STALE = 3  # intervals without a sample, or refreshes without success, after which nothing is shown of it
LEAST = timedelta(minutes=5)
SELDOM = 300.0  # seconds between two looks at what is dear to know and changes slowly


class Ready:
    """Metrics that are there already, as the library's renderer wants them."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self.metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self.metrics


def rendered(metrics: Iterable[Metric]) -> bytes:
    return generate_latest(Ready(metrics))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was judged, as of which day, by the settings of then."""

    house: Installation
    answers: Sequence[Answer]
    as_of: date

    def shown(self, machines: Container[str]) -> bytes:
        """The part of the page about these machines' verdicts."""
        answers = [answer for answer in self.answers if answer.verdict.machine in machines]
        return rendered(verdict_metrics(answers, self.as_of, self.house.policy, self.house.settings.zone()))


class Board:
    """Hears what the pipeline does (a Meter), looks into the register at every `refresh`, and has the page.

    The parts about machines are this process's own: a node that does not collect and judge shows none.
    `monotonic`: the clock by which a part gets old.
    """

    def __init__(self, program: Program, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.program = program
        self.monotonic = monotonic
        self.samples = SAMPLES.empty_table()
        self.judgement: Judgement | None = None
        self.drawn: tuple[Judgement, AbstractSet[str]] | None = None
        self.parts: dict[str, bytes] = {}
        self.looked = -SELDOM
        self.good_until = 0.0
        self.lock = Lock()

    def stepped(self, step: str, seconds: float, counts: Mapping[str, int] | None) -> None:
        self.program.stepped(step, seconds, counts, time.time())

    def sampled(self, source: str, batch: Batch, at: datetime) -> None:
        self.program.sampled(source, batch, at)
        with self.lock:
            self.samples = replaced(self.samples, batch.samples)

    def judged(self, house: Installation, answers: Sequence[Answer], as_of: date) -> None:
        """The next refresh shows it."""
        self.judgement = Judgement(house, answers, as_of)

    def forget(self) -> None:
        """Another node collects and judges from now on."""
        with self.lock:
            self.samples = SAMPLES.empty_table()
        self.program.sources([])
        self.judgement = None

    def refresh(self, house: Installation, now: Now) -> None:
        """Looks at the register and the lake; what they raise comes out as it is."""
        began = self.monotonic()
        samples = self.samples
        with house.register.read() as db:
            machines = ordered(db)
            self.parts["matters"] = rendered(matter_metrics(db, house, now))
        self.leave_out(absent(samples, machines))
        stale = max(STALE * house.settings.collection.interval, LEAST)
        self.parts["machines"] = rendered(
            [*inventory_metrics(machines), *sample_metrics(samples, machines, now.moment, stale)]
        )
        self.draw(machines.keys())
        self.look_seldom(house, now, began)
        self.good_until = began + max(STALE * house.settings.exporter.refresh, LEAST).total_seconds()
        self.program.set(families.REFRESHED, now.moment.timestamp())
        self.program.set(families.REFRESH_SECONDS, self.monotonic() - began)

    def leave_out(self, gone: pa.Array) -> None:
        """Forgets the samples of machines that left the inventory."""
        with self.lock:
            self.samples = without(self.samples, gone)

    def draw(self, machines: AbstractSet[str]) -> None:
        """The verdicts are dear to render: anew only after a judgement or a change of the inventory."""
        judgement = self.judgement
        if judgement is None:
            self.parts.pop("verdicts", None)
            self.drawn = None
        elif self.drawn is None or self.drawn[0] is not judgement or self.drawn[1] != machines:
            self.parts["verdicts"] = judgement.shown(machines)
            self.drawn = judgement, machines

    def look_seldom(self, house: Installation, now: Now, began: float) -> None:
        if began - self.looked >= SELDOM:
            with house.register.read() as db:
                self.parts["seldom"] = rendered([*weights(house), *saving_metrics(db, now.today)])
            self.looked = began

    def page(self) -> bytes:
        """The whole page in the text format of Prometheus. What no refresh saw for three of its turns, or
        five minutes if that is more, is left out: the series vanish, they do not stand still.
        """
        city = list(self.parts.values()) if self.monotonic() <= self.good_until else []
        return b"".join([*city, self.program.page()])


def weights(house: Installation) -> Iterable[Metric]:
    """Files and bytes of the lake, bytes of the register."""
    tables = house.lake.weights()
    yield families.LAKE_FILES.of(((name,), files) for name, (files, _size) in tables.items())
    yield families.LAKE_BYTES.of(((name,), size) for name, (_files, size) in tables.items())
    if (file := register_file(house.settings.database_url())) is not None:
        with suppress(OSError):
            yield families.REGISTER_BYTES.of([((), file.stat().st_size)])
