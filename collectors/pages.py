"""What the pages of node_exporter and windows_exporter say about a machine, whatever its system and version.

Families are looked up under their names of all versions, newest first. A page with two values for one thing
(a federated page of several machines, forged labels) is refused, never mixed.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from collectors.collector import CollectError, Reason
from collectors.counters import Reading
from collectors.exposition import Cutter
from collectors.filesystems import FileSystem, disk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from collectors.exposition import Page, Series

CPU = ("node_cpu_seconds_total", "node_cpu")
WINDOWS_CPU = "windows_cpu_time_total"
BOOT = (
    "node_boot_time_seconds",
    "node_boot_time",
    "windows_system_boot_time_timestamp_seconds",
    "windows_system_boot_time_timestamp",
    "windows_system_system_up_time",  # the old name; the value is the boot time all the same
)
RECEIVED = (
    "node_network_receive_bytes_total",
    "node_network_receive_bytes",
    "windows_net_bytes_received_total",
)
SENT = ("node_network_transmit_bytes_total", "node_network_transmit_bytes", "windows_net_bytes_sent_total")
BONDS = ("node_bonding_slaves", "node_net_bonding_slaves")
SIZE = ("node_filesystem_size_bytes", "node_filesystem_size")
FREE = ("node_filesystem_free_bytes", "node_filesystem_free")
AVAILABLE = ("node_filesystem_avail_bytes", "node_filesystem_avail")
VOLUME_SIZE, VOLUME_FREE = "windows_logical_disk_size_bytes", "windows_logical_disk_free_bytes"

LINUX = {
    name: (f"node_memory_{name}_bytes", f"node_memory_{name}")
    for name in ("MemTotal", "MemAvailable", "MemFree", "Buffers", "Cached", "SReclaimable")
}
OTHER_TOTALS = (
    "node_memory_size_bytes",  # the BSDs
    "node_memory_total_bytes",  # macOS
    "windows_os_visible_memory_bytes",
    "windows_cs_physical_memory_bytes",
    "windows_memory_physical_total_bytes",
)
BSD_FREE, BSD_INACTIVE, BSD_CACHE = (
    "node_memory_free_bytes",
    "node_memory_inactive_bytes",
    "node_memory_cache_bytes",
)
WINDOWS_AVAILABLE = (
    "windows_memory_available_bytes",
    "windows_os_physical_memory_free_bytes",
    "windows_memory_physical_free_bytes",
)
WANTED = Cutter(
    [
        *(
            *CPU,
            WINDOWS_CPU,
            *BOOT,
            *RECEIVED,
            *SENT,
            *BONDS,
            *SIZE,
            *FREE,
            *AVAILABLE,
            VOLUME_SIZE,
            VOLUME_FREE,
        ),
        *(name for names in LINUX.values() for name in names),
        *(*OTHER_TOTALS, BSD_FREE, BSD_INACTIVE, BSD_CACHE, *WINDOWS_AVAILABLE),
    ]
)
WINDOWS_MODES = frozenset({"idle", "user", "privileged"})  # dpc and interrupt are within privileged
HIDDEN_VOLUME = re.compile(
    r"HarddiskVolume\d+"
)  # a partition without a letter or folder: nobody's files lie there
VIRTUAL_DEVICE = re.compile(
    r"lo\d*|(?:veth|docker|br-|virbr|vnet|macvtap|tap|tun|cali|flannel|cni|ovs|lxc|lxd|cilium|kube|nodelocal|weave"
    r"|vxlan|geneve|gre|erspan|sit|ip_vti|ip6|dummy|ifb|nlmon|wg|vlan|eni|azv|antrea|podman|nerdctl|zt|tailscale"
    r"|utun|gif|stf|awdl|llw|ap\d|anpi|bridge|pflog|pfsync|enc\d|epair|lagg|usbus|faith|isatap|Teredo|teredo|6TO4).*"
    r"|(?:br|bond|team)\d+|.+tap\d.*|.+\.\d+|.*(?:Loopback|loopback|Pseudo|Multiplexor|Virtual_Ethernet|vEthernet"
    r"|Filter|WAN_Miniport|Teredo).*"
)


def reading(machine: str, time: datetime, clock: float, page: Page) -> Reading:
    """The reading of one page. Raises CollectError: NO_DATA, or DUPLICATE when it says two things."""
    memory, memory_bytes = memory_of(page)
    filled, disk_bytes = disk(filesystems(page))
    cpu = cpu_of(page)
    received, sent = devices(page, RECEIVED), devices(page, SENT)
    if not cpu and not received and not sent and math.isnan(memory) and math.isnan(filled):
        raise CollectError(Reason.NO_DATA, "the page has nothing about cpu, memory, disk or network")
    vcpus = float(len({core for core, _ in cpu})) if cpu else math.nan
    boot = single(page, *BOOT)
    return Reading(
        machine, time, clock, boot, cpu, received, sent, memory, filled, vcpus, memory_bytes, disk_bytes
    )


def family(page: Page, *names: str) -> Mapping[Series, float]:
    """The samples under the first of these names that the page has."""
    return next((page[name] for name in names if name in page), {})


def single(page: Page, *names: str) -> float:
    """The one value of a family without labels of its own; NaN when the page has none."""
    found = family(page, *names)
    if len(found) > 1:
        raise CollectError(Reason.DUPLICATE, f"{next(iter(found)).name} stands {len(found)} times")
    return next(iter(found.values()), math.nan)


def keyed(samples: Mapping[Series, float], *labels: str) -> dict[tuple[str, ...], float]:
    """Values by these labels. Raises CollectError when two series differ only in other labels."""
    found = {tuple([series.labels.get(label, "") for label in labels]): v for series, v in samples.items()}
    if len(found) < len(samples):
        name = next(iter(samples)).name
        raise CollectError(Reason.DUPLICATE, f"{name}: two series differ only in labels other than {labels}")
    return found


def cpu_of(page: Page) -> dict[tuple[str, str], float]:
    """(cpu, mode) -> seconds."""
    cpu = keyed(family(page, *CPU), "cpu", "mode")
    if cpu:
        return cpu  # type: ignore[return-value] # two labels make pairs
    cores = keyed(family(page, WINDOWS_CPU), "core", "mode")
    return {(core, mode): seconds for (core, mode), seconds in cores.items() if mode in WINDOWS_MODES}


def memory_of(page: Page) -> tuple[float, float]:
    """(percent in use, total bytes)."""
    total = single(page, *LINUX["MemTotal"])
    left = linux_available(page)
    if math.isnan(total):
        total = single(page, *OTHER_TOTALS[:2])
        left = unix_available(page)
    if math.isnan(total):
        # One after the other: a page may have several of them, each naming the same memory.
        total = next((v for name in OTHER_TOTALS[2:] if not math.isnan(v := single(page, name))), math.nan)
        left = single(page, *WINDOWS_AVAILABLE)
    return (100.0 * (total - left) / total if total > 0.0 else math.nan), total


def linux_available(page: Page) -> float:
    """MemAvailable; kernels before 3.14 lack it: what is free, buffers, page cache and reclaimable slabs."""
    known = single(page, *LINUX["MemAvailable"])
    if not math.isnan(known):
        return known
    slabs = single(page, *LINUX["SReclaimable"])
    parts = sum(single(page, *LINUX[name]) for name in ("MemFree", "Buffers", "Cached"))
    return parts + (0.0 if math.isnan(slabs) else slabs)


def unix_available(page: Page) -> float:
    """Free and inactive pages, and the cache where the system has one apart (the BSDs).

    psutil counts the same, so an exporter and this host's own figures agree. FreeBSD's laundry is in use:
    dirty pages whose only other home is the swap. So are its buffers, wired pages that only the kernel can
    use, the compressed pages of macOS, and the cache of ZFS, which is wired.
    """
    cache = single(page, BSD_CACHE)
    left = single(page, BSD_FREE) + single(page, BSD_INACTIVE)
    return left + (0.0 if math.isnan(cache) else cache)


def filesystems(page: Page) -> Iterator[FileSystem]:
    """Every mounted file system that the page gives a size for; figures that are missing are NaN."""
    labels = ("device", "mountpoint", "fstype")
    free = keyed(family(page, *FREE), *labels)
    available = keyed(family(page, *AVAILABLE), *labels)
    for key, size in keyed(family(page, *SIZE), *labels).items():
        yield FileSystem(key[0], key[2], size, free.get(key, math.nan), available.get(key, math.nan))
    volumes = keyed(family(page, VOLUME_FREE), "volume")
    for key, size in keyed(family(page, VOLUME_SIZE), "volume").items():
        if not HIDDEN_VOLUME.fullmatch(key[0]):
            left = volumes.get(key, math.nan)
            yield FileSystem(key[0], "ntfs", size, left, left)


def devices(page: Page, names: tuple[str, ...]) -> dict[str, float]:
    """Bytes carried by each real device. Virtual ones, bridges, VLANs and bonds repeat what it carried."""
    label = "nic" if names[-1] in page else "device"
    bonds = {series.labels.get("master") for series in family(page, *BONDS)}
    carried = keyed(family(page, *names), label)
    return {d: value for (d,), value in carried.items() if d not in bonds and not is_virtual(d)}


@lru_cache(maxsize=1 << 14)
def is_virtual(device: str) -> bool:
    return VIRTUAL_DEVICE.fullmatch(device) is not None
