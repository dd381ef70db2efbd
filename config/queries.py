"""PromQL that the `prometheus` source asks by default; $selector and $window are filled in when it is asked.

Each query answers one series per machine: cpu, memory, disk in percent 0..100, network in bytes/s, capacities
in count and bytes, as a sample defines them (docs/architecture.md, Measurements). What is answered at time T
describes (T - $window, T].

- cpu is a rate over a rate: what rate() adds at the ends of its window stands above and below the line alike.
- A counter that stepped back gives no value (`unless ... resets`): rate() would take it for a restart from
  zero, and a slip of one tick in an old idle counter would then read as an idle machine.
- `without`, never `by`: two targets that claim one machine stay two series and are seen as a duplicate; `by`
  would add them up to a machine of double size.
"""

from __future__ import annotations

RESOURCES = ("cpu", "memory", "disk", "network", "vcpus", "memory_bytes", "disk_bytes")

# Kinds of file systems that lie on a machine's own storage; network devices without traffic of their own:
# loopback, bridges, tunnels, containers, what lies over real devices. The exporter source reads pages
# by the same, a test holds them equal. Between backquotes PromQL takes backslashes as they are.
LOCAL = (
    r"ext[234]|ext2fs|xfs|btrfs|bcachefs|f2fs|jfs|nilfs2|reiserfs|reiser4|vfat|msdos(?:fs)?|exfat|ntfs3?|fuseblk"
    r"|ufs|ffs|lfs|hammer2?|hfs(?:plus)?|apfs|zfs|simfs"
)
VIRTUAL = (
    r"lo\d*|(?:veth|docker|br-|virbr|vnet|macvtap|tap|tun|cali|flannel|cni|ovs|lxc|lxd|cilium|kube|nodelocal|weave"
    r"|vxlan|geneve|gre|erspan|sit|ip_vti|ip6|dummy|ifb|nlmon|wg|vlan|eni|azv|antrea|podman|nerdctl|zt|tailscale"
    r"|utun|gif|stf|awdl|llw|ap\d|anpi|bridge|pflog|pfsync|enc\d|epair|lagg|usbus|faith|isatap|Teredo|teredo|6TO4).*"
    r"|(?:br|bond|team)\d+|.+tap\d.*|.+\.\d+|.*(?:Loopback|loopback|Pseudo|Multiplexor|Virtual_Ethernet|vEthernet"
    r"|Filter|WAN_Miniport|Teredo).*"
)
CONTAINER = (
    "(/dev/disk[0-9]+)s[0-9].*"  # the volumes of an APFS container share what is used and what is left
)
POOL = f"{CONTAINER}|([^/]+)/.*"  # the file systems of a ZFS pool share what is left

# ---- node_exporter (Linux; 0.16 or newer names)

NODE_CPU = 'node_cpu_seconds_total{mode!~"guest|guest_nice",$selector}'  # both stand in user and nice already
NODE_IDLE = 'node_cpu_seconds_total{mode=~"idle|iowait",$selector}'  # steal is busy: the machine wanted it
# Free by the kernel's own estimate, else (before Linux 3.14) by what it could give up.
NODE_AVAILABLE = """(
    node_memory_MemAvailable_bytes{$selector}
    or (node_memory_MemFree_bytes{$selector} + node_memory_Buffers_bytes{$selector}
        + node_memory_Cached_bytes{$selector}
        + (node_memory_SReclaimable_bytes{$selector} or 0 * node_memory_MemFree_bytes{$selector}))
)"""


def filesystem(name: str) -> str:
    return f'node_filesystem_{name}_bytes{{fstype=~"{LOCAL}",device!~"/dev/loop.*",$selector}}'


def stored(value: str, shared: str) -> str:
    """Sum of `value`, each device once however often mounted, those that match `shared` once together."""
    storage = f'label_replace({value}, "device", "$1$2", "device", "{shared}")'
    return f"sum without (device) (max without (mountpoint, fstype, device_error) (\n    {storage}\n))"


def node_traffic(direction: str) -> str:
    return counted("device", f"node_network_{direction}_bytes_total{{device!~`{VIRTUAL}`,$selector}}")


def counted(labels: str, counter: str) -> str:
    """Growth of `counter` per second, summed over `labels`; nothing where one of them stepped back."""
    return f"""(
    sum without ({labels}) (rate({counter}[$window]))
    unless sum without ({labels}) (resets({counter}[$window])) > 0
)"""


