"""Three ways to one truth: own scrapes, Prometheus and VictoriaMetrics agree on the day of a machine.

Two machines: one whose counters are computed from the clock, so that the truth is known; and this one, by a
real node_exporter, with all cpus at work (under a steady load it does not matter where a window begins).
"""

from __future__ import annotations

import math
import os
import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from components import get, prometheus_on, push

from collectors.exporter import ExporterCollector
from collectors.prometheus import PrometheusCollector
from config.sources import ExporterSource, PrometheusSource
from rules.fold import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

STEP = 2
SECONDS = 14
AGO = timedelta(hours=1)  # pushed pages are dated back: VictoriaMetrics hides the last 30 seconds
GIB = 1 << 30
SLOW = 600.0  # seconds of a wave of use: 0.1 points a second at most, so that no edge of a window matters


def in_use(moment: float) -> float:
    """Share of cpu time in use at `moment`, around 0.4."""
    return 0.4 + 0.1 * math.sin(2 * math.pi * moment / SLOW)


def used_seconds(since: float, moment: float) -> float:
    """The integral of `in_use` from `since` to `moment`."""
    wave = math.cos(2 * math.pi * since / SLOW) - math.cos(2 * math.pi * moment / SLOW)
    return 0.4 * (moment - since) + 0.1 * wave * SLOW / (2 * math.pi)


def simulated_page(since: float, moment: float) -> str:
    """Two cpus, 8 GiB with three quarters available, 100 GB of disk, half full, 10 GB for root alone."""
    used = used_seconds(since, moment)
    idle = moment - since - used
    modes = {"user": 0.6 * used, "system": 0.2 * used, "steal": 0.2 * used, "guest": 0.3 * used}
    modes |= {"idle": 0.8 * idle, "iowait": 0.2 * idle}
    lines = [
        f'node_cpu_seconds_total{{cpu="{cpu}",mode="{mode}"}} {seconds:.6f}'
        for cpu in (0, 1)
        for mode, seconds in modes.items()
    ]
    lines += [f"node_memory_MemTotal_bytes {8 * GIB}", f"node_memory_MemAvailable_bytes {6 * GIB}"]
    disks = {"size": 100e9, "free": 50e9, "avail": 40e9}
    for mountpoint in ("/", "/bound"):
        labels = f'{{device="/dev/vda1",fstype="ext4",mountpoint="{mountpoint}"}}'
        lines += [f"node_filesystem_{name}_bytes{labels} {size:.0f}" for name, size in disks.items()]
    for device, speed in (("eth0", 3000), ("lo", 9e6)):
        for direction in ("receive", "transmit"):
            moved = speed * (moment - since)
            lines.append(f'node_network_{direction}_bytes_total{{device="{device}"}} {moved:.0f}')
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def simulated_machine() -> Iterator[str]:
    """URL of a page whose counters move with the clock."""
    since = time.time() - 1000

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = simulated_page(since, time.time()).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing to the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/metrics"
    server.shutdown()
    server.server_close()


@contextmanager
def every_cpu_at_work() -> Iterator[None]:
    """A busy loop on each cpu, of the lowest priority."""
    command = ["nice", "-n", "19", "python3", "-c", "while True: pass"]
    workers = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for worker in workers:
            worker.kill()
            worker.wait(10)


def own_scrapes(pages: dict[str, str], victoria: str) -> pa.Table:
    """Our samples, a scrape every STEP seconds; meanwhile each second's pages are pushed, dated back."""
    targets = [{"machine": machine, "url": url} for machine, url in pages.items()]
    given = {"kind": "exporter", "name": "own", "targets": targets}
    source = ExporterSource.model_validate(given)
    collector = ExporterCollector(source, source.targets, STEP)
    first = math.ceil(time.time() / STEP) * STEP
    tables = []
    for second in range(first, first + SECONDS + 1):
        time.sleep(max(0.0, second - time.time()))
        if second % STEP == 0:
            for batch in collector.collect(datetime.now(UTC)):
                assert batch.failures == ()
                tables.append(batch.samples)
        for machine, url in pages.items():
            moment = int(time.time() * 1000) - int(AGO.total_seconds() * 1000)
            push(victoria, get(url).decode(), moment, instance=machine, job="pushed")
    collector.close()
    return pa.concat_tables(tables)


