"""From two readings to cpu and network, at every boundary."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.counters import Reading, Usage, table, usage

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
STEP = 300
MODES = ("user", "nice", "system", "irq", "softirq", "steal", "idle", "iowait")


def reading(clock: float, cpu: dict[str, float] | None = None, **others: Any) -> Reading:
    """A machine with one cpu, whose modes stand in `cpu`."""
    return Reading("vm-1", NOW, clock, cpu={("0", mode): s for mode, s in (cpu or {}).items()}, **others)


def between(before: dict[str, float], after: dict[str, float]) -> float:
    return usage(reading(0, before), reading(300, after), STEP).cpu


NOUGHT = dict.fromkeys(MODES, 0.0)


@pytest.mark.parametrize(
    ("spent", "expected"),
    [
        ({"idle": 300}, 0.0),
        ({"user": 300}, 100.0),
        ({"user": 75, "idle": 225}, 25.0),  # 75 of 300 s
        ({"user": 60, "system": 10, "irq": 3, "softirq": 2, "idle": 225}, 25.0),  # 75 of 300 s
        ({"idle": 200, "iowait": 100}, 0.0),  # waiting for a disk is not work
        ({"steal": 30, "idle": 270}, 10.0),  # the machine wanted the cpu and did not get it
        ({"nice": 150, "idle": 150}, 50.0),
    ],
    ids=["idle", "full", "a quarter", "many modes", "iowait is idle", "steal is busy", "nice is busy"],
)
def test_cpu_is_the_share_that_was_not_idle(spent: dict[str, float], expected: float) -> None:
    assert between(NOUGHT, NOUGHT | spent) == pytest.approx(expected)


def test_guests_are_counted_once() -> None:
    # 100 s went to guests: the kernel counts them in user and again in guest. 100 of 300 s, not 200 of 400.
    before = NOUGHT | {"guest": 0, "guest_nice": 0}
    after = NOUGHT | {"user": 90, "guest": 90, "nice": 10, "guest_nice": 10, "idle": 200}

    assert between(before, after) == pytest.approx(100 / 3)


def test_cpus_count_alike() -> None:
    before = {("0", "user"): 5.0, ("0", "idle"): 5.0, ("1", "user"): 5.0, ("1", "idle"): 5.0}
    after = before | {("0", "user"): 305.0, ("1", "idle"): 305.0}  # one worked all the time, one never

    assert usage(Reading("vm-1", NOW, 0, cpu=before), Reading("vm-1", NOW, 300, cpu=after), STEP).cpu == 50.0


@pytest.mark.parametrize("mode", MODES)
def test_fault_15_any_counter_that_steps_back_leaves_no_value(mode: str) -> None:
    before = dict.fromkeys(MODES, 100.0)
    after = dict.fromkeys(MODES, 200.0) | {mode: 99.99}

    assert math.isnan(between(before, after))


def test_a_counter_that_stands_still_is_no_step_back() -> None:
    assert between({"user": 5.0, "idle": 5.0}, {"user": 5.0, "idle": 305.0}) == 0.0


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_counter_that_is_no_number_leaves_no_value(value: float) -> None:
    assert math.isnan(between({"user": 5.0, "idle": 5.0}, {"user": 6.0, "idle": value}))
    assert math.isnan(between({"user": 5.0, "idle": value}, {"user": 6.0, "idle": 7.0}))


def test_counters_that_did_not_move_leave_no_value() -> None:
    assert math.isnan(between({"user": 5.0, "idle": 5.0}, {"user": 5.0, "idle": 5.0}))


def test_a_cpu_that_came_or_went_leaves_no_value() -> None:
    one = Reading("vm-1", NOW, 0, cpu={("0", "user"): 5, ("0", "idle"): 5})
    two = Reading(
        "vm-1", NOW, 300, cpu={("0", "user"): 9, ("0", "idle"): 9, ("1", "user"): 9, ("1", "idle"): 9}
    )

    assert math.isnan(usage(one, two, STEP).cpu)
    assert math.isnan(usage(two, reading(600, {"user": 99, "idle": 99}), STEP).cpu)


def test_the_first_reading_has_no_use() -> None:
    assert [
        math.isnan(value)
        for value in (usage(None, reading(0), STEP).cpu, usage(None, reading(0), STEP).network)
    ]


BOTH = {"cpu": {"user": 10.0, "idle": 10.0}, "received": {"eth0": 1000.0}, "sent": {"eth0": 0.0}}
MORE = {"cpu": {"user": 20.0, "idle": 40.0}, "received": {"eth0": 4000.0}, "sent": {"eth0": 600.0}}


@pytest.mark.parametrize(
    ("elapsed", "known"),
    [
        (1, True),
        (300, True),
        (600, True),
        (750, True),
        (750.1, False),
        (86400, False),
        (0, False),
        (-1, False),
    ],
    ids=[
        "soon",
        "a step",
        "one missed",
        "late after one missed",
        "two missed",
        "a day",
        "at once",
        "back in time",
    ],
)
def test_a_previous_reading_older_than_two_steps_is_not_used(elapsed: float, *, known: bool) -> None:
    found = usage(reading(1000, **BOTH), reading(1000 + elapsed, **MORE), STEP)

    assert (not math.isnan(found.cpu), not math.isnan(found.network)) == (known, known)


@pytest.mark.parametrize(
    ("before", "after", "known"),
    [
        (1e9, 1e9, True),
        (1e9, 1e9 + 5, True),
        (1e9, 1e9 - 5, True),
        (1e9, 1e9 + 5.1, False),
        (1e9, 1e9 - 5.1, False),
        (math.nan, math.nan, True),
        (math.nan, 1e9, True),
    ],
    ids=["same", "NTP forward", "NTP back", "later", "earlier", "not said", "not said before"],
)
def test_fault_15_another_boot_time_is_a_restart(before: float, after: float, *, known: bool) -> None:
    found = usage(reading(0, boot=before, **BOTH), reading(300, boot=after, **MORE), STEP)

    assert (not math.isnan(found.cpu), not math.isnan(found.network)) == (known, known)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"eth0": 1000}, {"eth0": 4000}, 10.0),  # 3000 bytes in 300 s
        ({"eth0": 0, "eth1": 0}, {"eth0": 3000, "eth1": 6000}, 30.0),  # 9000 in 300 s
        ({"eth0": 0}, {"eth0": 3000, "eth1": 10**12}, 10.0),
        ({"eth0": 0, "eth1": 10**12}, {"eth0": 3000}, 10.0),
        ({"eth0": 5}, {"eth0": 5}, 0.0),
        ({"eth0": 5}, {"eth0": 4}, math.nan),
        ({"eth0": 5, "eth1": 5}, {"eth0": 3005, "eth1": 4}, math.nan),
        ({"eth0": 5}, {"eth1": 9}, math.nan),
        ({}, {}, math.nan),
        ({"eth0": math.nan}, {"eth0": 5}, math.nan),
    ],
    ids=[
        "one",
        "two",
        "came",
        "went",
        "silent",
        "back",
        "one of two back",
        "none in both",
        "none",
        "not a number",
    ],
)
@pytest.mark.parametrize("way", ["received", "sent"])
def test_network_is_bytes_a_second_over_the_devices_of_both_readings(
    before: dict[str, float], after: dict[str, float], expected: float, way: str
) -> None:
    found = usage(reading(0, **{way: before}), reading(300, **{way: after}), STEP)

    assert found.network == pytest.approx(expected, nan_ok=True)


def test_received_and_sent_add_up() -> None:
    # (4000 - 1000 + 600 - 0) / 300 s
    assert usage(reading(0, **BOTH), reading(300, **MORE), STEP).network == 12.0


COUNTERS = st.dictionaries(
    st.tuples(st.sampled_from("01"), st.sampled_from(MODES)),
    st.floats(0, 1e9) | st.sampled_from([math.nan, math.inf, 0.0, 1.0]),
)


@given(COUNTERS, COUNTERS, st.integers(-10, 1000))
def test_use_is_between_0_and_100_or_unknown_whatever_the_counters_say(
    before: dict[tuple[str, str], float], after: dict[tuple[str, str], float], elapsed: int
) -> None:
    first = Reading("vm-1", NOW, 0.0, cpu=before, received={m: v for (_, m), v in before.items()})
    second = Reading("vm-1", NOW, elapsed, cpu=after, received={m: v for (_, m), v in after.items()})
    found = usage(first, second, STEP)

    assert math.isnan(found.cpu) or 0 <= found.cpu <= 100
    assert math.isnan(found.network) or 0 <= found.network < math.inf


def test_rows_become_samples_with_unknown_for_what_is_not_known() -> None:
    bare = Reading("vm-1", NOW, 0.0)
    full = Reading("vm-2", NOW, 0.0, memory=12.345, disk=101.0, vcpus=4, memory_bytes=8e9, disk_bytes=0)
    samples, invalid = table([(bare, Usage()), (full, Usage(cpu=100.4, network=7.6))], 300)
    first, second = samples.to_pylist()

    assert {key for key, value in first.items() if value is not None} == {"machine", "time", "step"}
    # 12.345 is stored to 0.01; 101 % of a disk cannot be; 100.4 % is turbo; a disk of 0 bytes is unknown
    assert second["memory"] == pytest.approx(12.34, abs=0.006)
    assert (second["disk"], second["cpu"], second["network"], second["disk_bytes"]) == (
        None,
        100.0,
        8.0,
        None,
    )
    assert (second["vcpus"], second["memory_bytes"], second["step"], invalid) == (4.0, 8 * 10**9, 300, 1)
