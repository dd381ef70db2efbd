"""The `prometheus` source against real servers with a known past, and against bad answers."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
import simulated
from components import Answer, blocks, matrix, prometheus_on, push, scripted
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from collectors.collector import Batch, CollectError, Failure, Reason
from collectors.prometheus import PrometheusCollector
from collectors.prometheus_answer import Span, read
from collectors.prometheus_api import BODY_LIMIT
from collectors.prometheus_rows import Naming, rows
from config import queries
from config.sources import PrometheusSource
from store.lake import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Script = dict[str, str]
STEP = 300
NOBODY = "http://127.0.0.1:9"
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
END = datetime.fromtimestamp(simulated.START + 60 * simulated.MINUTES, UTC)
ALIASES = {"10.0.0.1": "alpha", "10.0.0.2": "beta"}


def source(url: str, **members: Any) -> PrometheusSource:
    given = {"name": "central", "kind": "prometheus", "url": url, "delay": "0s", "history": "2d", **members}
    return PrometheusSource.model_validate(given)


def collector(url: str, known_until: datetime | None = None, **members: Any) -> PrometheusCollector:
    return PrometheusCollector(source(url, **members), STEP, known_until, ALIASES)


def everything(batches: list[Batch]) -> pa.Table:
    return pa.concat_tables([batch.samples for batch in batches])


def failures(batches: list[Batch]) -> list[Failure]:
    return [failure for batch in batches for failure in batch.failures]


def answer(
    form: Script, machines: tuple[str, ...] = ("10.0.0.1:9100",), value: str = "5", **members: Any
) -> Answer:
    """Every point that was asked for, of each machine."""
    times = range(int(form["start"]), int(form["end"]) + 1, int(form["step"]))
    return matrix(*(({"instance": name}, [(time, value) for time in times]) for name in machines), **members)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("web\n1", "a text without control or invisible characters"),
        ("web\u202e1", "a text without control or invisible characters"),
        ("w" * 201, "a text of at most 200 characters"),
        ("  ", "a text; the cell is empty"),
    ],
    ids=["line end", "written backwards", "201 characters", "blank"],
)
def test_a_label_that_no_machine_can_be_called_is_a_failure_and_no_machine(name: str, reason: str) -> None:
    def script(form: Script) -> Answer:
        return answer(form, (name, "web-1"))

    with scripted(script) as server:
        batches = list(collector(server.url, machine_pattern="(?s)^(.+)$", history="1h").collect(NOON))

    assert set(everything(batches)["machine"].to_pylist()) == {"web-1"}
    found = failures(batches)
    assert {(failure.machine, failure.reason) for failure in found} == {(None, Reason.PARSE)}
    assert all(reason in failure.detail for failure in found)
    assert all("\n" not in failure.detail for failure in found)


# ---- the truth of two days


@pytest.fixture(scope="module")
def machines() -> list[simulated.Simulated]:
    return [simulated.alpha(), simulated.beta()]


@pytest.fixture(scope="module")
def past_in_prometheus(
    machines: list[simulated.Simulated], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("past") / "data"
    blocks(simulated.page(machines, 1) + "\n# EOF\n", folder)
    with prometheus_on(folder) as url:
        yield url


@pytest.fixture(scope="module")
def past_in_victoria(machines: list[simulated.Simulated], victoria: str) -> str:
    push(victoria, simulated.page(machines, 1000), city="known")
    return victoria


@pytest.fixture(params=["past_in_prometheus", "past_in_victoria"])
def past(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(request.param)
    return url


def test_two_days_of_a_real_server_are_the_truth_within_half_a_point(
    past: str, machines: list[simulated.Simulated]
) -> None:
    batches = list(collector(past).collect(END))
    found = {(row["machine"], row["time"]): row for row in everything(batches).to_pylist()}

    assert failures(batches) == []
    assert everything(batches).schema == SAMPLES
    # 576 steps of 300 s in two days; the one at START itself is older than the history of two days.
    assert sorted({time for _, time in found}) == [
        END - timedelta(seconds=STEP * n) for n in range(575, -1, -1)
    ]
    for machine, name in zip(machines, ("alpha", "beta"), strict=True):
        for minute in range(5, simulated.MINUTES + 1, 5):
            row = found[name, datetime.fromtimestamp(simulated.START + 60 * minute, UTC)]
            expected = simulated.truth(machine, minute, 5)
            for resource in ("cpu", "memory", "disk"):
                assert row[resource] == pytest.approx(expected[resource], abs=0.5), (name, minute, resource)
            if expected["network"] is not None and minute != 5:
                assert row["network"] == pytest.approx(2000, rel=0.01), (name, minute)
            assert (row["vcpus"], row["memory_bytes"], row["disk_bytes"], row["step"]) == (
                expected["vcpus"],
                expected["memory_bytes"],
                expected["disk_bytes"],
                STEP,
            )


def test_fault_15_a_restart_and_a_counter_that_slips_back_leave_no_cpu_value(past: str) -> None:
    rows = everything(list(collector(past).collect(END))).to_pylist()

    unknown = {(row["machine"], row["time"]) for row in rows if row["cpu"] is None}
    # The windows of five minutes that end at minute 1000 (the reboot) and 2005 (after the slip at 2003).
    assert unknown == {("beta", datetime.fromtimestamp(simulated.START + 60 * m, UTC)) for m in (1000, 2005)}


@pytest.mark.parametrize("max_points", [50, 144, 10_000])
def test_slices_join_without_a_hole_and_without_a_repetition(past_in_victoria: str, max_points: int) -> None:
    batches = list(collector(past_in_victoria, max_points=max_points).collect(END))
    times = [row["time"] for row in everything(batches).to_pylist() if row["machine"] == "alpha"]

    assert times == [END - timedelta(seconds=STEP * n) for n in range(575, -1, -1)]
    assert max(batch.samples.num_rows for batch in batches) <= 2 * max_points
    assert len(batches) > 2


def test_a_run_that_ends_after_any_slice_is_continued_where_it_ended(past_in_victoria: str) -> None:
    whole = everything(list(collector(past_in_victoria).collect(END)))
    first = collector(past_in_victoria, max_points=70)
    stored: list[Batch] = []
    for batch in first.collect(END):
        stored.append(batch)
        if len(stored) == 3:
            break  # the process ends here, with three batches stored

    newest = max(everything(stored)["time"].to_pylist())
    second = collector(past_in_victoria, newest, max_points=70)
    stored += second.collect(END)

    def sorted_rows(table: pa.Table) -> list[Any]:
        return list(table.sort_by([("machine", "ascending"), ("time", "ascending")]).to_pylist())

    assert sorted_rows(everything(stored)) == sorted_rows(whole)
    assert second.known_until == END


def test_the_next_collection_brings_only_what_is_new(past_in_victoria: str) -> None:
    server = collector(past_in_victoria)
    list(server.collect(NOON))

    assert list(server.collect(NOON + timedelta(seconds=STEP - 1))) == []
    later = everything(list(server.collect(NOON + timedelta(seconds=STEP)))).to_pylist()
    assert {row["time"] for row in later} == {NOON + timedelta(seconds=STEP)}
    assert [row["machine"] for row in later] == ["alpha", "beta"]


def test_a_selector_leaves_the_other_machines_out(past: str) -> None:
    one = collector(past, selector='instance="10.0.0.2:9100"').collect(NOON)
    none = collector(past, selector='{instance="10.0.0.9:9100"}').collect(NOON)

    assert set(everything(list(one))["machine"].to_pylist()) == {"beta"}
    assert [(failure.machine, failure.reason) for failure in failures(list(none))] == [(None, Reason.NO_DATA)]


def test_a_wrong_query_is_refused_in_the_words_of_the_server(past: str) -> None:
    batches = list(collector(past, queries={"cpu": "sum("}).collect(NOON))

    assert [failure.reason for failure in failures(batches)] == [Reason.STATUS]
    assert "HTTP 4" in failures(batches)[0].detail
    assert everything(batches).num_rows == 0


def test_what_a_query_finds_too_large_for_the_server_is_refused(past_in_prometheus: str) -> None:
    # Prometheus itself answers 422 to an execution that fails, here a many-to-many match.
    wrong = {"cpu": "node_cpu_seconds_total / on(instance) node_cpu_seconds_total"}
    batches = list(collector(past_in_prometheus, queries=wrong).collect(NOON))

    assert [failure.reason for failure in failures(batches)] == [Reason.STATUS]
    assert "HTTP 422" in failures(batches)[0].detail
    assert everything(batches).num_rows == 0


# ---- bad answers, one at a time, each for one query of seven


BAD: dict[str, tuple[Callable[[Script], Answer], Reason]] = {
    "isPartial": (lambda form: answer(form, isPartial=True), Reason.PARTIAL),
    "warnings": (lambda form: answer(form, warnings=["store 3: no answer"]), Reason.PARTIAL),
    "503": (lambda _: (503, b'{"status":"error","error":"too many outstanding requests"}'), Reason.STATUS),
    "500": (lambda _: (500, b"oops"), Reason.STATUS),
    "422": (lambda _: (422, b'{"status":"error","error":"too many samples"}'), Reason.STATUS),
    "401": (lambda _: (401, b""), Reason.AUTH),
    "redirect": (lambda _: (302, b""), Reason.REDIRECT),
    "204": (lambda _: (204, b""), Reason.STATUS),
    "empty body": (lambda _: (200, b""), Reason.PARSE),
    "log-in page": (lambda _: (200, b"<html>Log in</html>"), Reason.PARSE),
    "truncated JSON": (lambda form: (200, answer(form)[1][:-20]), Reason.PARSE),
    "status error": (lambda _: (200, b'{"status":"error","error":"x"}'), Reason.PARSE),
    "a vector": (
        lambda _: (200, b'{"status":"success","data":{"resultType":"vector","result":[]}}'),
        Reason.PARSE,
    ),
    "no data": (lambda _: (200, b'{"status":"success"}'), Reason.PARSE),
    "a list": (lambda _: (200, b"[]"), Reason.PARSE),
    "deeply nested": (lambda _: (200, b"[" * 200_000), Reason.PARSE),
    "not UTF-8": (lambda _: (200, b'{"status": "\xff"}'), Reason.PARSE),
    "other times": (lambda form: matrix(({"instance": "a"}, [(int(form["start"]) + 1, "5")])), Reason.PARSE),
    "later times": (lambda form: matrix(({"instance": "a"}, [(int(form["end"]) + 300, "5")])), Reason.PARSE),
    "time NaN": (lambda _: matrix(({"instance": "a"}, [(float("nan"), "5")])), Reason.PARSE),
    "time beyond numbers": (lambda _: matrix(({"instance": "a"}, [(10**400, "5")])), Reason.PARSE),
    "time in quotes": (lambda form: matrix(({"instance": "a"}, [(form["start"], "5")])), Reason.PARSE),  # type: ignore[list-item]
    "number bare": (lambda form: matrix(({"instance": "a"}, [(int(form["start"]), 5)])), Reason.PARSE),  # type: ignore[list-item]
    "a time twice": (lambda form: matrix(({"instance": "a"}, [(int(form["start"]), "5")] * 2)), Reason.PARSE),
    "no number": (lambda form: answer(form, value="5%"), Reason.PARSE),
    "foreign digits": (lambda form: answer(form, value="٥"), Reason.PARSE),
    "number with _": (lambda form: answer(form, value="1_0"), Reason.PARSE),
    "more series than max_series": (
        lambda form: answer(form, tuple(f"10.1.0.{n}:9100" for n in range(11))),
        Reason.BODY_LIMIT,
    ),
}


@pytest.mark.parametrize("place", [0, 6], ids=["first query", "last query"])
@pytest.mark.parametrize("case", BAD)
def test_fault_18_of_a_slice_with_one_bad_answer_nothing_is_kept(case: str, place: int) -> None:
    bad, reason = BAD[case]
    asked = list(source(NOBODY).promql().values())[place].split("$", maxsplit=1)[0]

    def script(form: Script) -> Answer:
        return bad(form) if form["query"].startswith(asked) else answer(form)

    with scripted(script) as server:
        under_test = collector(server.url, max_series=10)
        batches = list(under_test.collect(NOON))

    assert [(f.source, f.machine, f.reason) for f in failures(batches)] == [("central", None, reason)]
    assert everything(batches).num_rows == 0
    assert under_test.known_until is None


def test_fault_18_a_slice_that_fails_is_not_skipped() -> None:
    hole = int((NOON - timedelta(hours=20)).timestamp())

    def script(form: Script) -> Answer:
        inside = int(form["start"]) <= hole <= int(form["end"])
        return (503, b"") if inside and broken else answer(form)

    broken = True
    with scripted(script) as server:
        under_test = collector(server.url)
        first = list(under_test.collect(NOON))
        kept = under_test.known_until
        broken = False
        second = list(under_test.collect(NOON))

    times = everything(first + second)["time"].to_pylist()
    assert [failure.reason for failure in failures(first)] == [Reason.STATUS]
    assert kept is not None
    assert kept.timestamp() < hole
    assert failures(second) == []
    assert times == [NOON - timedelta(seconds=STEP * n) for n in range(575, -1, -1)]


def test_hints_of_the_server_are_no_warnings() -> None:
    def script(form: Script) -> Answer:
        return answer(form, infos=["PromQL info: a"], warnings=["PromQL info: metric might not be a counter"])

    with scripted(script) as server:
        batches = list(collector(server.url).collect(NOON))

    assert failures(batches) == []
    assert everything(batches).num_rows == 576


def test_an_answer_of_more_than_the_body_limit_is_asked_in_smaller_slices() -> None:
    def script(form: Script) -> Answer:
        points = (int(form["end"]) - int(form["start"])) // STEP + 1
        return (200, b" " * (BODY_LIMIT + 1)) if points > 2 and form["query"] == "q" else answer(form)

    with scripted(script) as server:
        batches = list(
            collector(server.url, queries={"cpu": "q"}, preset="percent", history="50m").collect(NOON)
        )

    assert failures(batches) == []
    assert everything(batches).num_rows == 10


def test_fault_04_a_bomb_of_zeros_is_cut_off() -> None:
    bomb = gzip.compress(b" " * (BODY_LIMIT * 2), 9)

    def script(_: Script) -> Answer:
        return 200, bomb

    with scripted(script) as server:
        server.sent = {"Content-Encoding": "gzip"}
        batches = list(
            collector(server.url, queries={"cpu": "q"}, preset="percent", history="5m").collect(NOON)
        )

    assert [failure.reason for failure in failures(batches)] == [Reason.BODY_LIMIT]


def test_fault_03_a_server_that_drips_is_left_at_the_time_limit() -> None:
    with scripted(answer) as server:
        server.drip = 0.3  # seconds between bytes: a whole answer would take minutes
        batches = list(collector(server.url, timeout="1s").collect(NOON))

    assert [failure.reason for failure in failures(batches)] == [Reason.TIMEOUT]


def test_fault_07_a_body_that_ends_early_is_truncated() -> None:
    with scripted(answer) as server:
        server.short = 10
        batches = list(collector(server.url).collect(NOON))

    assert [failure.reason for failure in failures(batches)] == [Reason.TRUNCATED]


def test_fault_01_nobody_at_the_address_is_a_failure_to_connect() -> None:
    batches = list(collector(NOBODY).collect(NOON))

    assert [failure.reason for failure in failures(batches)] == [Reason.CONNECT]


def test_several_servers_side_by_side_are_several_collectors() -> None:
    with scripted(answer) as up:
        both = [collector(up.url), collector(NOBODY, name="other")]
        found = [list(one.collect(NOON)) for one in both]

    assert [(failures(batches), everything(batches).num_rows) for batches in found] == [
        ([], 576),
        ([Failure("other", None, Reason.CONNECT, failures(found[1])[0].detail)], 0),
    ]


# ---- what is sent


def test_a_query_is_sent_with_whole_aligned_times_and_a_window_of_two_scrapes() -> None:
    with scripted(answer) as server:
        list(collector(server.url + "/prefix/", queries={"cpu": "rate(x{$selector}[$window])"}).collect(NOON))
        list(collector(server.url, scrape_interval="5m", queries={"cpu": "y[$window]"}).collect(NOON))

    cpu = [form for form in server.asked if form["query"].startswith(("rate(x", "y["))]
    assert {form["query"] for form in cpu} == {"rate(x{}[300s])", "y[600s]"}
    assert {form["path"] for form in server.asked} == {"/prefix/api/v1/query_range", "/api/v1/query_range"}
    assert {int(form["start"]) % STEP + int(form["end"]) % STEP for form in server.asked} == {0}
    assert {form["step"] for form in server.asked} == {"300"}
    assert {form["deny_partial_response"] + form["partial_response"] for form in server.asked} == {"1false"}


@pytest.mark.parametrize(
    ("auth", "sent"),
    [
        ({"username": "reader", "password_file": "secret"}, "Basic cmVhZGVyOnMzY3JldA=="),  # reader:s3cret
        ({"bearer_file": "secret"}, "Bearer s3cret"),
    ],
    ids=["basic", "bearer"],
)
def test_the_secret_of_a_source_is_sent(auth: dict[str, str], sent: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    files = {name: str(tmp_path / value) if name.endswith("_file") else value for name, value in auth.items()}

    with scripted(answer) as server:
        list(collector(server.url, auth=files).collect(NOON))

    assert {headers["Authorization"] for headers in server.headers} == {sent}


def test_a_secret_that_is_gone_is_a_failure_and_nothing_is_sent(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    with scripted(answer) as server:
        under_test = collector(server.url, auth={"bearer_file": str(secret)})
        secret.unlink()
        batches = list(under_test.collect(NOON))

    assert [failure.reason for failure in failures(batches)] == [Reason.AUTH]
    assert server.asked == []


def test_a_ca_file_that_is_gone_is_a_failure_of_tls(tmp_path: Path) -> None:
    members = {"tls": {"ca_file": str(tmp_path / "gone.pem")}}
    batches = list(collector("https://127.0.0.1:9", **members).collect(NOON))  # type: ignore[arg-type]

    assert [failure.reason for failure in failures(batches)] == [Reason.TLS]


# ---- machines


@pytest.mark.parametrize(
    ("instance", "machine"),
    [
        ("10.0.0.1:9100", "alpha"),
        ("http://10.0.0.2:9100", "beta"),
        ("db-7.example:9100", "db-7.example"),
        ("[fd00::1]:9100", "[fd00::1]"),
        ("web-1", "mapped"),
        ("web-2:9100", "alpha"),  # the operator's map leads to an alias of the inventory
        ("", None),
    ],
)
def test_a_series_names_its_machine(instance: str, machine: str | None) -> None:
    maps = {"web-1": "mapped", "web-2": "10.0.0.1"}
    naming = Naming.of(source(NOBODY, machines=maps), ALIASES)

    assert naming.machine({"instance": instance}) == machine


def test_fault_11_two_series_of_one_machine_give_no_value_and_a_failure() -> None:
    two = ("10.0.0.1:9100", "10.0.0.1:9182", "10.0.0.2:9100")
    with scripted(lambda form: answer(form, two)) as server:
        batches = list(collector(server.url, history="50m").collect(NOON))

    assert set(everything(batches)["machine"].to_pylist()) == {"beta"}
    assert [(f.machine, f.reason) for f in failures(batches)] == [("alpha", Reason.DUPLICATE)]
    assert '{instance="10.0.0.1:9100"} and {instance="10.0.0.1:9182"}' in failures(batches)[0].detail


def test_a_machine_that_moves_to_another_host_keeps_its_values() -> None:
    span = Span(0, 300, 4)
    first = ({"instance": "10.0.0.1:1", "host": "a"}, [(0, "1"), (300, "2")])
    second = ({"instance": "10.0.0.1:1", "host": "b"}, [(600, "3"), (900, "4")])
    _, body = matrix(first, second)

    batch = rows({"cpu": read(body, span, 2)}, span, Naming.of(source(NOBODY), ALIASES), "central")

    assert batch.failures == ()
    assert batch.samples["cpu"].to_pylist() == [1.0, 2.0, 3.0, 4.0]


def test_series_without_the_label_are_one_failure() -> None:
    def script(form: Script) -> Answer:
        times = [(int(form["start"]), "5")]
        return matrix(({"host": "a"}, times), ({"host": "b"}, times), ({"instance": "10.0.0.2:1"}, times))

    with scripted(script) as server:
        batches = list(collector(server.url, history="5m").collect(NOON))

    # Two series in each of seven answers.
    detail = "14 series without a machine in the label instance"
    assert failures(batches) == [Failure("central", None, Reason.PARSE, detail)]
    assert everything(batches)["machine"].to_pylist() == ["beta"]


@pytest.mark.parametrize(
    ("text", "stored", "invalid"),
    [
        ("NaN", None, 1),
        ("+Inf", None, 1),
        ("-Inf", None, 1),
        ("1e400", None, 1),
        ("-0.01", None, 1),
        ("100.01", None, 1),
        ("0", 0.0, 0),
        ("100", 100.0, 0),
        ("2.5e1", 25.0, 0),
    ],
)
def test_fault_10_what_is_no_percent_is_counted_and_not_stored(
    text: str, stored: float | None, invalid: int
) -> None:
    with scripted(lambda form: answer(form, value=text)) as server:
        members: dict[str, Any] = {"preset": "percent", "queries": {"memory": "m"}, "history": "5m"}
        batches = list(collector(server.url, **members).collect(NOON))

    assert everything(batches)["memory"].to_pylist() == [stored]
    assert sum(batch.invalid for batch in batches) == invalid


# ---- recorded answers of real servers


@pytest.mark.parametrize("folder", ["prometheus_api_athonet", "prometheus_api_node_exporter"])
def test_recorded_instant_answers_are_refused_as_they_are(folder: str, shared: Path) -> None:
    recorded = sorted((shared / "data" / "api_samples" / folder).glob("*.json"))

    for file in recorded:
        with pytest.raises(CollectError) as refused:
            read(file.read_bytes(), Span(0, 300, 10), 100)
        assert refused.value.reason is Reason.PARSE
    assert recorded


def test_the_series_of_recorded_answers_are_read_whole(shared: Path) -> None:
    total = 0
    for file in sorted((shared / "data" / "api_samples").glob("prometheus_api_*/*.json")):
        recorded = json.loads(file.read_text()).get("data", {})
        if recorded.get("resultType") != "vector":
            continue
        pairs = [(one["metric"], [(600, one["value"][1])]) for one in recorded["result"]]
        found = read(matrix(*pairs)[1], Span(0, 300, 10), 100)
        total += len(pairs)

        assert found.labels == [labels for labels, _ in pairs]
        assert found.values.tolist() == [float(values[0][1]) for _, values in pairs]
        assert found.owner.tolist() == list(range(len(pairs)))
        assert set(found.index.tolist()) <= {2}  # 600 s is the third of 0, 300, 600
    assert total > 100


def test_one_host_with_many_recorded_series_is_a_duplicate(shared: Path) -> None:
    file = shared / "data" / "api_samples" / "prometheus_api_node_exporter" / "00_00.json"
    recorded = json.loads(file.read_text())["data"]["result"]  # five file systems of one host

    def script(form: Script) -> Answer:
        return matrix(*((one["metric"], [(int(form["start"]), one["value"][1])]) for one in recorded))

    with scripted(script) as server:
        members: dict[str, Any] = {
            "preset": "percent",
            "queries": {"disk_bytes": "size"},
            "machine_label": "host",
        }
        batches = list(collector(server.url, history="5m", **members).collect(NOON))

    assert [(f.machine, f.reason) for f in failures(batches)] == [("site1-ngc-sig-1", Reason.DUPLICATE)]
    assert everything(batches).num_rows == 0


# ---- properties, presets, settings


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_body_whatever_gets_past_the_reader(body: bytes) -> None:
    with pytest.raises(CollectError):
        read(body, Span(0, 300, 10), 100)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["metric", "values"]), inner),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(JSON, max_size=3))
def test_a_result_of_any_shape_is_read_or_refused(result: list[object]) -> None:
    body = json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}).encode()
    try:
        outcome: object = len(read(body, Span(0, 300, 10), 100).labels)
    except CollectError as error:
        outcome = error.reason

    assert outcome in {len(result), Reason.PARSE}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**5), st.integers(10, 60))
def test_any_border_between_two_runs_leaves_no_hole(now: int, back: int, step: int) -> None:
    """The first time of a run is the one after the last of the run before, whenever that was."""
    later = datetime.fromtimestamp(10**9 + now, UTC)
    earlier = later - timedelta(seconds=back)
    server = PrometheusCollector(source(NOBODY, history="40d"), step, None, {})

    _, last = server.bounds(earlier)
    server.known_until = datetime.fromtimestamp(last, UTC)
    first, end = server.bounds(later)

    assert first == last + step
    assert end == later.timestamp() // step * step


@pytest.mark.parametrize("selector", ["", 'job="node",env=~"prod|test"'])
@pytest.mark.parametrize(
    ("preset", "resource"),
    [(preset, resource) for preset, asked in queries.PRESETS.items() for resource in asked],
)
def test_every_preset_is_promql_for_both_servers(
    preset: str, resource: str, selector: str, past_in_prometheus: str, past_in_victoria: str
) -> None:
    """An exporter that neither server has scraped: no series, and no refusal."""
    asked = queries.PRESETS[preset][resource].replace(
        "$selector", selector + ',city="no"' if selector else 'city="no"'
    )
    for url in (past_in_prometheus, past_in_victoria):
        members: dict[str, Any] = {"preset": "percent", "queries": {resource: asked}, "history": "5m"}
        found = failures(list(collector(url, **members).collect(NOON)))

        assert [failure.reason for failure in found] == [Reason.NO_DATA]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"preset": "percent"}, "asks nothing by itself"),
        ({"machine_pattern": "("}, "a regular expression"),
        ({"machine_pattern": "abc"}, "first group"),
        ({"selector": "node"}, "label matchers"),
        ({"step": "7m"}, "divides half an hour"),
        ({"scrape_interval": "0s"}, "at least 1s"),
        ({"max_points": 11_001}, "11000"),
        ({"url": "ftp://x"}, "http://"),
    ],
)
def test_a_source_that_cannot_work_is_refused(members: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        source(members.pop("url", NOBODY), **members)


def test_a_libvirt_source_is_named_by_domain() -> None:
    assert source(NOBODY, preset="libvirt").machine_label == "domain"
    assert source(NOBODY, preset="libvirt", machine_label="uuid").machine_label == "uuid"
