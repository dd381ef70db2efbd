"""The presets answer as defined: by hand for each exporter, and as our own reading of real pages does."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from components import push

from collectors.exposition import read
from collectors.filesystems import LOCAL
from collectors.pages import VIRTUAL_DEVICE, WANTED, reading
from collectors.prometheus import PrometheusCollector
from config import queries
from config.sources import PrometheusSource

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
STEP = 300
RESOURCES = ("memory", "disk", "vcpus", "memory_bytes", "disk_bytes")
JOBS = count()  # each test reads its own series of the one server


def at(minutes: int) -> int:
    """Milliseconds of the time so many minutes before noon."""
    return int(NOON.timestamp() - 60 * minutes) * 1000


def asked(victoria: str, preset: str, job: str) -> dict[str, dict[str, Any]]:
    """Machine -> its row at noon."""
    given = {
        "kind": "prometheus",
        "name": "central",
        "url": victoria,
        "preset": preset,
        "selector": f'job="{job}"',
        "delay": "0s",
        "history": "5m",
    }
    collector = PrometheusCollector(PrometheusSource.model_validate(given), STEP, None, {})
    (batch,) = collector.collect(NOON)
    assert batch.failures == ()
    return {row["machine"]: row for row in batch.samples.to_pylist()}


def pushed(victoria: str, before: str, after: str) -> str:
    """The job under which these pages stand five minutes before noon and at noon."""
    job = f"preset-{next(JOBS)}"
    for page, minutes in ((before, 5), (after, 0)):
        push(victoria, page, at(minutes), instance="web:9182", job=job)
    return job


def test_windows_by_hand(victoria: str) -> None:
    def page(seconds: dict[str, float], moved: float) -> str:
        cpu = [
            f'windows_cpu_time_total{{core="0,0",mode="{mode}"}} {value}' for mode, value in seconds.items()
        ]
        return "\n".join([
            *cpu,
            "windows_memory_available_bytes 3e9",
            "windows_cs_physical_memory_bytes 8e9",
            'windows_logical_disk_size_bytes{volume="C:"} 60e9',
            'windows_logical_disk_free_bytes{volume="C:"} 45e9',
            'windows_logical_disk_size_bytes{volume="HarddiskVolume4"} 600e6',
            'windows_logical_disk_free_bytes{volume="HarddiskVolume4"} 1e6',
            f'windows_net_bytes_total{{nic="Intel_R__82574L"}} {moved}',
            f'windows_net_bytes_total{{nic="isatap._A1B2_"}} {99 * moved}',
            "",
        ])  # fmt: skip

    before = {"idle": 1000.0, "user": 500.0, "privileged": 100.0, "dpc": 50.0, "interrupt": 20.0}
    after = {"idle": 1240.0, "user": 545.0, "privileged": 115.0, "dpc": 60.0, "interrupt": 24.0}
    row = asked(victoria, "windows_exporter", pushed(victoria, page(before, 1e6), page(after, 1.6e6)))["web"]

    # 240 of 300 s idle (dpc and interrupt lie in privileged); 5 of 8 GB in use; 15 of 60 GB; 600 kB in 300 s.
    assert row["cpu"] == pytest.approx(20)
    assert row["memory"] == pytest.approx(62.5)
    assert row["disk"] == pytest.approx(25)
    assert row["network"] == pytest.approx(2000)
    assert (row["vcpus"], row["memory_bytes"], row["disk_bytes"]) == (1, 8e9, 60e9)


LIBVIRT = """
libvirt_domain_info_cpu_time_seconds_total{{domain="new"}} {seconds}
libvirt_domain_info_cpu_time_seconds_total{{domain="old"}} {twice}
libvirt_domain_info_cpu_time_seconds_total{{domain="bare"}} {seconds}
libvirt_domain_info_virtual_cpus{{domain="new"}} 4
libvirt_domain_info_virtual_cpus{{domain="old"}} 4
libvirt_domain_info_virtual_cpus{{domain="bare"}} 4
libvirt_domain_info_maximum_memory_bytes{{domain="new"}} 8e9
libvirt_domain_memory_stats_available_bytes{{domain="new"}} 8e9
libvirt_domain_memory_stats_available_bytes{{domain="old"}} 8e9
libvirt_domain_memory_stats_available_bytes{{domain="bare"}} 0
libvirt_domain_memory_stats_usable_bytes{{domain="new"}} 6e9
libvirt_domain_memory_stats_usable_bytes{{domain="old"}} 0
libvirt_domain_memory_stats_usable_bytes{{domain="bare"}} 0
libvirt_domain_memory_stats_unused_bytes{{domain="old"}} 1e9
libvirt_domain_memory_stats_{caches}{{domain="old"}} 3e9
libvirt_domain_block_stats_capacity_bytes{{domain="new",target_device="vda"}} 40e9
libvirt_domain_block_stats_capacity_bytes{{domain="new",target_device="vdb"}} 100e9
libvirt_domain_interface_stats_receive_bytes_total{{domain="new",target_device="tap1"}} {moved}
libvirt_domain_interface_stats_transmit_bytes_total{{domain="new",target_device="tap1"}} {moved}
"""


@pytest.mark.parametrize("caches", ["disk_caches_bytes", "disk_cache_bytes"])
def test_libvirt_by_hand(caches: str, victoria: str) -> None:
    before = LIBVIRT.format(seconds=1000, twice=2000, moved=1e6, caches=caches)
    after = LIBVIRT.format(seconds=1120, twice=2240, moved=1.3e6, caches=caches)

    rows = asked(victoria, "libvirt", pushed(victoria, before, after))

    # 120 s of cpu in 300 s on 4 cpus: 10 %; twice that for old.
    assert {name: row["cpu"] for name, row in rows.items()} == {"new": 10.0, "old": 20.0, "bare": 10.0}
    # new: 8 - 6 of 8 GB; old: 8 - (1 + 3); bare: its guest tells nothing.
    assert {name: row["memory"] for name, row in rows.items()} == {"new": 25.0, "old": 50.0, "bare": None}
    assert {row["disk"] for row in rows.values()} == {None}
    assert rows["new"]["network"] == pytest.approx(2000)  # 300 kB each way in 300 s
    assert (rows["new"]["vcpus"], rows["new"]["memory_bytes"], rows["new"]["disk_bytes"]) == (4, 8e9, 140e9)


def test_a_zfs_pool_has_its_free_space_once(victoria: str) -> None:
    page = "\n".join(
        f'node_filesystem_{name}_bytes{{device="tank/{dataset}",fstype="zfs",mountpoint="/{dataset}"}} {size}'
        for dataset, used in (("a", 10e9), ("b", 30e9))
        for name, size in (("size", used + 60e9), ("free", 60e9), ("avail", 60e9))
    )
    row = asked(victoria, "node_exporter", pushed(victoria, page, page))["web"]

    # 40 GB in use by both, 60 GB left for both.
    assert row["disk"] == pytest.approx(40)
    assert row["disk_bytes"] == 100e9


@pytest.mark.parametrize(
    ("preset", "file"),
    [
        ("node_exporter", "live/linux-node_exporter-1.9-debian-vm.txt"),
        ("node_exporter", "node_exporter_e2e/0.18.1-linux.txt"),
        ("node_exporter", "node_exporter_e2e/1.12.1-linux.txt"),
        ("windows_exporter", "live/windows-windows_exporter-0.20.0.txt"),
    ],
)
def test_a_real_page_says_the_same_through_a_server_as_to_us(
    preset: str, file: str, victoria: str, shared: Path
) -> None:
    page = (shared / "data" / "expositions" / file).read_bytes()
    own = reading("web", NOON, 0.0, read(page, WANTED))

    row = asked(victoria, preset, pushed(victoria, page.decode(), page.decode()))["web"]

    for resource in RESOURCES:
        ours = getattr(own, resource)
        expected = pytest.approx(ours, abs=0.01) if ours == ours else None  # noqa: PLR0124 - NaN is not itself
        assert row[resource] == expected, resource


def test_presets_leave_out_what_the_exporter_source_leaves_out() -> None:
    assert LOCAL.pattern == queries.LOCAL
    assert VIRTUAL_DEVICE.pattern == queries.VIRTUAL
