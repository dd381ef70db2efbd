"""How the service itself is: counted in this process, from its start on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from monitor.exporter import families
from monitor.exporter.families import PREFIX, SERVICE, Family

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from prometheus_client.samples import Sample

    from collectors.collector import Batch

MAILS = ("sent", "later", "dead", "unknown", "pause", "unreachable", "held", "late")
BY_SOURCE = [family for family in SERVICE if "source" in family.labels]
LAG_KEPT = 60.0  # seconds that a late beat is shown: longer than between two scrapes


class Program:
    """The counters and gauges of families.SERVICE, and those of the process."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.metrics = {family.name: made(family, self.registry) for family in SERVICE}
        self.lags: list[tuple[float, float]] = []

    def count(self, family: Family, *labels: str, by: float = 1) -> None:
        metric = self.metrics[family.name]
        (metric.labels(*labels) if labels else metric).inc(by)

    def set(self, family: Family, value: float, *labels: str) -> None:
        metric = self.metrics[family.name]
        if isinstance(metric, Gauge):
            (metric.labels(*labels) if labels else metric).set(value)

    def stepped(self, step: str, seconds: float, counts: Mapping[str, int] | None, now: float) -> None:
        """`now`: Unix seconds. The outcomes of mails are counted beside."""
        self.count(families.STEP_RUNS, step, "failed" if counts is None else "ok")
        self.count(families.STEP_SECONDS, step, by=seconds)
        if counts is None:
            return
        self.set(families.STEP_LAST, now, step)
        for outcome in MAILS if step == "deliver" else ():
            self.count(families.TRIED, outcome, by=counts.get(outcome, 0))

    def sampled(self, source: str, batch: Batch, at: datetime) -> None:
        self.count(families.SOURCE_SAMPLES, source, by=batch.samples.num_rows)
        self.count(families.SOURCE_INVALID, source, by=batch.invalid)
        if batch.samples.num_rows:
            self.set(families.SOURCE_LAST, at.timestamp(), source)
        for failure in batch.failures:
            self.count(families.SOURCE_FAILURES, source, str(failure.reason))

    def sources(self, names: Collection[str]) -> None:
        """These are asked from now on: each has its samples counted, of others no series stays."""
        for family in BY_SOURCE:
            self.keep(family, "source", names)
        for name in names:
            self.count(families.SOURCE_SAMPLES, name, by=0)

    def troubles(self, words: Mapping[str, str]) -> None:
        """What keeps the service from its work now, by what it is about; nothing: it is ready."""
        self.keep(families.TROUBLE, "about", words)
        for about in words:
            self.set(families.TROUBLE, 1, about)
        self.set(families.READY, float(not words))

    def lag(self, seconds: float, now: float) -> None:
        """A beat came so late. `now`: monotonic seconds."""
        self.lags = [(at, late) for at, late in self.lags if now - at < LAG_KEPT]
        self.lags.append((now, seconds))
        self.set(families.LAG, max(late for _at, late in self.lags))

    def keep(self, family: Family, label: str, kept: Collection[str]) -> None:
        """Removes the series whose label has none of these values."""
        metric = self.metrics[family.name]
        shown = {tuple(sample.labels[name] for name in family.labels) for sample in samples(metric)}
        place = family.labels.index(label)
        for values in shown:
            if values[place] not in kept:
                metric.remove(*values)

    def page(self) -> bytes:
        return generate_latest(self.registry)


def samples(metric: Counter | Gauge) -> Iterator[Sample]:
    return (sample for found in metric.collect() for sample in found.samples)


def made(family: Family, registry: CollectorRegistry) -> Counter | Gauge:
    kind = Counter if family.counts else Gauge
    return kind(PREFIX + family.name.removesuffix("_total"), family.help, family.labels, registry=registry)
