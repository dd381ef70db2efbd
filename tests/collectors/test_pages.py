"""What pages of real machines say, against figures worked out by hand from the pages themselves."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from collectors.collector import CollectError, Reason
from collectors.counters import Reading, usage
from collectors.exposition import read
from collectors.pages import WANTED, is_virtual, reading

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def seen(body: bytes | str, clock: float = 0.0) -> Reading:
    return reading("vm-1", NOW, clock, read(body if isinstance(body, bytes) else body.encode(), WANTED))


def live(shared: Path, name: str) -> bytes:
    return (shared / "data" / "expositions" / name).read_bytes()


def test_the_linux_page_says_what_free_and_df_would_say(shared: Path) -> None:
    found = seen(live(shared, "live/linux-node_exporter-1.9-debian-vm.txt"))

    # MemTotal 8,197,320,704; MemAvailable 4,372,275,200: used 3,825,045,504
    assert found.memory == pytest.approx(100 * 3_825_045_504 / 8_197_320_704)
    # /dev/sda1 (vfat): size 535,801,856, free = avail 529,420,288: used 6,381,568
    # /dev/sda2 (ext4): size 250,375,106,560, free 57,442,992,128: used 192,932,114,432; avail 44,650,102,784
    # used 192,938,496,000; used + avail 238,118,019,072; five tmpfs do not count
    assert found.disk == pytest.approx(100 * 192_938_496_000 / 238_118_019_072)
    assert found.disk_bytes == 250_910_908_416
    assert (found.vcpus, found.memory_bytes, found.boot) == (4, 8_197_320_704, 1_748_955_375)
    # Of 13 devices: bridges, docker0, gns3tap0-0, lo, ovs-system, veth73ead4b and virbr0 are not real.
    assert dict(found.received) == {"s1": 0, "wlp2s0": 128_817_823}
    assert dict(found.sent) == {"s1": 0, "wlp2s0": 57_316_162}


def test_the_linux_page_a_minute_later_has_cpu_and_network(shared: Path) -> None:
    page = live(shared, "live/linux-node_exporter-1.9-debian-vm.txt")
    later = page
    for old, new in (
        (b'{cpu="0",mode="idle"} 3265.43', b'{cpu="0",mode="idle"} 3285.43'),  # 20 s idle
        (b'{cpu="0",mode="iowait"} 10.87', b'{cpu="0",mode="iowait"} 20.87'),  # 10 s waiting: idle too
        (b'{cpu="0",mode="user"} 514.7', b'{cpu="0",mode="user"} 519.7'),  # 5 s of work
        (b'{cpu="0",mode="steal"} 0', b'{cpu="0",mode="steal"} 5'),  # 5 s stolen: wanted
        (
            b'receive_bytes_total{device="wlp2s0"} 1.28817823e+08',
            b'receive_bytes_total{device="wlp2s0"} 128829823',
        ),
        (b'transmit_bytes_total{device="lo"} 6.8880961e+07', b'transmit_bytes_total{device="lo"} 9e9'),
    ):
        assert later.count(old) == 1
        later = later.replace(old, new)
    used = usage(seen(page, 0.0), seen(later, 60.0), 60)

    assert used.cpu == pytest.approx(25.0)  # 10 of 40 s
    assert used.network == 200.0  # 12,000 bytes in 60 s; lo does not count


def test_the_macos_page_counts_its_container_once(shared: Path) -> None:
    found = seen(live(shared, "live/darwin-node_exporter-1.2.2-apfs.txt"))

    # total 17,179,869,184; free 356,282,368 + inactive 4,938,874,880 = 5,295,157,248: used 11,884,711,936
    assert found.memory == pytest.approx(100 * 11_884_711_936 / 17_179_869_184)
    # five volumes of disk1, each of 499,963,174,912; least available 67,683,737,600: used 432,279,437,312
    assert found.disk == pytest.approx(100 * 432_279_437_312 / 499_963_174_912)
    assert found.disk_bytes == 499_963_174_912
    assert found.vcpus == 12
    assert set(found.received) == {"en0", "en1", "en2", "en3", "en4", "en5"}


def test_the_freebsd_page_counts_cache_and_inactive_as_available(shared: Path) -> None:
    found = seen(live(shared, "live/freebsd-node_exporter-meminfo-excerpt.txt"))

    # size 8,244,695,040; free 2,765,426,688 + inactive 3,536,576,512 + cache 0 = 6,302,003,200
    assert found.memory == pytest.approx(100 * (8_244_695_040 - 6_302_003_200) / 8_244_695_040)
    assert found.memory_bytes == 8_244_695_040
    assert math.isnan(found.disk)
    assert math.isnan(found.vcpus)


def test_the_windows_page_leaves_out_the_hidden_partition(shared: Path) -> None:
    found = seen(live(shared, "live/windows-windows_exporter-0.20.0.txt"))

    # visible 4,256,718,848; available 1,379,942,400: used 2,876,776,448
    assert found.memory == pytest.approx(100 * 2_876_776_448 / 4_256_718_848)
    # C: size 67,938,287,616, free 43,636,490,240: used 24,301,797,376; HarddiskVolume4 has no letter
    assert found.disk == pytest.approx(100 * 24_301_797_376 / 67_938_287_616)
    assert found.disk_bytes == 67_938_287_616
    assert (found.vcpus, found.boot) == (4, 1_667_344_037.7290363)
    # dpc and interrupt are within privileged: three modes a core
    assert {mode for _, mode in found.cpu} == {"idle", "user", "privileged"}
    assert sum(found.received.values()) == 4_786_344_482
    assert sum(found.sent.values()) == 1_026_395_688


VERSIONS = ["0.12.0", "0.13.0", "0.15.2", "0.16.0", "0.18.1", "1.0.1", "1.3.1", "1.5.0", "1.8.2", "1.12.1"]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_of_node_exporter_is_understood(shared: Path, version: str) -> None:
    found = seen(live(shared, f"node_exporter_e2e/{version}-linux.txt"))

    # One /proc for all versions, without MemAvailable: free 230,883,328 + buffers 22,568,960 + cached
    # 953,229,312 + reclaimable 45,846,528 = 1,252,528,128 of 3,831,959,552 are left: used 2,579,431,424
    assert found.memory == pytest.approx(100 * 2_579_431_424 / 3_831_959_552)
    assert (found.vcpus, found.boot) == (8, 1_418_183_276)


@pytest.mark.parametrize(
    "name",
    [
        "live/blackbox_exporter.txt",
        "live/collectd-write_prometheus.txt",
        "live/snmp_exporter-host.txt",
        "prometheus/alltypes.237mfs.prom.txt",
        "node_exporter_e2e/1.12.1-solaris.txt",
        "node_exporter_e2e/1.12.1-darwin.txt",
        "windows_exporter_e2e/0.31.8.txt",
    ],
)
def test_a_page_without_use_is_no_data(shared: Path, name: str) -> None:
    with pytest.raises(CollectError) as refused:
        seen(live(shared, name))

    assert refused.value.reason == Reason.NO_DATA


WINDOWS = {
    "0.16 to 0.30": "windows_cs_physical_memory_bytes 8e9\nwindows_os_physical_memory_free_bytes 2e9\n",
    "0.20": "windows_os_visible_memory_bytes 8e9\nwindows_memory_available_bytes 2e9\n",
    "both totals": "windows_os_visible_memory_bytes 8e9\nwindows_cs_physical_memory_bytes 9e9\n"
    "windows_memory_available_bytes 2e9\n",
    "0.31": "windows_memory_physical_total_bytes 8e9\nwindows_memory_physical_free_bytes 2e9\n",
}


@pytest.mark.parametrize("body", WINDOWS.values(), ids=WINDOWS)
def test_every_version_of_windows_exporter_is_understood(body: str) -> None:
    found = seen(body)

    assert (found.memory, found.memory_bytes) == (75.0, 8e9)  # 6 of 8 GB


@pytest.mark.parametrize(
    "name",
    ["windows_system_boot_time_timestamp_seconds", "windows_system_boot_time_timestamp", "node_boot_time"],
)
def test_the_boot_time_has_many_names(name: str) -> None:
    assert seen(f"{name} 1.7e9\nnode_memory_MemTotal 8\nnode_memory_MemAvailable 2\n").boot == 1.7e9


def test_a_kernel_without_reclaimable_slabs_is_understood() -> None:
    body = (
        "node_memory_MemTotal 8e9\nnode_memory_MemFree 1e9\nnode_memory_Buffers 1e9\nnode_memory_Cached 2e9\n"
    )

    assert seen(body).memory == 50.0  # 4 of 8 GB are left


@pytest.mark.parametrize("missing", ["MemFree", "Buffers", "Cached", "MemTotal"])
def test_memory_is_unknown_when_a_part_is_missing(missing: str) -> None:
    parts = {"MemTotal": 8e9, "MemFree": 1e9, "Buffers": 1e9, "Cached": 2e9}
    body = "".join(f"node_memory_{name} {value}\n" for name, value in parts.items() if name != missing)

    assert math.isnan(seen(body + 'node_cpu{cpu="0",mode="idle"} 1\n').memory)


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("node_memory_MemTotal", ""),
        ("node_cpu", 'cpu="0",mode="idle",'),
        ("node_network_receive_bytes", 'device="eth0",'),
        ("node_filesystem_size", 'device="/dev/vda1",fstype="ext4",mountpoint="/",'),
    ],
    ids=["memory", "cpu", "network", "disk"],
)
def test_two_machines_on_one_page_are_refused(name: str, labels: str) -> None:
    with pytest.raises(CollectError) as refused:
        seen("".join(f'{name}{{{labels}instance="{machine}"}} 1\n' for machine in "ab"))

    assert refused.value.reason == Reason.DUPLICATE


REAL = [
    "eth0",
    "ens3",
    "enp0s31f6",
    "eno1",
    "em1",
    "bnxt0",
    "wlp2s0",
    "wlan0",
    "ib0",
    "usb0",
    "vtnet0",
    "ena0",
    "hn0",
    "vmx0",
    "en0",
    "p2p1",
    "venet0",
]
VIRTUAL = [
    "lo",
    "lo0",
    "veth73ead4b",
    "docker0",
    "br-4678195e4915",
    "br0",
    "virbr0",
    "tap0",
    "gns3tap0-0",
    "tun0",
    "cali12ab",
    "flannel.1",
    "cni0",
    "tunl0",
    "ovs-system",
    "bond0",
    "team0",
    "eth0.100",
    "vlan10",
    "vxlan.calico",
    "kube-ipvs0",
    "nodelocaldns",
    "dummy0",
    "wg0",
    "lxcbr0",
    "utun3",
    "awdl0",
    "bridge0",
    "lagg0",
    "epair0a",
    "pflog0",
    "gif0",
    "cilium_host",
    "azv1",
    "vnet5",
    "sit0",
    "ip6tnl0",
]


@pytest.mark.parametrize("device", REAL)
def test_real_devices_count(device: str) -> None:
    assert not is_virtual(device)


@pytest.mark.parametrize("device", VIRTUAL)
def test_virtual_devices_do_not_count(device: str) -> None:
    assert is_virtual(device)


@pytest.mark.parametrize(
    ("nic", "virtual"),
    [
        ("Intel_R__PRO_1000_MT_Network_Connection", False),
        ("Red_Hat_VirtIO_Ethernet_Adapter", False),
        ("Microsoft_Hyper_V_Network_Adapter", False),
        ("vmxnet3_Ethernet_Adapter", False),
        ("isatap__2D1B_", True),
        ("Teredo_Tunneling_Pseudo_Interface", True),
        ("Microsoft_Network_Adapter_Multiplexor_Driver", True),
        ("Hyper_V_Virtual_Ethernet_Adapter", True),
        ("Microsoft_KM_TEST_Loopback_Adapter", True),
    ],
)
def test_windows_adapters_count_when_they_are_real(nic: str, *, virtual: bool) -> None:
    assert is_virtual(nic) is virtual


def test_the_bytes_of_a_bond_count_once_whatever_it_is_called() -> None:
    body = "".join(f'node_network_receive_bytes{{device="{d}"}} 5\n' for d in ("eth0", "eth1", "dmz"))

    assert set(seen(body + 'node_bonding_slaves{master="dmz"} 2\n').received) == {"eth0", "eth1"}
