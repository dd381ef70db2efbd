"""The `exporter` source: scrapes the pages of node_exporter and windows_exporter, one machine each."""

from __future__ import annotations

import asyncio
import resource
import zlib
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

from yarl import URL

from collectors.collector import Batch, CollectError, Failure, Reason
from collectors.counters import Reading, Usage, table, usage
from collectors.exposition import read
from collectors.fetch import Client, authorization
from collectors.pages import WANTED, reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from config.sources import ExporterSource, Target

ROWS = 2000  # machines of a batch
PATIENCE = 0.5  # seconds after which a machine that is still silent gives its turn to the next one
PART = 0.8  # of a step, by which the last answer has come or is given up: the next round begins in time
LATE = "its turn did not come within a step; raise concurrency or lower timeout"


@dataclass(frozen=True, slots=True)
class Round:
    """One scrape of every target, while it runs."""

    now: datetime
    started: float  # seconds of the monotonic clock at `now`
    headers: dict[str, str]
    rows: list[tuple[Reading, Usage]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


class ExporterCollector:
    """Lives as long as the daemon: keeps its connections, its event loop and each machine's last counters.

    The first collection has no cpu and no network value. `spread`: the scrapes are spread over it, each
    machine at its own unchanging place, or over less, so that the last one may take its whole `timeout` and
    still ends within the step.
    """

    def __init__(
        self, source: ExporterSource, targets: Sequence[Target], step: int, spread: timedelta = timedelta()
    ) -> None:
        self.source = source
        self.step = step
        self.timeout = min(source.timeout.total_seconds(), PART * step)
        self.spread = max(0.0, min(spread.total_seconds(), PART * step - self.timeout))
        self._runner = asyncio.Runner()
        self._idle = Event()
        self._idle.set()
        self._left = False
        self._round_task: asyncio.Task[Round] | None = None
        self._client: Client | None = None
        self._room = asyncio.Semaphore(source.concurrency)  # for pages asked at once, silent ones included
        self._last: dict[str, Reading] = {}
        self._failed: set[str] = set()
        self.retarget(targets)

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def counts(self) -> bool:
        return True

    def retarget(self, targets: Sequence[Target]) -> None:
        """Scrape these from now on; the counters of machines that stay are kept."""
        query = [("collect[]", name) for name in self.source.collect]
        self._urls = {t.machine: URL(t.url).update_query(query) if query else URL(t.url) for t in targets}
        self._last = {machine: last for machine, last in self._last.items() if machine in self._urls}
        self._failed &= self._urls.keys()

    def collect(self, now: datetime) -> Iterator[Batch]:
        """One scrape of every target, in batches of at most ROWS machines."""
        try:
            headers = authorization(self.source.auth)
        except (OSError, ValueError) as error:
            yield self._nobody_asked(Reason.AUTH, error)
            return
        try:
            found = self._asked(now, headers)
        except OSError as error:  # the CA file
            yield self._nobody_asked(Reason.TLS, error)
            return
        except asyncio.CancelledError:  # it was closed meanwhile
            return
        yield from batches(found, self.step)

    def _asked(self, now: datetime, headers: dict[str, str]) -> Round:
        """Raises CancelledError when the collector is closed by another thread."""
        self._idle.clear()
        try:
            if self._left:
                raise asyncio.CancelledError
            return self._runner.run(self._round(now, headers))
        finally:
            self._idle.set()

    def _nobody_asked(self, reason: Reason, error: Exception) -> Batch:
        failed = CollectError(reason, str(error))
        return Batch(table([], self.step)[0], (Failure(self.name, None, reason, failed.detail),))

    def close(self) -> None:
        """A round that is under way in another thread is left."""
        self._left = True
        if (task := self._round_task) is not None:
            task.get_loop().call_soon_threadsafe(task.cancel)
        self._idle.wait()
        if self._client is not None:
            self._runner.run(self._client.close())
            self._client = None
        self._runner.close()

    async def _round(self, now: datetime, headers: dict[str, str]) -> Round:
        self._round_task = asyncio.current_task()
        if self._left:
            raise asyncio.CancelledError
        if self._client is None:
            keep_alive = len(self._urls) <= spare_files()
            self._client = Client(self.source, self.timeout, keep_alive=keep_alive)
        await asyncio.sleep(0)  # lets the loop see the connections that servers closed since the last round
        self._room = asyncio.Semaphore(max(self.source.concurrency, spare_files()))
        found = Round(now, monotonic(), headers)
        queue = iter(self._ordered())
        async with asyncio.TaskGroup() as scrapes:
            for _ in range(min(self.source.concurrency, len(self._urls))):
                scrapes.create_task(self._work(scrapes, self._client, queue, found))
        return found

    def _ordered(self) -> list[str]:
        """The machines in the order of their places, else those that failed last time at the end."""
        if self.spread:
            return sorted(self._urls, key=self._place)
        return sorted(self._urls, key=self._failed.__contains__)

    def _place(self, machine: str) -> float:
        """Seconds into the round at which this machine has its turn."""
        return zlib.crc32(machine.encode()) / 2**32 * self.spread

    async def _work(
        self, scrapes: asyncio.TaskGroup, client: Client, queue: Iterator[str], found: Round
    ) -> None:
        """Scrapes machine after machine; one that keeps silent goes on beside the next."""
        for machine in queue:
            elapsed = monotonic() - found.started
            if elapsed > self.step:
                found.failures.append(Failure(self.name, machine, Reason.UNREACHED, LATE))
                continue
            if self.spread and (wait := self._place(machine) - elapsed) > 0:
                await asyncio.sleep(wait)
            scrape = scrapes.create_task(self._note(client, machine, found))
            await asyncio.wait({scrape}, timeout=PATIENCE)

    async def _note(self, client: Client, machine: str, found: Round) -> None:
        """One machine's reading, or why there is none."""
        try:
            current = await self._scrape(client, machine, found)
        except CollectError as error:
            found.failures.append(Failure(self.name, machine, error.reason, error.detail))
            self._failed.add(machine)
        else:
            found.rows.append((current, usage(self._last.get(machine), current, self.step)))
            self._last[machine] = current
            self._failed.discard(machine)

    async def _scrape(self, client: Client, machine: str, found: Round) -> Reading:
        """Raises CollectError."""
        async with self._room:
            body = await client.page(self._urls[machine], found.headers)
        clock = monotonic()
        time = found.now + timedelta(seconds=clock - found.started)
        return reading(machine, time, clock, read(body, WANTED))


def batches(found: Round, step: int, size: int = ROWS) -> Iterator[Batch]:
    for start in range(0, max(len(found.rows), len(found.failures)), size):
        samples, invalid = table(found.rows[start : start + size], step)
        yield Batch(samples, tuple(found.failures[start : start + size]), invalid)


def spare_files() -> int:
    """How many connections may stay open between rounds: half of the files that the process may open."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2
