"""The `exporter` source against a server: what comes out, and what it keeps between collections."""

from __future__ import annotations

import gzip
from datetime import timedelta
from urllib.parse import unquote

import pytest
from scraping import NOW, STEP, collecting, once, page, source, two_rounds
from servers import answering, sending, serving, whole

from collectors.collector import Failure, Reason
from collectors.counters import Reading, Usage
from collectors.exporter import ExporterCollector, Round, batches


def test_a_page_becomes_a_sample_without_cpu_and_network_at_first() -> None:
    with serving(answering(page())) as server:
        batch = once(server.url())

    [row] = batch.samples.to_pylist()
    assert (row["machine"], row["step"]) == ("vm-0", STEP)
    assert NOW <= row["time"] < NOW + timedelta(seconds=10)
    # memory 100 * (8e9 - 2e9) / 8e9 = 75; disk 100 * 2e10 / (2e10 + 8e10) = 20
    assert (row["cpu"], row["memory"], row["disk"], row["network"]) == (None, 75.0, 20.0, None)
    assert (row["vcpus"], row["memory_bytes"], row["disk_bytes"]) == (1.0, 8 * 10**9, 10**11)
    assert (batch.failures, batch.invalid) == ((), 0)


def test_the_second_collection_has_cpu_and_network() -> None:
    row = two_rounds(page(busy=100, idle=300, carried=0), page(busy=110, idle=330, carried=10**15))

    assert row["cpu"] == 25.0  # 10 s of 40 s were work
    assert isinstance(row["network"], float)
    assert row["network"] > 0


def test_both_collections_use_one_connection() -> None:
    with serving(answering(page())) as server, collecting([server.url()]) as collector:
        for _ in range(3):
            list(collector.collect(NOW))

        assert (server.connections, len(server.requests)) == (1, 3)


def test_a_connection_that_the_server_closed_meanwhile_is_replaced() -> None:
    closing_after = sending(whole(page()), then_close=True)
    with serving(closing_after) as server, collecting([server.url()]) as collector:
        rows = [batch.samples.num_rows for _ in range(3) for batch in collector.collect(NOW)]

        assert rows == [1, 1, 1]
        assert server.connections == 3


def test_the_collectors_of_node_exporter_are_asked_for_by_name() -> None:
    with serving(answering(page())) as server:
        once(server.url(), collect=["cpu", "meminfo"])

        asked = unquote(server.requests[0].path)
        assert asked == "/metrics?collect[]=cpu&collect[]=meminfo"


def test_nothing_asks_for_compression() -> None:
    with serving(answering(page())) as server:
        once(server.url())

        assert server.requests[0].headers["Accept-Encoding"] == "identity"


def test_a_compressed_answer_is_read_all_the_same() -> None:
    with serving(answering(gzip.compress(page()), Content_Encoding="gzip")) as server:
        batch = once(server.url())

    assert batch.samples.num_rows == 1


def test_batches_are_bounded_and_complete() -> None:
    rows = [(Reading(f"vm-{number}", NOW, 1.0, memory=50.0), Usage()) for number in range(5)]
    failures = [Failure("city", f"vm-{number}", Reason.CONNECT, "") for number in range(5, 8)]
    found = list(batches(Round(NOW, 0.0, {}, rows, failures), STEP, size=2))

    assert [batch.samples.num_rows for batch in found] == [2, 2, 1]
    assert [len(batch.failures) for batch in found] == [2, 1, 0]


def test_spread_scrapes_have_their_own_unchanging_places() -> None:
    with serving(answering(page())) as server, collecting([server.url()] * 8, spread=0.4) as collector:
        first, second = (
            [row["machine"] for batch in collector.collect(NOW) for row in batch.samples.to_pylist()]
            for _ in range(2)
        )

    assert first == second
    assert first != sorted(first)


@pytest.mark.parametrize(
    ("step", "timeout", "given", "spread"),
    [
        (300, 10, 10, 230),  # 0.8 * 300 - 10
        (15, 5, 5, 7),
        (15, 10, 10, 2),
        (5, 10, 4, 0),
    ],
)
def test_fault_01_the_last_machine_of_a_round_ends_within_the_step(
    step: int, timeout: int, given: float, spread: float
) -> None:
    # So no machine that fails moves the next round, and with it everybody's period.
    with collecting(["http://127.0.0.1:9/"], step, spread=0.8 * step, timeout=timeout) as collector:
        assert (collector.timeout, collector.spread) == (given, spread)


def test_machines_that_leave_the_inventory_are_forgotten_and_the_others_keep_their_counters() -> None:
    with serving(answering(page())) as server, collecting([server.url()] * 2) as collector:
        list(collector.collect(NOW))
        collector.retarget(source(targets=[{"machine": "vm-1", "url": server.url()}]).targets)
        [batch] = collector.collect(NOW)

    assert [row["machine"] for row in batch.samples.to_pylist()] == ["vm-1"]
    assert set(collector._last) == {"vm-1"}


def test_no_target_gives_no_batch() -> None:
    with collecting([]) as collector:
        batches = list(collector.collect(NOW))

    assert batches == []


def test_a_round_that_begins_when_its_collector_is_closed_asks_nobody() -> None:
    collector = ExporterCollector(source(), [], STEP)
    assert sum(batch.samples.num_rows for batch in collector.collect(NOW)) == 0
    late = collector.collect(NOW)
    collector.close()

    assert list(late) == []
