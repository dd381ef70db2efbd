"""Faults 1 to 16 against real servers: each gives its reason and no sample, and stops nothing else."""

from __future__ import annotations

import asyncio
import gzip
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from socket import AF_INET, AI_NUMERICHOST
from threading import Event
from typing import TYPE_CHECKING

import pytest
from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from scraping import NOW, closed_port, collecting, once, page, reason, two_rounds
from servers import answering, dripping, sending, serving, silence, whole

from collectors.collector import Reason
from collectors.fetch import Client

if TYPE_CHECKING:
    from socket import AddressFamily

    from servers import Answer, Request

    from config.sources import ExporterSource


def test_fault_01_a_closed_port_is_connect_and_others_go_on() -> None:
    with serving(answering(page())) as server, collecting([closed_port(), server.url()]) as collector:
        [batch] = collector.collect(NOW)

    assert [row["machine"] for row in batch.samples.to_pylist()] == ["vm-1"]
    assert [(failure.machine, failure.reason) for failure in batch.failures] == [("vm-0", Reason.CONNECT)]


def test_fault_01_a_name_that_nobody_knows_is_connect() -> None:
    assert reason("http://machine.invalid:9100/metrics", timeout=5)[0] == Reason.CONNECT


def test_fault_02_a_hang_before_the_headers_is_timeout() -> None:
    with serving(silence) as server:
        assert reason(server.url()) == (Reason.TIMEOUT, "no whole answer within 0.4 s")


