"""The exporters of the simulated city: one HTTP server on a loopback port, a page for each machine.

They misbehave as real ones do: some never answer, some only every other time, some slowly.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from threading import Thread
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor.demo.behaviours import Answer
from monitor.demo.meter import Meter
from monitor.demo.pages import template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from monitor.demo.city import City

SHANGHAI = ZoneInfo("Asia/Shanghai")
SLOWNESS = 1.5  # s before a slow exporter answers
START = 30.0  # s to wait for the server's port
BACKLOG = 4096
FOUND = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
)
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Opened:
    """A server that listens; `stop` may be called from any thread."""

    port: int
    stop: Callable[[], object]


class Fleet:
    """All exporters of a city behind one door. `clock` gives the time (aware) that they live in."""

    def __init__(self, city: City, clock: Callable[[], datetime], zone: ZoneInfo, *, full: bool) -> None:
        self.city, self.clock, self.full = city, clock, full
        self.meter = Meter(city, zone, clock())
        self.places = {f"/m/{machine.name}/metrics".encode(): n for n, machine in enumerate(city.machines)}
        self.turns = [count() for _ in city.machines]

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after the other, until either side closes it."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                answer = await self.answer(head)
                if answer is None:
                    writer.transport.abort()
                    return
                writer.write(answer)
                await writer.drain()
                if b"connection: close" in head.lower():
                    return
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        except asyncio.CancelledError:  # the server stops; streams of Python 3.11 would report it as a fault
            return
        finally:
            writer.close()

    async def answer(self, head: bytes) -> bytes | None:
        """The response to a request; None from a machine that is silent."""
        parts = head.split(b" ", 2)
        known = len(parts) == 3 and parts[0] == b"GET"
        place = self.places.get(parts[1].partition(b"?")[0]) if known else None
        if place is None:
            return NOT_FOUND
        manner, turn = self.city.machines[place].answer, next(self.turns[place])
        if manner is Answer.NEVER:
            return None
        if (manner is Answer.HALF and turn % 2) or (manner is Answer.MOSTLY and turn % 7 == 6):
            return UNAVAILABLE
        if manner is Answer.SLOWLY:
            await asyncio.sleep(SLOWNESS)
        page = self.page(place)
        return FOUND % len(page) + page

    def page(self, place: int) -> bytes:
        machine = self.city.machines[place]
        form = template(machine.vcpus, memory=machine.behaviour.memory_reported, full=self.full)
        return form.page(machine.name, self.meter.state(place, self.clock()))


@contextmanager
def exporters(
    city: City, clock: Callable[[], datetime], *, zone: ZoneInfo = SHANGHAI, full: bool = False
) -> Iterator[list[tuple[str, str]]]:
    """(machine, url) of every machine's exporter while the context lasts; they run in a thread of their own.

    `full` pages have every default collector (57 kB and more). Raises ValueError when the clock is before the
    city's today, OSError when no port is free.
    """
    fleet = Fleet(city, clock, zone, full=full)
    opened: Future[Opened] = Future()
    thread = Thread(target=asyncio.run, args=(served(fleet, opened),), name="exporters", daemon=True)
    thread.start()
    server = opened.result(START)
    try:
        door = f"http://127.0.0.1:{server.port}"
        yield [(machine.name, f"{door}/m/{machine.name}/metrics") for machine in city.machines]
    finally:
        server.stop()
        thread.join(START)


async def served(fleet: Fleet, opened: Future[Opened]) -> None:
    """Serve until stopped. Connections that are open then end with the loop."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    try:
        server = await asyncio.start_server(fleet.connection, "127.0.0.1", 0, backlog=BACKLOG)
    except OSError as error:
        opened.set_exception(error)
        return
    stop = partial(loop.call_soon_threadsafe, stopped.set)
    opened.set_result(Opened(server.sockets[0].getsockname()[1], stop))
    await stopped.wait()
    server.close()
