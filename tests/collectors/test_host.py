"""The `host` source on this very machine, held against df, /proc and node_exporter."""

from __future__ import annotations

import os
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from collectors.host import HostCollector, mounted, reading
from config.sources import HostSource
from store.lake import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
STEP = 5


def host() -> HostCollector:
    return HostCollector(HostSource(kind="host", name="self", machine="here"), STEP)


def collected(collector: HostCollector, now: datetime) -> dict[str, Any]:
    (batch,) = collector.collect(now)
    assert batch.failures == ()
    assert batch.samples.schema == SAMPLES
    (row,) = batch.samples.to_pylist()
    return dict(row)


@pytest.fixture
def load() -> Iterator[None]:
    """One cpu at work."""
    worker = subprocess.Popen(["python3", "-c", "while True: pass"])
    yield
    worker.kill()
    worker.wait(10)


def test_the_first_collection_has_no_rates_and_all_the_rest() -> None:
    row = collected(host(), NOW)

    assert (row["machine"], row["time"], row["step"]) == ("here", NOW, STEP)
    assert row["cpu"] is None
    assert row["network"] is None
    assert 0 < row["memory"] < 100


@pytest.mark.usefixtures("load")
def test_work_between_two_collections_is_seen() -> None:
    """A busy loop on one of N cpus: at least half of 100/N percent, whatever else this machine does."""
    collector = host()
    collected(collector, NOW)
    time.sleep(1)
    row = collected(collector, NOW + timedelta(seconds=1))

    assert row["cpu"] >= 0.5 * 100 / (os.cpu_count() or 1)
    assert row["cpu"] <= 100
    assert row["network"] >= 0


def test_capacities_are_those_of_proc() -> None:
    row = collected(host(), NOW)
    total = next(
        line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal")
    )
    cpus = [
        line
        for line in Path("/proc/stat").read_text().splitlines()
        if line[:3] == "cpu" and line[3].isdigit()
    ]

    assert row["memory_bytes"] == int(total.split()[1]) * 1024
    assert row["vcpus"] == len(cpus)


def test_disk_is_what_df_says_of_the_real_file_systems() -> None:
    df = subprocess.run(
        ["df", "-B1", "--output=source,size,used,avail"], check=False, capture_output=True, text=True
    ).stdout
    devices = {one.device for one in mounted()}
    told: dict[str, tuple[int, int, int]] = {}
    for line in df.splitlines()[1:]:
        source, *sizes = line.split()
        if source in devices:
            told[source] = (int(sizes[0]), int(sizes[1]), int(sizes[2]))
    if not told:
        pytest.skip("this machine has no real file system in sight")

    row = collected(host(), NOW)
    used, left = sum(one[1] for one in told.values()), sum(one[2] for one in told.values())
    assert row["disk"] == pytest.approx(100 * used / (used + left), abs=0.1)
    assert row["disk_bytes"] == sum(one[0] for one in told.values())


def test_guest_time_is_read_apart_so_that_it_is_not_counted_twice() -> None:
    modes = {mode for _, mode in reading("here", NOW).cpu}

    assert {"user", "nice", "idle", "iowait", "steal", "guest", "guest_nice"} <= modes


def test_loopback_traffic_is_no_traffic() -> None:
    assert "lo" not in reading("here", NOW).received


def test_two_collections_too_far_apart_give_no_rate() -> None:
    """With a step of one second readings may lie 2.5 seconds apart."""
    collector = HostCollector(HostSource(kind="host", name="self", machine="here"), 1)
    collected(collector, NOW)
    time.sleep(2.6)
    row = collected(collector, NOW + timedelta(seconds=3))

    assert row["cpu"] is None