def test_fault_02_machines_that_keep_silent_hold_up_no_other() -> None:
    waiting, all_asked = set(range(12)), Event()

    async def at_once(_: Request, writer: asyncio.StreamWriter) -> None:
        waiting.pop()
        if not waiting:
            all_asked.set()
        writer.write(whole(page()))

    async def after_the_others(_: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.to_thread(all_asked.wait, 60)
        writer.write(whole(page()))

    with (
        serving(at_once) as awake,
        serving(after_the_others) as asleep,
        collecting([asleep.url()] * 12 + [awake.url()] * 12, concurrency=4, timeout=30) as collector,
    ):
        [batch] = collector.collect(NOW)

    assert (batch.samples.num_rows, batch.failures) == (24, ())


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"


def test_fault_03_a_dripping_body_ends_at_the_total_deadline() -> None:
    with serving(dripping(HEAD, b"#", pause=0.05)) as server:
        assert reason(server.url())[0] == Reason.TIMEOUT


def test_fault_03_dripping_headers_end_at_the_total_deadline() -> None:
    with serving(dripping(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n", pause=0.05)) as server:
        assert reason(server.url())[0] == Reason.TIMEOUT


def test_fault_04_a_gzip_bomb_of_50_mb_ends_early_and_in_less_than_10_mb() -> None:
    bomb = gzip.compress(bytes(50 << 20))
    with (
        serving(answering(page())) as warm,
        serving(answering(bomb, Content_Encoding="gzip")) as server,
    ):
        command = [sys.executable, Path(__file__).with_name("bomb.py"), warm.url(), server.url()]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout

    why, grown = said.split()
    assert why == Reason.BODY_LIMIT
    assert int(grown) * 1024 < 10_000_000


@pytest.mark.parametrize("length", [(1 << 16) - 1, 1 << 16, (1 << 16) + 1])
def test_fault_04_a_compressed_page_is_read_up_to_the_limit(length: int) -> None:
    body = page() + b"#" * (length - len(page()) - 1) + b"\n"
    with serving(answering(gzip.compress(body), Content_Encoding="gzip")) as server:
        batch = once(server.url(), body_limit=1 << 16)

    assert batch.samples.num_rows == (length <= 1 << 16)


@pytest.mark.parametrize(
    "answer",
    [
        answering(page() + b"#" * (1 << 16)),
        dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"#" * 50_000, pause=0),
        dripping(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b"#" * 4096 + b"\r\n", 0
        ),
    ],
    ids=["with a length", "without a length", "in chunks"],
)
def test_fault_05_a_body_over_the_limit_is_not_read_to_its_end(answer: Answer) -> None:
    with serving(answer) as server:
        assert reason(server.url(), body_limit=1 << 16, timeout=5) == (
            Reason.BODY_LIMIT,
            "more than 65536 bytes",
        )


def test_fault_05_a_body_of_exactly_the_limit_is_read() -> None:
    body = page() + b"#" * ((1 << 16) - len(page()) - 1) + b"\n"
    with serving(answering(body)) as server:
        assert once(server.url(), body_limit=1 << 16).samples.num_rows == 1


def test_fault_05_too_many_samples_reject_the_page() -> None:
    many = b"".join(b'node_filesystem_size_bytes{device="%d"} 1\n' % number for number in range(100_000))
    with serving(answering(page() + many)) as server:
        assert reason(server.url(), timeout=5)[0] == Reason.BODY_LIMIT


def test_fault_06_two_megabytes_of_escaped_quotes_reject_the_page() -> None:
    quotes = b'node_filesystem_size_bytes{device="' + rb"\"" * (1 << 20) + b'"} 1\n'
    with serving(answering(page() + quotes)) as server:
        why, said = reason(server.url(), timeout=5)

    assert why == Reason.PARSE
    assert said.startswith("line 12: longer than 65536 bytes")


GOOD = gzip.compress(page())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (sending(whole(page())[:-30], then_close=True), Reason.TRUNCATED),
        (
            sending(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\nnode", then_close=True),
            Reason.TRUNCATED,
        ),
        (
            sending(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", then_close=True),
            Reason.DECODE,
        ),
        (sending(b"HTTP/1.1 200 OK\r\nContent-", then_close=True), Reason.TRUNCATED),
        (sending(b"", then_close=True), Reason.TRUNCATED),
        (answering(GOOD[:-20], Content_Encoding="gzip"), Reason.TRUNCATED),
        (answering(page(), Content_Encoding="gzip"), Reason.DECODE),
        (answering(GOOD[:60] + b"\0" * 20 + GOOD[80:], Content_Encoding="gzip"), Reason.DECODE),
        (answering(GOOD + b"tail", Content_Encoding="gzip"), Reason.DECODE),
        (answering(page(), Content_Encoding="br"), Reason.DECODE),
        (sending(b"SSH-2.0-OpenSSH_9.2p1\r\n", then_close=True), Reason.DECODE),
    ],
    ids=[
        "short body",
        "chunk cut",
        "chunk without a length",
        "headers cut",
        "no byte at all",
        "gzip cut",
        "gzip that is none",
        "gzip with damage",
        "gzip with a tail",
        "an encoding nobody asked for",
        "not HTTP",
    ],
)
def test_fault_07_damaged_answers_give_nothing(answer: Answer, expected: Reason) -> None:
    with serving(answer) as server:
        assert reason(server.url())[0] == expected


def test_fault_08_one_bad_line_in_ten_thousand_rejects_the_page_and_names_its_line() -> None:
    lines = [b"# a comment"] * 10_000
    lines[7_000] = b"node_memory_MemTotal_bytes eight"
    with serving(answering(b"\n".join(lines) + b"\n" + page())) as server:
        assert reason(server.url()) == (
            Reason.PARSE,
            "line 7001: not a sample of the text format: node_memory_MemTotal_bytes eight",
        )


@pytest.mark.parametrize(
    "bad", [b"\xff", b"\0", b"\xed\xa0\x80", b"\xc3\x28"], ids=["FF", "NUL", "surrogate", "C3 28"]
)
def test_fault_09_bytes_that_are_no_text_reject_the_page_and_the_log_stays_one_line(bad: bytes) -> None:
    line = b'node_filesystem_size_bytes{device="' + bad + b'\\n"} 1\n'
    with serving(answering(page() + line)) as server:
        why, said = reason(server.url())

    assert why == Reason.PARSE
    assert said.isascii()
    assert said.isprintable()


@pytest.mark.parametrize(
    ("line", "column", "invalid"),
    [
        (b"node_memory_MemAvailable_bytes NaN", "memory", 0),
        (b"node_memory_MemAvailable_bytes +Inf", "memory", 1),
        (b"node_memory_MemAvailable_bytes -1e9", "memory", 1),
        (b"node_memory_MemAvailable_bytes 9e9", "memory", 1),
        (b"node_memory_MemTotal_bytes NaN", "memory_bytes", 0),
        (b"node_memory_MemTotal_bytes +Inf", "memory_bytes", 0),
        (b"node_memory_MemTotal_bytes 0", "memory_bytes", 0),
    ],
)
def test_fault_10_a_value_that_cannot_be_is_no_value(line: bytes, column: str, invalid: int) -> None:
    name = line.split()[0]
    body = b"\n".join(line if old.split(b" ")[0] == name else old for old in page().split(b"\n"))
    with serving(answering(body)) as server:
        batch = once(server.url())

    [row] = batch.samples.to_pylist()
    assert row[column] is None
    assert row["disk"] == 20.0
    assert batch.invalid == invalid


@pytest.mark.parametrize("figures", [b"1e400", b"9" * 400, b"0x1p3", "٣".encode(), b"1_0"])
def test_fault_10_a_number_beyond_the_text_format_rejects_the_page(figures: bytes) -> None:
    with serving(answering(page().replace(b"8e9", figures))) as server:
        assert reason(server.url())[0] == Reason.PARSE


@pytest.mark.parametrize("at_end", [True, False])
def test_fault_11_a_series_with_two_values_is_duplicate_in_any_order(*, at_end: bool) -> None:
    other = b"node_memory_MemTotal_bytes 9e9\n"
    with serving(answering(page() + other if at_end else other + page())) as server:
        assert reason(server.url())[0] == Reason.DUPLICATE


def test_fault_12_labels_that_claim_another_identity_change_nothing() -> None:
    forged = page().replace(
        b"MemTotal_bytes", b'MemTotal_bytes{instance="vm-9",job="x",vm_id="vm-9",machine="vm-9"}'
    )
    with serving(answering(forged)) as server:
        [row] = once(server.url()).samples.to_pylist()

    assert (row["machine"], row["memory_bytes"]) == ("vm-0", 8 * 10**9)


def test_fault_12_a_page_of_several_machines_is_refused_never_mixed() -> None:
    two = b'node_cpu_seconds_total{cpu="0",mode="idle",instance="b"} 1\n'
    with serving(answering(page() + two)) as server:
        assert reason(server.url())[0] == Reason.DUPLICATE


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"]
)
def test_fault_13_a_redirect_is_refused_and_the_other_host_sees_no_packet(status: str) -> None:
    with (
        serving(answering(page())) as other,
        serving(answering(b"", status, Location=other.url())) as server,
    ):
        why, said = reason(server.url())

        assert (why, other.connections) == (Reason.REDIRECT, 0)
        assert said.endswith(f"to {other.url()}; not followed")


@pytest.mark.parametrize("where", ["http://169.254.169.254/latest/meta-data/", "file:///etc/passwd"])
def test_fault_13_a_redirect_to_the_clouds_secrets_or_to_a_file_is_refused(where: str) -> None:
    with serving(answering(b"", "302 Found", Location=where)) as server:
        assert reason(server.url()) == (Reason.REDIRECT, f"answered 302 Found to {where}; not followed")


def test_fault_13_a_name_that_moves_after_it_was_checked_brings_no_packet_to_the_second_host() -> None:
    with (
        serving(answering(page())) as first,
        serving(answering(page()), at=("127.0.0.2", first.port)) as second,
        collecting([first.url(host="moving.example")], networks=["127.0.0.1"]) as collector,
    ):
        collector._client = collector._runner.run(asking(collector.source, Moving()))
        before, after = (next(iter(collector.collect(NOW))) for _ in range(2))

        assert before.samples.num_rows == 1
        assert [failure.reason for failure in after.failures] == [Reason.FORBIDDEN]
        assert (first.connections, second.connections) == (1, 0)


class Moving(AbstractResolver):
    """A name server that says 127.0.0.1 the first time and 127.0.0.2 from then on."""

    def __init__(self) -> None:
        self.hosts = iter(["127.0.0.1"])

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_INET) -> list[ResolveResult]:
        address = next(self.hosts, "127.0.0.2")
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=family, proto=0, flags=AI_NUMERICHOST
            )
        ]

    async def close(self) -> None: ...


