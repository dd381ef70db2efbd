"""Names of what node_exporter's collectors report beyond what is measured here: they fill a full page."""

from __future__ import annotations

NETSTAT = """
Icmp6_InErrors Icmp6_InMsgs Icmp6_OutMsgs Icmp_InErrors Icmp_InMsgs Icmp_OutMsgs Ip6_InOctets
Ip6_OutOctets IpExt_InOctets IpExt_OutOctets Ip_Forwarding TcpExt_ListenDrops TcpExt_ListenOverflows
TcpExt_SyncookiesFailed TcpExt_SyncookiesRecv TcpExt_SyncookiesSent TcpExt_TCPOFOQueue TcpExt_TCPRcvQDrop
TcpExt_TCPSynRetrans TcpExt_TCPTimeouts Tcp_ActiveOpens Tcp_CurrEstab Tcp_InErrs Tcp_InSegs Tcp_OutRsts
Tcp_OutSegs Tcp_PassiveOpens Tcp_RetransSegs Udp6_InDatagrams Udp6_InErrors Udp6_NoPorts Udp6_OutDatagrams
Udp6_RcvbufErrors Udp6_SndbufErrors UdpLite6_InErrors UdpLite_InErrors Udp_InDatagrams Udp_InErrors
Udp_NoPorts Udp_OutDatagrams Udp_RcvbufErrors Udp_SndbufErrors
"""
MEMORY = """
Active_anon_bytes Active_bytes Active_file_bytes AnonHugePages_bytes Bounce_bytes CommitLimit_bytes
Committed_AS_bytes DirectMap1G_bytes DirectMap2M_bytes DirectMap4k_bytes Dirty_bytes
HardwareCorrupted_bytes HugePages_Free HugePages_Rsvd HugePages_Surp HugePages_Total Hugepagesize_bytes
Hugetlb_bytes Inactive_anon_bytes Inactive_bytes Inactive_file_bytes KReclaimable_bytes KernelStack_bytes
Mapped_bytes Mlocked_bytes NFS_Unstable_bytes PageTables_bytes Percpu_bytes SUnreclaim_bytes
ShmemHugePages_bytes ShmemPmdMapped_bytes Slab_bytes SwapCached_bytes SwapFree_bytes SwapTotal_bytes
Unevictable_bytes VmallocChunk_bytes VmallocTotal_bytes VmallocUsed_bytes WritebackTmp_bytes
Writeback_bytes
"""
SOCKSTAT = """
FRAG6_inuse FRAG6_memory FRAG_inuse FRAG_memory RAW6_inuse RAW_inuse TCP6_inuse TCP_alloc TCP_inuse
TCP_mem TCP_mem_bytes TCP_orphan TCP_tw UDP6_inuse UDPLITE6_inuse UDPLITE_inuse UDP_inuse UDP_mem
UDP_mem_bytes sockets_used
"""
TIMEX = """
estimated_error_seconds frequency_adjustment_ratio loop_time_constant maxerror_seconds offset_seconds
pps_calibration_total pps_error_total pps_frequency_hertz pps_jitter_seconds pps_jitter_total
pps_shift_seconds pps_stability_exceeded_total pps_stability_hertz status sync_status tai_offset_seconds
tick_seconds
"""
KERNEL = """
arp_entries context_switches_total entropy_available_bits entropy_pool_size_bits filefd_allocated
filefd_maximum forks_total intr_total load15 load5 nf_conntrack_entries nf_conntrack_entries_limit
procs_blocked procs_running time_zone_offset_seconds vmstat_oom_kill vmstat_pgfault vmstat_pgmajfault
vmstat_pgpgin vmstat_pgpgout vmstat_pswpin vmstat_pswpout pressure_cpu_waiting_seconds_total
pressure_io_stalled_seconds_total pressure_io_waiting_seconds_total pressure_memory_stalled_seconds_total
pressure_memory_waiting_seconds_total
"""
DISK = """
discard_time_seconds_total discarded_sectors_total discards_completed_total discards_merged_total
flush_requests_time_seconds_total flush_requests_total io_now io_time_seconds_total
io_time_weighted_seconds_total read_bytes_total read_time_seconds_total reads_completed_total
reads_merged_total write_time_seconds_total writes_completed_total writes_merged_total written_bytes_total
"""
NETWORK = """
address_assign_type carrier carrier_changes_total carrier_down_changes_total carrier_up_changes_total
device_id dormant flags iface_id iface_link iface_link_mode mtu_bytes name_assign_type net_dev_group
protocol_type receive_compressed_total receive_drop_total receive_errs_total receive_fifo_total
receive_frame_total receive_multicast_total receive_nohandler_total receive_packets_total speed_bytes
transmit_carrier_total transmit_colls_total transmit_compressed_total transmit_drop_total
transmit_errs_total transmit_fifo_total transmit_packets_total transmit_queue_length up
"""
SOFTNET = """
backlog_len cpu_collision_total dropped_total flow_limit_count_total processed_total received_rps_total
times_squeezed_total
"""
SCHEDSTAT = "running_seconds_total timeslices_total waiting_seconds_total"
MEMSTATS = """
alloc_bytes alloc_bytes_total buck_hash_sys_bytes frees_total gc_sys_bytes heap_alloc_bytes
heap_idle_bytes heap_inuse_bytes heap_objects heap_released_bytes heap_sys_bytes last_gc_time_seconds
mallocs_total mcache_inuse_bytes mcache_sys_bytes mspan_inuse_bytes mspan_sys_bytes next_gc_bytes
other_sys_bytes stack_inuse_bytes stack_sys_bytes sys_bytes
"""
PROCESS = """
cpu_seconds_total max_fds network_receive_bytes_total network_transmit_bytes_total open_fds
resident_memory_bytes start_time_seconds virtual_memory_bytes virtual_memory_max_bytes
"""
COLLECTORS = """
arp bcache bonding btrfs conntrack cpu cpufreq diskstats dmi edac entropy fibrechannel filefd filesystem
hwmon infiniband ipvs loadavg mdadm meminfo netclass netdev netstat nfs nfsd nvme os powersupplyclass
pressure rapl schedstat selinux sockstat softnet stat systemd tapestats textfile thermal_zone time timex
udp_queues uname vmstat watchdog xfs zfs
"""
UNITS = """
auditd chronyd containerd cron dbus docker firewalld gssproxy haproxy irqbalance java-app keepalived
kubelet logrotate mariadb nginx node_exporter polkit postgresql rabbitmq redis rsyslog sshd sssd
systemd-journald systemd-logind systemd-networkd systemd-resolved systemd-timesyncd systemd-udevd tomcat
tuned zabbix-agent
"""

# prefix, label, its values (none: one for each core), names
GROUPS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("node_", "", (), KERNEL),
    ("node_netstat_", "", (), NETSTAT),
    ("node_memory_", "", (), MEMORY),
    ("node_sockstat_", "", (), SOCKSTAT),
    ("node_timex_", "", (), TIMEX),
    ("node_disk_", "device", ("vda", "vdb"), DISK),
    ("node_network_", "device", ("eth0", "lo"), NETWORK),
    ("node_softnet_", "cpu", (), SOFTNET),
    ("node_schedstat_", "cpu", (), SCHEDSTAT),
    ("go_memstats_", "", (), MEMSTATS),
    ("process_", "", (), PROCESS),
)
