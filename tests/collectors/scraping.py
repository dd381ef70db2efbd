"""One machine's page and one collection of it, for the tests of the `exporter` source."""

from __future__ import annotations

import socket
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from servers import serving, whole

from collectors.exporter import ExporterCollector
from config.sources import ExporterSource

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from servers import Answer, Request

    from collectors.collector import Batch, Reason

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
STEP = 300


def page(busy: float = 100.0, idle: float = 300.0, carried: float = 5000.0, boot: float = 1.7e9) -> bytes:
    """A machine of 1 cpu, 8 GB with 2 GB available, a disk of 100 GB with 20 used and 80 available."""
    return f"""\
# TYPE node_cpu_seconds_total counter
node_cpu_seconds_total{{cpu="0",mode="idle"}} {idle}
node_cpu_seconds_total{{cpu="0",mode="user"}} {busy}
node_memory_MemTotal_bytes 8e9
node_memory_MemAvailable_bytes 2e9
node_filesystem_size_bytes{{device="/dev/vda1",fstype="ext4",mountpoint="/"}} 1e11
node_filesystem_free_bytes{{device="/dev/vda1",fstype="ext4",mountpoint="/"}} 8e10
node_filesystem_avail_bytes{{device="/dev/vda1",fstype="ext4",mountpoint="/"}} 8e10
node_network_receive_bytes_total{{device="eth0"}} {carried}
node_network_transmit_bytes_total{{device="eth0"}} 0
node_boot_time_seconds {boot}
""".encode()


def source(**settings: object) -> ExporterSource:
    given = {"name": "city", "kind": "exporter", "timeout": 0.4, "inventory": {}, **settings}
    return ExporterSource.model_validate(given, context={})


@contextmanager
def collecting(
    urls: list[str], step: int = STEP, spread: float = 0.0, **settings: Any
) -> Iterator[ExporterCollector]:
    targets = [{"machine": f"vm-{number}", "url": url} for number, url in enumerate(urls)]
    chosen = source(targets=targets, **settings)
    with closing(ExporterCollector(chosen, chosen.targets, step, timedelta(seconds=spread))) as collector:
        yield collector


def once(url: str, **settings: Any) -> Batch:
    """One collection of one machine."""
    with collecting([url], **settings) as collector:
        [batch] = collector.collect(NOW)
        return batch


def reason(url: str, **settings: Any) -> tuple[Reason, str]:
    """Why the one machine gave nothing; that it gave nothing is checked."""
    batch = once(url, **settings)
    assert batch.samples.num_rows == 0
    [failure] = batch.failures
    assert (failure.source, failure.machine) == ("city", "vm-0")
    return failure.reason, failure.detail


def closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/metrics"


def pages_in_turn(*bodies: bytes) -> Answer:
    left = list(bodies)

    async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(whole(left.pop(0)))

    return answer


def two_rounds(first: bytes, second: bytes) -> dict[str, Any]:
    """The machine's row of the second of two collections."""
    with serving(pages_in_turn(first, second)) as server, collecting([server.url()]) as collector:
        list(collector.collect(NOW))
        [batch] = collector.collect(NOW)
        row: dict[str, Any] = batch.samples.to_pylist()[0]
        return row