async def asking(source: ExporterSource, resolver: AbstractResolver) -> Client:
    """A client that closes its connections and asks the resolver each time."""
    client = Client(source, timeout=5, keep_alive=False)
    connector = client.session.connector
    assert isinstance(connector, TCPConnector)
    connector._resolver, connector._use_dns_cache = resolver, False
    return client


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_fault_13_an_address_outside_of_the_networks_sees_no_packet(host: str) -> None:
    with serving(answering(page())) as server:
        why, _ = reason(server.url(host=host), networks=["10.0.0.0/8", "169.254.0.0/16"])

        assert (why, server.connections) == (Reason.FORBIDDEN, 0)


def test_fault_13_an_address_inside_of_the_networks_is_asked() -> None:
    with serving(answering(page())) as server:
        assert once(server.url(), networks=["10.0.0.0/8", "127.0.0.0/8"]).samples.num_rows == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"<!DOCTYPE html><html><form>user</form></html>\n",
        b"up 1\n",
        b"# TYPE node_cpu_seconds_total counter\n",
    ],
    ids=["empty", "blank", "login page", "another exporter", "no samples"],
)
def test_fault_14_a_page_without_figures_is_no_data_and_never_nought_percent(body: bytes) -> None:
    with serving(answering(body)) as server:
        assert reason(server.url())[0] == Reason.NO_DATA


def test_fault_15_a_counter_that_steps_back_marks_a_gap() -> None:
    row = two_rounds(page(busy=100, idle=300, carried=5000), page(busy=1, idle=310, carried=10))

    assert (row["cpu"], row["network"]) == (None, None)
    assert row["memory"] == 75.0


def test_fault_15_a_restart_marks_a_gap_even_when_every_counter_grew() -> None:
    row = two_rounds(page(boot=1.7e9), page(busy=110, idle=330, carried=9000, boot=1.7e9 + 60))

    assert (row["cpu"], row["network"]) == (None, None)


@pytest.mark.parametrize(
    "stamp", [b"0", b"4102444800000", b"9223372036854775807"], ids=["1970", "2100", "last"]
)
def test_fault_16_timestamps_of_the_page_are_not_used(stamp: bytes) -> None:
    body = b"".join(line + b" " + stamp + b"\n" for line in page().splitlines() if line[0:1] != b"#")
    with serving(answering(body)) as server:
        [row] = once(server.url()).samples.to_pylist()

    assert NOW <= row["time"] < NOW + timedelta(seconds=10)
    assert row["memory"] == 75.0


@pytest.mark.parametrize("stamp", [b"NaN", b"1.5", b"9223372036854775808", b""])
def test_fault_16_what_is_no_timestamp_rejects_the_page(stamp: bytes) -> None:
    with serving(answering(page() + b"node_boot_time 1 " + stamp + b"\n")) as server:
        assert reason(server.url())[0] == Reason.PARSE