NODE_USED = stored(f"{filesystem('size')} - {filesystem('free')}", f"{CONTAINER}()")
NODE_EXPORTER = {
    "cpu": f"""100 * (1 -
    sum without (cpu, mode) (rate({NODE_IDLE}[$window])) / {counted("cpu, mode", NODE_CPU)}
)""",
    "memory": f"100 * (1 - {NODE_AVAILABLE} / node_memory_MemTotal_bytes{{$selector}})",
    # As df: what is kept for root is neither used nor available.
    "disk": f"100 * {NODE_USED} / ({NODE_USED} + {stored(filesystem('avail'), POOL)})",
    "network": f"{node_traffic('receive')} + {node_traffic('transmit')}",
    "vcpus": 'count without (cpu, mode) (node_cpu_seconds_total{mode="idle",$selector})',
    "memory_bytes": "node_memory_MemTotal_bytes{$selector}",
    "disk_bytes": f"{NODE_USED} + {stored(filesystem('free'), POOL)}",
}

# ---- windows_exporter; privileged time holds interrupt and dpc time already

WINDOWS_CPU = 'windows_cpu_time_total{mode=~"idle|user|privileged",$selector}'
WINDOWS_IDLE = 'windows_cpu_time_total{mode="idle",$selector}'
WINDOWS_AVAILABLE = """(
    windows_memory_available_bytes{$selector} or windows_os_physical_memory_free_bytes{$selector}
    or windows_memory_physical_free_bytes{$selector}
)"""
WINDOWS_MEMORY = """(
    windows_os_visible_memory_bytes{$selector} or windows_cs_physical_memory_bytes{$selector}
    or windows_memory_physical_total_bytes{$selector}
)"""


def volume(name: str) -> str:
    """Volumes without a letter or folder are left out: nobody's files lie there."""
    matchers = 'volume!~"HarddiskVolume[0-9]+",$selector'
    return f"sum without (volume) (windows_logical_disk_{name}_bytes{{{matchers}}})"


WINDOWS_TRAFFIC = f"windows_net_bytes_total{{nic!~`{VIRTUAL}`,$selector}}"
WINDOWS_EXPORTER = {
    "cpu": f"""100 * (1 -
    sum without (core, mode) (rate({WINDOWS_IDLE}[$window])) / {counted("core, mode", WINDOWS_CPU)}
)""",
    "memory": f"100 * (1 - {WINDOWS_AVAILABLE} / {WINDOWS_MEMORY})",
    "disk": f"100 * (1 - {volume('free')} / {volume('size')})",
    "network": counted("nic", WINDOWS_TRAFFIC),
    "vcpus": f"count without (core, mode) ({WINDOWS_IDLE})",
    "memory_bytes": WINDOWS_MEMORY,
    "disk_bytes": volume("size"),
}

# ---- libvirt exporters, seen from the hypervisor. What it allocated of a disk is not what df says: there is
# no disk query, and without one of the operator's own the verdict is `insufficient`, never a shrink.

DOMAIN_CPU = "libvirt_domain_info_cpu_time_seconds_total{$selector}"
DOMAIN_DISK = "target_device, source_file, serial, bus, cache, discard, disk_type, driver_type"
DOMAIN_USABLE = """(
    libvirt_domain_memory_stats_usable_bytes{$selector} > 0
    or ((libvirt_domain_memory_stats_unused_bytes{$selector} > 0)
        + (libvirt_domain_memory_stats_disk_caches_bytes{$selector}
           or libvirt_domain_memory_stats_disk_cache_bytes{$selector}))
)"""


def domain_traffic(direction: str) -> str:
    counter = f"libvirt_domain_interface_stats_{direction}_bytes_total{{$selector}}"
    return counted("target_device, source_bridge, virtual_interface", counter)


LIBVIRT = {
    "cpu": f"100 * {counted('vcpu', DOMAIN_CPU)} / libvirt_domain_info_virtual_cpus{{$selector}}",
    # Both come from the balloon driver in the guest. Without it exporters say 0: unknown, not "all in use".
    "memory": f"""100 * (1 - {DOMAIN_USABLE}
    / (libvirt_domain_memory_stats_available_bytes{{$selector}} > 0))""",
    "network": f"{domain_traffic('receive')} + {domain_traffic('transmit')}",
    "vcpus": "libvirt_domain_info_virtual_cpus{$selector}",
    "memory_bytes": "libvirt_domain_info_maximum_memory_bytes{$selector}",
    "disk_bytes": f"""sum without ({DOMAIN_DISK}) (
    libvirt_domain_block_stats_capacity_bytes{{$selector}} or libvirt_domain_block_stats_capacity{{$selector}}
)""",
}

PRESETS: dict[str, dict[str, str]] = {
    "node_exporter": NODE_EXPORTER,
    "windows_exporter": WINDOWS_EXPORTER,
    "libvirt": LIBVIRT,
    "percent": {},  # the server holds ready percents: the operator names them in `queries`
}
