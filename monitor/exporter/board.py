"""The page, kept ready: what is dear to know is rendered when it changed or is due, and served as it is."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from prometheus_client import generate_latest

from monitor.exporter import families
from monitor.exporter.machines import inventory_metrics, ordered, replaced, sample_metrics, verdict_metrics
from monitor.exporter.matters import matter_metrics, saving_metrics
from store.database import register_file
from store.lake import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from prometheus_client.core import Metric

    from collectors.collector import Batch
    from monitor.exporter.program import Program
    from monitor.installation import Installation, Now
    from monitor.verdicts import Answer

STALE = 3  # steps without a sample after which a machine shows no use any more
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


class Board:
    """Hears what the pipeline does (a Meter), looks into the register at every `refresh`, and has the page.

    The parts about machines are this process's own: a node that does not collect and judge shows none.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.samples = SAMPLES.empty_table()
        self.parts: dict[str, bytes] = {}
        self.looked = -SELDOM
        self.lock = Lock()

    def stepped(self, step: str, seconds: float, counts: Mapping[str, int] | None) -> None:
        self.program.stepped(step, seconds, counts, time.time())

    def sampled(self, source: str, batch: Batch, at: datetime) -> None:
        self.program.sampled(source, batch, at)
        with self.lock:
            self.samples = replaced(self.samples, batch.samples)

    def judged(self, house: Installation, answers: Sequence[Answer], as_of: date) -> None:
        self.parts["verdicts"] = rendered(
            verdict_metrics(answers, as_of, house.policy, house.settings.zone())
        )

    def forget(self) -> None:
        """Another node collects and judges from now on."""
        with self.lock:
            self.samples = SAMPLES.empty_table()
        self.parts.pop("verdicts", None)

    def refresh(self, house: Installation, now: Now) -> None:
        """Looks at the register and the lake; what they raise comes out as it is."""
        began = time.monotonic()
        stale = max(STALE * house.settings.collection.interval, LEAST)
        with house.register.read() as db:
            machines = ordered(db)
            self.parts["matters"] = rendered(matter_metrics(db, house, now))
        with self.lock:
            samples = self.samples
        self.parts["machines"] = rendered(
            [*inventory_metrics(machines), *sample_metrics(samples, machines, now.moment, stale)]
        )
        if began - self.looked >= SELDOM:
            with house.register.read() as db:
                self.parts["seldom"] = rendered([*weights(house), *saving_metrics(db, now.today)])
            self.looked = began
        self.program.set(families.REFRESHED, now.moment.timestamp())
        self.program.set(families.REFRESH_SECONDS, time.monotonic() - began)

    def page(self) -> bytes:
        """The whole page in the text format of Prometheus."""
        return b"".join([*list(self.parts.values()), self.program.page()])


def weights(house: Installation) -> Iterable[Metric]:
    """Files and bytes of the lake, bytes of the register."""
    tables = house.lake.weights()
    yield families.LAKE_FILES.of(((name,), files) for name, (files, _size) in tables.items())
    yield families.LAKE_BYTES.of(((name,), size) for name, (_files, size) in tables.items())
    if (file := register_file(house.settings.database_url())) is not None:
        with suppress(OSError):
            yield families.REGISTER_BYTES.of([((), file.stat().st_size)])
