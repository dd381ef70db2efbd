"""Every metric of the service, declared once: name, type, labels and what it says.

Ratios are 0..1, times Unix seconds. Series of a machine carry `machine` alone; `rightsizer_machine_info`
joins its department and system.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client.core import Metric

PREFIX = "rightsizer_"


@dataclass(frozen=True, slots=True)
class Family:
    """One metric; `name` is without the prefix. A counter's name ends in _total."""

    name: str
    help: str
    labels: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        return self.name.endswith("_total")

    def of(self, rows: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
        """The metric with these series: the values of its labels, and its value."""
        make = CounterMetricFamily if self.counts else GaugeMetricFamily
        metric = make(PREFIX + self.name, self.help, labels=self.labels)
        for labels, value in rows:
            metric.add_metric(labels, value)
        return metric


MACHINE = ("machine",)

MACHINE_INFO = Family(
    "machine_info",
    "1 for every machine of the inventory, with its department and system.",
    ("machine", "department", "system"),
)
CPU = Family("machine_cpu_ratio", "Use of cpu at the newest sample.", MACHINE)
MEMORY = Family("machine_memory_ratio", "Use of memory at the newest sample.", MACHINE)
DISK = Family("machine_disk_ratio", "Use of disk at the newest sample.", MACHINE)
NETWORK = Family(
    "machine_network_bytes_per_second", "Bytes received and sent a second, at the newest sample.", MACHINE
)
SAMPLED = Family("machine_sample_timestamp_seconds", "Time of the machine's newest sample.", MACHINE)
VCPUS = Family("machine_vcpus", "Number of vCPUs, as measured, else as ordered.", MACHINE)
MEMORY_BYTES = Family("machine_memory_bytes", "Size of memory, as measured, else as ordered.", MACHINE)
DISK_BYTES = Family("machine_disk_bytes", "Size of disk, as measured, else as ordered.", MACHINE)

VERDICT = Family(
    "machine_verdict", "1 for the machine's verdict of the last judgement.", ("machine", "verdict")
)
STATISTIC = Family(
    "machine_statistic_ratio",
    "What a rule of the policy measures of the machine, at the last judgement.",
    ("machine", "rule", "resource", "statistic"),
)
COVERAGE = Family(
    "machine_coverage_ratio", "Known samples of those expected in the shrink rule's window.", MACHINE
)
SAVING = Family("machine_saving_yuan", "Yuan a month that the advised size would save.", MACHINE)
THRESHOLD = Family(
    "threshold_ratio",
    "Threshold of the policy in force.",
    ("rule", "resource", "statistic"),
)
VERDICTS = Family("verdicts", "Machines by department and verdict.", ("department", "verdict"))
JUDGED = Family("judged_timestamp_seconds", "Start of the day as of which the city was judged last.")

FINDINGS = Family("findings", "Findings that are not closed.", ("kind", "state"))
ISSUED = Family("notices_issued_total", "Notices ever issued.", ("kind",))
ITEMS = Family("notice_items", "Machines in notices by their state.", ("department", "kind", "state"))
OPEN = Family(
    "notice_open_items",
    "Machines of a notice that are not at their end yet.",
    ("notice", "department", "kind"),
)
DUE = Family(
    "notice_due_timestamp_seconds",
    "End of the last day of a notice that has open machines, absent while it is provisional.",
    ("notice", "department", "kind"),
)
MATTER = Family(
    "machine_notice",
    "1 for each machine that stands in a notice and is not at its end.",
    ("machine", "notice", "kind", "state"),
)
DEADLINES = Family(
    "deadlines",
    "Clocks that are not met: running, due_soon, overdue, paused, provisional.",
    ("article", "phase"),
)
SAVINGS = Family(
    "savings_yuan",
    "Yuan a month of the notices of a year: promised, withdrawn, realised.",
    ("department", "year", "stage"),
)
TASKS = Family("tasks", "Tasks that wait for an operator.", ("kind",))
MAILS = Family("outbox_mails", "Mails by their state.", ("state",))
OLDEST = Family("outbox_oldest_due_seconds", "How long the mail that is due longest has been waiting.")
CHANNEL = Family("outbox_channel_state", "1 for the state of the mail channel.", ("state",))
BOUNCED = Family("mails_bounced_total", "Mails that ever came back.")
BREAKER = Family("breaker_held", "1 while too many letters at once are held for an operator's word.")
CALENDAR = Family("calendar_known_until_timestamp_seconds", "End of the last day that the calendar knows.")
POLICY = Family(
    "policy_valid_until_timestamp_seconds", "End of the last day of the policy's validity.", ("policy",)
)
POLICY_BARRED = Family(
    "policy_bars_issue", "1 while the policy is over and neither a successor nor a word allows notices."
)
JOURNAL = Family("journal_entries_total", "Entries of the journal.")
LAKE_FILES = Family("lake_files", "Files of a table of the lake; looked at every five minutes.", ("table",))
LAKE_BYTES = Family("lake_bytes", "Size of a table of the lake; looked at every five minutes.", ("table",))
REGISTER_BYTES = Family("register_bytes", "Size of the register, 0 where it cannot be known.")

CITY = (
    MACHINE_INFO, CPU, MEMORY, DISK, NETWORK, SAMPLED, VCPUS, MEMORY_BYTES, DISK_BYTES,
    VERDICT, STATISTIC, COVERAGE, SAVING, THRESHOLD, VERDICTS, JUDGED,
    FINDINGS, ISSUED, ITEMS, OPEN, DUE, MATTER, DEADLINES, SAVINGS, TASKS,
    MAILS, OLDEST, CHANNEL, BOUNCED, BREAKER, CALENDAR, POLICY, POLICY_BARRED, JOURNAL,
    LAKE_FILES, LAKE_BYTES, REGISTER_BYTES,
)  # fmt: skip

BUILD = Family(
    "build_info", "1, with the version of the program and of the register's schema.", ("version", "schema")
)
LEADER = Family("leader", "1 on the node that collects, judges and issues; always 1 on SQLite.")
EPOCH = Family("lease_epoch", "Epoch under which this node leads; 0 while it follows.")
STEP_RUNS = Family("step_runs_total", "Runs of a pipeline step by outcome: ok, failed.", ("step", "outcome"))
STEP_SECONDS = Family("step_seconds_total", "Time spent in a pipeline step.", ("step",))
STEP_LAST = Family(
    "step_last_success_timestamp_seconds", "When a pipeline step last came to its end.", ("step",)
)
SOURCE_LAST = Family(
    "source_last_success_timestamp_seconds", "When a source last gave a sample.", ("source",)
)
SOURCE_SAMPLES = Family("samples_total", "Samples that a source gave.", ("source",))
SOURCE_FAILURES = Family(
    "collect_failures_total", "Machines, or whole sources, that gave nothing.", ("source", "reason")
)
SOURCE_INVALID = Family("invalid_values_total", "Values that cannot be, left out.", ("source",))
TRIED = Family("mails_tried_total", "Tries to hand over a mail, by outcome.", ("outcome",))
CLOCK_SUSPECT = Family(
    "clock_suspect", "1 while the wall clock is not believed: nothing is judged or issued."
)
CLOCK_DRIFT = Family("clock_drift_seconds", "Wall clock less monotonic clock since it was last believed.")
RELOADED = Family("settings_reload_successful", "1 when the last reload of the settings succeeded.")
RELOADED_AT = Family("settings_reload_timestamp_seconds", "When the settings in force were read.")
COLLECTION_INTERVAL = Family("collection_interval_seconds", "Time between the starts of two collections.")
TROUBLE = Family(
    "trouble", "1 for what keeps the service from its work: a loop, a step, a store.", ("about",)
)
READY = Family("ready", "1 while no trouble keeps the service from its work.")
LAG = Family("loop_lag_seconds", "How late the service's own beat was at most, in the last minute.")
REFRESHED = Family("snapshot_timestamp_seconds", "When the part of this page about the city was made.")
REFRESH_SECONDS = Family("snapshot_seconds", "How long that took.")
REQUESTS = Family("exporter_requests_total", "Requests answered by this exporter.", ("path", "code"))
REFUSED = Family("exporter_refused_total", "Connections refused: too many at once.")
CATALOG = Family("catalog_requests_total", "Requests of the catalogue answered.", ("action", "code"))

SERVICE = (
    BUILD, LEADER, EPOCH, STEP_RUNS, STEP_SECONDS, STEP_LAST,
    SOURCE_LAST, SOURCE_SAMPLES, SOURCE_FAILURES, SOURCE_INVALID, TRIED,
    CLOCK_SUSPECT, CLOCK_DRIFT, RELOADED, RELOADED_AT, COLLECTION_INTERVAL, TROUBLE, READY, LAG,
    REFRESHED, REFRESH_SECONDS, REQUESTS, REFUSED, CATALOG,
)  # fmt: skip


def table(families: Iterable[Family]) -> str:
    """The metrics as docs/metrics.md shows them."""
    rows = (
        f"| `{PREFIX}{family.name}` | {'counter' if family.counts else 'gauge'} "
        f"| {', '.join(f'`{label}`' for label in family.labels) or '-'} | {family.help} |"
        for family in families
    )
    return "\n".join(["| metric | type | labels | meaning |", "|---|---|---|---|", *rows])
