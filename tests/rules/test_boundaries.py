"""Every threshold of article 13, third paragraph: at it, just under, just over, from histories of samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from measured import MONTH, WEEK, day, first, judged, newest, of, spiked, steady

from rules.verdict import Kind

SHRINK, EXPAND, IDLE, KEEP = Kind.SHRINK, Kind.EXPAND, Kind.IDLE, Kind.KEEP


# --- 核减 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "kind"),
    [
        pytest.param({"cpu": 24.99}, SHRINK, id="CPU使用率未超过25%: 24.99"),
        pytest.param({"cpu": 25.00}, SHRINK, id="CPU使用率未超过25%: 25.00 does not exceed it"),
        pytest.param({"cpu": 25.01}, KEEP, id="CPU使用率未超过25%: 25.01 does"),
        pytest.param({"memory": 29.99}, SHRINK, id="内存周期性峰值未超过30%: 29.99"),
        pytest.param({"memory": 30.00}, SHRINK, id="内存周期性峰值未超过30%: 30.00 does not exceed it"),
        pytest.param({"memory": 30.01}, KEEP, id="内存周期性峰值未超过30%: 30.01 does"),
        pytest.param({"disk": 49.99}, SHRINK, id="硬盘使用率不到50%: 49.99"),
        pytest.param({"disk": 50.00}, KEEP, id="硬盘使用率不到50%: 50.00 is not below it"),
        pytest.param({"disk": 50.01}, KEEP, id="硬盘使用率不到50%: 50.01"),
        pytest.param({"cpu": 25, "memory": 30, "disk": 49.99}, SHRINK, id="all three at their limits"),
    ],
)
def test_fault_20_a_machine_shrinks_up_to_25_and_30_and_below_50(
    levels: dict[str, float], kind: Kind
) -> None:
    assert judged(steady(35, 300, **levels), as_of=35).kind is kind


@pytest.mark.parametrize(
    ("busy", "level", "unknown", "kind", "value"),
    [
        # 10080 samples at 25.00 but for the busy ones; 95 % are 9576, so 504 may be busy.
        pytest.param(504, 25.01, 0, SHRINK, 25, id="504 of 10080 busy: 9576 are exactly 95 %"),
        pytest.param(505, 25.01, 0, KEEP, 26, id="505 busy: 9575 at 25, one fewer than 95 %"),
        pytest.param(505, 25.00, 0, SHRINK, 25, id="505 at 25.00 are not busy"),
        # 10 unknown: of 10070 known samples 95 % are 9566.5, so 503 may be busy.
        pytest.param(503, 99.0, 10, SHRINK, 25, id="503 of 10070 known"),
        pytest.param(504, 99.0, 10, KEEP, 99, id="504 of 10070 known: unknown samples are not idle ones"),
    ],
)
def test_fault_20_cpu_does_not_exceed_25_when_95_of_100_known_samples_do_not(
    busy: int, level: float, unknown: int, kind: Kind, value: int
) -> None:
    # The busy ones stand apart, every 20th sample: a half hour has one of six, (99 + 5 * 25) / 6 = 37.3.
    arrays = steady(35, cpu=25.0)
    arrays["cpu"][np.arange(busy) * 19] = level
    newest(arrays, unknown or 1, cpu=math.nan if unknown else 25.0)
    verdict = judged(arrays, as_of=35)
    cpu = of(verdict, "shrink", "cpu")

    assert (verdict.kind, cpu.value, cpu.known) == (kind, value, MONTH - unknown)
    assert cpu.holds is (kind is SHRINK)
    assert cpu.share == (MONTH - unknown - busy * (level > 25)) / (MONTH - unknown)


# --- 扩容 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", ["cpu", "memory", "disk"])
@pytest.mark.parametrize(
    ("level", "kind"),
    [
        pytest.param(74.99, KEEP, id="资源使用率超过75%: 74.99"),
        pytest.param(75.00, KEEP, id="资源使用率超过75%: 75.00 does not exceed it"),
        pytest.param(75.01, EXPAND, id="资源使用率超过75%: 75.01 does"),
    ],
)
def test_fault_20_a_machine_expands_above_75(resource: str, level: float, kind: Kind) -> None:
    assert judged(steady(35, 300, **{resource: level}), as_of=35).kind is kind


@pytest.mark.parametrize(
    ("busy", "kind"),
    [
        # 7 * 288 = 2016 samples; of these 5 % are 100.8.
        pytest.param(100, KEEP, id="100 of 2016 above 75: 1916 are more than 95 %"),
        pytest.param(101, EXPAND, id="101 of 2016: 1915 are fewer"),
    ],
)
def test_cpu_exceeds_75_when_more_than_5_of_100_samples_of_the_week_do(busy: int, kind: Kind) -> None:
    # The four weeks before stand at 75.00, and do not count.
    arrays = newest(first(steady(35, cpu=26.0), MONTH - WEEK, cpu=75.0), busy, cpu=75.01)

    assert judged(arrays, as_of=35).kind is kind


def test_the_disk_expands_by_its_newest_value_not_by_its_highest() -> None:
    # Someone cleaned up on the last day: 80 % before, 60 % in the last sample.
    cleaned = newest(steady(35, disk=80.0), 1, disk=60.0)
    filled = newest(steady(35, disk=60.0), 1, disk=80.0)

    assert judged(cleaned, as_of=35).kind is KEEP
    assert judged(filled, as_of=35).kind is EXPAND


# --- 系统不再使用 ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "kind"),
    [
        pytest.param({"cpu": 3.0, "network": 1000}, IDLE, id="系统不再使用: 3.00 and 1000 B/s"),
        pytest.param({"cpu": 2.99, "network": 999}, IDLE, id="系统不再使用: 2.99 and 999 B/s"),
        pytest.param({"cpu": 3.01, "network": 1000}, SHRINK, id="系统不再使用: 3.01 is used"),
        pytest.param({"cpu": 3.0, "network": 1001}, SHRINK, id="系统不再使用: 1001 B/s is used"),
        pytest.param({"cpu": 3.0, "network": math.nan}, SHRINK, id="系统不再使用: unknown network"),
    ],
)
def test_a_machine_is_idle_up_to_3_and_1000(levels: dict[str, float], kind: Kind) -> None:
    assert judged(steady(35, 300, **levels), as_of=35).kind is kind


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        pytest.param(0, IDLE, id="系统不再使用: a mean of 1000 B/s"),
        pytest.param(1, SHRINK, id="系统不再使用: one B/s more in one of 10080 samples"),
    ],
)
def test_the_mean_of_the_network_is_exact(more: int, kind: Kind) -> None:
    # 5040 samples lie as far above 1000 as the other 5040 below it, strewn over days of all means.
    generator = np.random.default_rng(13)
    above = generator.integers(0, 1000, MONTH // 2).astype(np.float64)
    arrays = steady(35, cpu=1.0)
    arrays["network"] = generator.permutation(np.concatenate((1000 + above, 1000 - above)))
    arrays["network"][0] += more

    assert judged(arrays, as_of=35).kind is kind


# --- 周期性峰值 -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "spikes", "value", "witnesses"),
    [
        pytest.param(70, (50, 55), 20, (63, 69), id="周期性: 5 days apart, once"),
        pytest.param(70, (50, 56), 35, (50, 56), id="周期性: 6 days apart, twice"),
        pytest.param(62, (50,), 35, (50,), id="周期性: 62 days of history, one day counts"),
        pytest.param(63, (50,), 20, (56, 62), id="周期性: 63 days of history, one day does not"),
        # As of day 200 the last 93 days are 107..199.
        pytest.param(200, (20, 107), 35, (20, 107), id="周期性: the later one 93 days ago"),
        pytest.param(200, (20, 106), 20, (193, 199), id="周期性: the later one 94 days ago"),
        # As of day 410 the last 400 days are 10..409.
        pytest.param(410, (10, 400), 35, (10, 400), id="周期性: the earlier one 400 days ago"),
        pytest.param(410, (9, 400), 20, (403, 409), id="周期性: the earlier one 401 days ago"),
        pytest.param(70, (50, 57, 64), 35, (57, 64), id="周期性: the latest pair bears witness"),
    ],
)
def test_a_memory_peak_counts_when_it_came_back_after_6_days(
    days: int, spikes: tuple[int, ...], value: float, witnesses: tuple[int, ...]
) -> None:
    verdict = judged(spiked(steady(days, step=1800), "memory", spikes, 35.0), days, step=1800)
    memory = of(verdict, "shrink", "memory")

    assert (memory.value, memory.witnesses) == (value, tuple(day(index) for index in witnesses))
    assert verdict.kind is (SHRINK if value <= 30 else KEEP)


def test_the_level_of_a_periodic_peak_is_the_lower_of_its_two_days() -> None:
    arrays = spiked(spiked(steady(70, step=1800), "memory", (50,), 90.0), "memory", (60,), 28.5)
    memory = of(judged(arrays, 70, step=1800), "shrink", "memory")

    assert (memory.value, memory.witnesses) == (28.5, (day(50), day(60)))


@pytest.mark.parametrize(
    ("spikes", "kind"),
    [
        # As of day 100 the last 35 days are 65..99.
        pytest.param((40, 65), EXPAND, id="资源使用率超过75%: the later one 35 days ago"),
        pytest.param((40, 64), KEEP, id="资源使用率超过75%: the later one 36 days ago"),
        pytest.param((80,), SHRINK, id="资源使用率超过75%: once is not periodic"),
    ],
)
def test_a_memory_expands_by_a_peak_that_came_back_in_the_last_35_days(
    spikes: tuple[int, ...], kind: Kind
) -> None:
    arrays = spiked(steady(100, step=1800), "memory", spikes, 75.01)

    assert judged(arrays, 100, step=1800).kind is kind
