"""Samples out of a Prometheus-compatible server, slice by slice of time, from where the last run ended.

A slice is asked with one range query per resource. All of them are answered, or nothing of the slice is kept
and the later slices wait for the next run: what is stored up to `known_until` is whole.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from collectors.collector import Batch, CollectError, Failure, Reason
from collectors.prometheus_answer import Answer, Span, TooMuchError
from collectors.prometheus_api import Client
from collectors.prometheus_rows import Naming, rows
from store.lake import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from config.sources import PrometheusSource

FIRST = 10  # points of the first slice: its answer tells how many series there are
GROWTH = 8  # a slice has at most this many times the points of the one before
VALUES = 500_000  # of one answer, about: 17 MB of JSON, some 100 MB while it is read


class PrometheusCollector:
    """One server. `known_until`: the newest sample stored from it; None before the first.

    `machines`: alias -> machine, as the inventory has them (addresses, host names).
    """

    def __init__(
        self,
        source: PrometheusSource,
        step: int,
        known_until: datetime | None,
        machines: Mapping[str, str],
    ) -> None:
        self.source = source
        self.step = int(source.step.total_seconds()) if source.step else step
        self.known_until = known_until
        self.naming = Naming.of(source, machines)
        self.queries = filled(source, self.step)

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def counts(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing stays open between two collections."""

    def rename(self, machines: Mapping[str, str]) -> None:
        """The inventory's aliases changed."""
        self.naming = Naming.of(self.source, machines)

    def collect(self, now: datetime) -> Iterator[Batch]:
        """A batch a slice. A slice that fails is the last: it is asked again next time, with all after it.

        `known_until` moves on when the caller takes the next batch, that is after it has stored the last one.
        """
        start, end = self.bounds(now)
        if start > end:
            return
        with asyncio.Runner() as runner:
            try:
                client = runner.run(connect(self.source))
            except CollectError as error:
                yield self.failed(error)
                return
            try:
                yield from self.slices(runner, client, start, end)
            finally:
                runner.run(client.close())

    def bounds(self, now: datetime) -> tuple[int, int]:
        """First and last time to ask for: multiples of the step, so that all runs ask for the same times."""
        oldest = int((now - self.source.history).timestamp())
        after = oldest if self.known_until is None else max(oldest, int(self.known_until.timestamp()))
        newest = int((now - self.source.delay).timestamp())
        return (after // self.step + 1) * self.step, newest // self.step * self.step

    def slices(self, runner: asyncio.Runner, client: Client, start: int, end: int) -> Iterator[Batch]:
        size = FIRST
        while start <= end:
            span = Span(start, self.step, min(size, (end - start) // self.step + 1))
            try:
                answers = runner.run(ask(client, self.queries, span))
                batch = rows(answers, span, self.naming, self.name)
            except TooMuchError as error:
                if span.points == 1:
                    yield self.failed(error)
                    return
                size = max(1, span.points // GROWTH)
                continue
            except CollectError as error:
                yield self.failed(error)
                return
            yield from self.taken(batch, last=span.end == end)
            start = span.end + self.step
            size = self.next_size(span, answers)

    def taken(self, batch: Batch, *, last: bool) -> Iterator[Batch]:
        """The batch; once it is stored `known_until` moves. An empty slice moves nothing: it may fill yet."""
        if batch.samples.num_rows == 0 and not batch.failures and last:
            none = Failure(self.name, None, Reason.NO_DATA, "no series at all; check preset and selector")
            batch = Batch(batch.samples, (none,), batch.invalid)
        yield batch
        if batch.samples.num_rows:
            newest = pc.max(batch.samples["time"]).as_py()
            self.known_until = max(newest, self.known_until or newest)

    def next_size(self, span: Span, answers: Mapping[str, Answer]) -> int:
        most = max(len(answer.labels) for answer in answers.values())
        return max(1, min(self.source.max_points, span.points * GROWTH, VALUES // max(most, 1)))

    def failed(self, error: CollectError) -> Batch:
        return Batch(SAMPLES.empty_table(), (Failure(self.name, None, error.reason, error.detail),))


def filled(source: PrometheusSource, step: int) -> dict[str, str]:
    """Resource -> PromQL as it is sent. A rate needs two scrapes in its window, else one step wide."""
    window = max(step, 2 * int(source.scrape_interval.total_seconds()))
    return {
        resource: promql.replace("$selector", source.selector).replace("$window", f"{window}s")
        for resource, promql in source.promql().items()
    }


async def connect(source: PrometheusSource) -> Client:
    return Client(source)  # a session of aiohttp belongs to the loop in which it is made


async def ask(client: Client, queries: Mapping[str, str], span: Span) -> dict[str, Answer]:
    """Resource -> answer. Raises CollectError, the first one, when any query fails."""
    tasks = [asyncio.create_task(client.query_range(promql, span)) for promql in queries.values()]
    try:
        return dict(zip(queries, await asyncio.gather(*tasks), strict=True))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