def served_samples(url: str, end: datetime, job: str, machines: dict[str, str]) -> pa.Table:
    """What the server knows of the last SECONDS before `end`."""
    given = {
        "kind": "prometheus",
        "name": "served",
        "url": url,
        "selector": f'job="{job}"',
        "delay": "0s",
        "history": f"{SECONDS}s",
        "scrape_interval": "1s",
        "machine_pattern": "(.+)",  # with the port: both machines of this test have one address
    }
    collector = PrometheusCollector(PrometheusSource.model_validate(given), STEP, None, machines)
    batches = list(collector.collect(end))
    assert [failure for batch in batches for failure in batch.failures] == []
    return pa.concat_tables([batch.samples for batch in batches])


def noon(moment: datetime) -> tuple[ZoneInfo, date]:
    """A zone in which it is about noon, so that no day ends while the test runs."""
    zone = ZoneInfo(f"Etc/GMT{moment.hour - 12:+d}")
    return zone, moment.astimezone(zone).date()


def day_rows(samples: pa.Table, moment: datetime) -> dict[str, dict[str, Any]]:
    zone, day = noon(moment)
    return {row["machine"]: row for row in fold(samples, day, zone).to_pylist()}


def test_own_scrapes_prometheus_and_victoria_give_the_same_day(
    node_exporter: str, simulated_machine: str, victoria: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pages = {"this": node_exporter, "simulated": simulated_machine}
    addresses = {urlsplit(url).netloc: machine for machine, url in pages.items()}
    folder = tmp_path_factory.mktemp("three_ways") / "data"
    with prometheus_on(folder, *addresses) as prometheus, every_cpu_at_work():
        time.sleep(2)  # the load is steady and Prometheus has scraped
        own = own_scrapes(pages, victoria)
        end = datetime.now(UTC)
        time.sleep(1)  # Prometheus has scraped once more
        scraped = served_samples(prometheus, end, "node", addresses)
    pushed = served_samples(victoria, end - AGO, "pushed", {})

    ways = {
        name: day_rows(table, end) for name, table in (("own", own), ("scraped", scraped), ("pushed", pushed))
    }
    for machine in pages:
        ours = ways["own"][machine]
        for way in ("scraped", "pushed"):
            theirs = ways[way][machine]
            for resource in ("cpu_mean", "memory_mean", "disk_last", "disk_max"):
                assert theirs[resource] == pytest.approx(ours[resource], abs=0.5), (machine, way, resource)
            for resource in ("vcpus", "memory_bytes", "disk_bytes"):
                assert theirs[resource] == pytest.approx(ours[resource], rel=0.005), (machine, way, resource)
            assert theirs["cpu_known"] >= SECONDS / STEP - 2, (machine, way)
        assert ours["cpu_known"] >= SECONDS / STEP - 2

    # All cpus are at work; others may sleep for a moment between two busy loops.
    assert ways["own"]["this"]["cpu_mean"] > 90
    # The truth: 0.4 +- 0.1 in use, of 8 GiB 6 are left, 50 GB used and 40 left, 3000 B/s each way.
    truth = ways["own"]["simulated"]
    middle = 100 * in_use(end.timestamp() - SECONDS / 2)
    assert truth["cpu_mean"] == pytest.approx(middle, abs=0.5)
    assert truth["memory_mean"] == pytest.approx(25)
    assert truth["disk_last"] == pytest.approx(100 * 50 / 90, abs=0.01)
    # (Two scrapes a second apart make a rate: a page that is 50 ms late makes 5 %; of a quotient it cancels.)
    assert {way: rows["simulated"]["network_mean"] for way, rows in ways.items()} == pytest.approx(
        {"own": 6000, "scraped": 6000, "pushed": 6000}, rel=0.15
    )
    assert (truth["vcpus"], truth["memory_bytes"], truth["disk_bytes"]) == (2, 8 * GIB, 100e9)
