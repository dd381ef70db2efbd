"""The oracle itself is trusted only because these cases can be followed with a pencil."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from oracle import GIB, Answer, Numbers, Samples, bitbrains, fold, judge

if TYPE_CHECKING:
    from pathlib import Path

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 1, 1)
PER_DAY = 288
HALF_HOUR = 6
CATALOGUE = {"vcpus": [1, 2, 4, 6, 8], "memory_gib": [1, 2, 4, 8, 16], "disk_gib": [50, 100]}

Arrays = dict[str, Numbers]


def day(index: int) -> date:
    return FIRST + timedelta(days=index)


def epoch_seconds(year: int, month: int, of_month: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(year, month, of_month, hour, minute, tzinfo=SHANGHAI).timestamp())


def steady(days: int, **levels: float) -> Arrays:
    """A machine that does the same all day, every 5 minutes from FIRST on: by default one to shrink."""
    rows = days * PER_DAY
    usual = {"cpu": 10.0, "memory": 20.0, "disk": 40.0, "vcpus": 8.0, "memory_bytes": 16.0 * GIB}
    start = epoch_seconds(2026, 1, 1)
    return {
        "time": start + 300 * np.arange(rows),
        **{name: np.full(rows, level) for name, level in (usual | levels).items()},
    }


def judged(arrays: Samples, as_of: int) -> Answer:
    return judge(fold(arrays), day(as_of), CATALOGUE)


# --- days -----------------------------------------------------------------------------------------


def test_a_local_day_begins_at_sixteen_hours_utc() -> None:
    # 1767196800 is 2025-12-31 16:00:00 UTC, midnight in Shanghai; one second earlier it is still the 31st.
    values = np.array([1.0, 2.0])
    days = fold({"time": np.array([1767196799, 1767196800]), "cpu": values, "memory": values, "disk": values})

    assert list(days) == [date(2025, 12, 31), date(2026, 1, 1)]
    assert days[date(2026, 1, 1)].cpu == [200]


def test_the_daily_peak_is_the_highest_half_hour_mean_of_known_samples() -> None:
    # 00:00: (10+20+30+40+50+60)/6 = 35 ; 00:30: (80+10)/2 = 45, the third is unknown.
    # cpu at 01:00: 120 counts as 100, (100+0)/2 = 50 ; memory at 01:00: 101 is invalid, 0 remains.
    values = np.array([10, 20, 30, 40, 50, 60, 80, math.nan, 10, 120, 0])
    memory = np.where(values == 120, 101, values)
    minutes = np.array([0, 5, 10, 15, 20, 25, 30, 35, 40, 60, 65])
    times = epoch_seconds(2026, 1, 1) + 60 * minutes
    folded = fold({"time": times, "cpu": values, "memory": memory, "disk": values})[FIRST]

    assert folded.cpu_peak == 50
    assert folded.memory_peak == 45
    assert folded.known == {"cpu": 10, "memory": 9, "disk": 9, "network": 0}
    assert (folded.disk_max, folded.disk_last) == (8000, 0)


def test_of_two_rows_with_one_time_the_later_one_wins_whole() -> None:
    # Three rows, two times: 10 % and unknown memory give way to 30 % and 40 %; the other row stays.
    times = np.array([300, 0, 300]) + epoch_seconds(2026, 1, 1)
    cpu, memory = np.array([10.0, 20.0, 30.0]), np.array([math.nan, 5.0, 40.0])
    folded = fold({"time": times, "cpu": cpu, "memory": memory, "disk": cpu})[FIRST]

    assert folded.cpu == [2000, 3000]
    assert folded.memory_peak == Fraction(45, 2)


def test_the_day_the_clocks_go_back_has_25_hours() -> None:
    # New York: 2026-11-01 00:00 is 04:00 UTC; 25 h * 12 = 300 samples in 50 half hours, the last the highest.
    start = int(datetime(2026, 11, 1, 4, tzinfo=ZoneInfo("UTC")).timestamp())
    values = np.arange(300, dtype=np.float64) / 3
    arrays: Arrays = {"time": start + 300 * np.arange(300), "cpu": values, "memory": values, "disk": values}
    days = fold(arrays, timezone="America/New_York")

    assert [(found, days[found].expected) for found in days] == [(date(2026, 11, 1), 300)]
    # the last six are 98.00 98.33 98.67 99.00 99.33 99.67: sum 593.00, mean 593/6
    assert days[date(2026, 11, 1)].cpu_peak == Fraction(593, 6)


# --- the three conditions -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("busy_samples", "busy_cpu", "verdict", "p95"),
    [
        # 35 days * 288 = 10080 samples; 95 % of them are 9576, so 504 may be above.
        pytest.param(504, 25.01, "shrink", 10, id="504 above leave 9576 at 10"),
        pytest.param(505, 25.01, "keep", 26, id="505 above leave 9575, 26 is the next whole percent"),
        pytest.param(505, 25.00, "shrink", 25, id="25.00 is not above 25"),
    ],
)
def test_cpu_is_low_when_95_of_100_samples_do_not_exceed_25(
    busy_samples: int, busy_cpu: float, verdict: str, p95: int
) -> None:
    arrays = steady(35)
    arrays["cpu"][:busy_samples] = busy_cpu
    answer = judged(arrays, as_of=35)

    assert (answer.verdict, answer.cpu_p95) == (verdict, p95)


@pytest.mark.parametrize(
    ("spikes", "peak", "witnesses"),
    [
        pytest.param((40, 46), 35, (40, 46), id="six days apart: periodic"),
        pytest.param((40, 45), 20, (63, 69), id="five days apart: once, the base remains"),
        pytest.param((40,), 20, (63, 69), id="a single spike does not count"),
    ],
)
def test_memory_peaks_count_when_they_come_back(
    spikes: tuple[int, ...], peak: float, witnesses: tuple[int, ...]
) -> None:
    # 70 days of history at 20 %; on the days named one half hour at 35 %. Without a pair the base's latest
    # two days at least 6 apart bear witness: 69 and 63.
    arrays = steady(70)
    for spike in spikes:
        arrays["memory"][spike * PER_DAY : spike * PER_DAY + HALF_HOUR] = 35
    answer = judged(arrays, as_of=70)

    assert (answer.memory_peak, answer.memory_witnesses) == (peak, tuple(day(index) for index in witnesses))
    assert answer.verdict == ("shrink" if peak <= 30 else "keep")


@pytest.mark.parametrize(("days", "peak"), [pytest.param(62, 35, id="62"), pytest.param(63, 20, id="63")])
def test_a_single_spike_counts_while_history_is_shorter_than_63_days(days: int, peak: float) -> None:
    arrays = steady(days)
    arrays["memory"][40 * PER_DAY : 40 * PER_DAY + HALF_HOUR] = 35

    assert judged(arrays, as_of=days).memory_peak == peak


@pytest.mark.parametrize(
    ("disk", "verdict"), [(49.99, "shrink"), (50.0, "keep"), (75.0, "keep"), (75.01, "expand")]
)
def test_disk_is_low_below_50_and_high_above_75(disk: float, verdict: str) -> None:
    assert judged(steady(35, disk=disk), as_of=35).verdict == verdict


@pytest.mark.parametrize(
    ("memory", "verdict"), [(30.0, "shrink"), (30.01, "keep"), (75.0, "keep"), (75.01, "expand")]
)
def test_memory_is_low_up_to_30_and_high_above_75(memory: float, verdict: str) -> None:
    assert judged(steady(35, memory=memory), as_of=35).verdict == verdict


@pytest.mark.parametrize(
    ("busy", "unknown", "verdict"),
    [
        # 7 * 288 = 2016 samples, 5 % are 100.8; of 2000 they are exactly 100.
        pytest.param(100, 0, "shrink", id="100 of 2016"),
        pytest.param(101, 0, "expand", id="101 of 2016"),
        pytest.param(100, 16, "shrink", id="100 of 2000: 95 % are not above"),
        pytest.param(101, 16, "expand", id="101 of 2000"),
    ],
)
def test_cpu_is_high_when_more_than_5_of_100_samples_of_the_week_exceed_75(
    busy: int, unknown: int, verdict: str
) -> None:
    # Over 35 days 101 of 10080 are 1 %. One busy sample lifts its half hour only to (76 + 5*10)/6 = 21.
    arrays = steady(35)
    arrays["cpu"][-HALF_HOUR * busy :: HALF_HOUR] = 76
    arrays["cpu"][-7 * PER_DAY : -7 * PER_DAY + unknown] = math.nan

    assert judged(arrays, as_of=35).verdict == verdict


@pytest.mark.parametrize(
    ("cpu", "network", "verdict"),
    [(3, 1000, "idle"), (3.01, 1000, "shrink"), (3, 1001, "shrink"), (3, math.nan, "shrink")],
)
def test_a_machine_is_idle_only_when_its_network_is_known_to_be_quiet(
    cpu: float, network: float, verdict: str
) -> None:
    assert judged(steady(35, cpu=cpu, network=network), as_of=35).verdict == verdict


# --- enough data ----------------------------------------------------------------------------------


def thinned(kept_a_day: int, **levels: float) -> Arrays:
    """35 days of which only the first samples of each are kept."""
    kept = np.arange(35 * PER_DAY) % PER_DAY < kept_a_day
    return {name: column[kept] for name, column in steady(35, **levels).items()}


def with_hole(resource: str, first: int, last: int, kept_a_day: int = PER_DAY, **levels: float) -> Arrays:
    arrays = thinned(kept_a_day, **levels)
    arrays[resource][first:last] = math.nan
    return arrays


def resized(at: int, before: float) -> Arrays:
    """35 days at 20 vCPU, but until day `at` another size, and busy."""
    arrays = steady(35, vcpus=20)
    arrays["vcpus"][: at * PER_DAY] = before
    arrays["cpu"][: at * PER_DAY] = 70
    return arrays


@pytest.mark.parametrize(
    ("arrays", "as_of", "verdict", "reason"),
    [
        pytest.param(steady(30), 65, "insufficient", "no_data", id="days 30..64 hold nothing"),
        pytest.param(steady(32), 40, "insufficient", "stale", id="27 valid days of 5..39, the newest is 31"),
        pytest.param(with_hole("memory", 0, 10080), 35, "insufficient", "metric_missing", id="no memory"),
        pytest.param(resized(8, before=16), 35, "insufficient", "resized", id="27 days since the resize"),
        pytest.param(resized(7, before=16), 35, "shrink", None, id="28 days: busy days before do not count"),
        pytest.param(resized(8, before=21), 35, "keep", None, id="one of 20 is 5 %: no resize"),
        pytest.param(steady(27), 27, "insufficient", "short_history", id="27 days"),
        pytest.param(steady(28), 28, "shrink", None, id="28 days"),
        pytest.param(thinned(230), 35, "insufficient", "short_history", id="230 < 230.4: no day is valid"),
        pytest.param(thinned(231), 35, "insufficient", "low_coverage", id="valid days, 231/288 = 0.802"),
        pytest.param(with_hole("cpu", 0, 1008), 35, "shrink", None, id="9072/10080 = 0.9"),
        pytest.param(with_hole("cpu", 0, 1009), 35, "insufficient", "low_coverage", id="9071/10080 < 0.9"),
    ],
)
def test_nothing_is_taken_away_without_enough_data(
    arrays: Samples, as_of: int, verdict: str, reason: str | None
) -> None:
    answer = judged(arrays, as_of)

    assert (answer.verdict, answer.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("arrays", "verdict"),
    [
        pytest.param(with_hole("cpu", -288, 10080, disk=80), "expand", id="6 valid days, 1728/2016 = 0.857"),
        pytest.param(
            with_hole("cpu", -356, -220, disk=80),
            "keep",
            id="2 days of 220, 5 valid; 33 of 35 will do to keep",
        ),
        pytest.param(thinned(231, disk=80), "expand", id="7 valid days, 231/288 = 0.802"),
        pytest.param(thinned(230, disk=80), "insufficient", id="no valid day"),
        pytest.param(
            with_hole("cpu", -231, 8085, kept_a_day=231, disk=80),
            "insufficient",
            id="6 valid days, 6*231/2016 = 0.69",
        ),
    ],
)
def test_expansion_is_advised_on_a_week_of_data(arrays: Samples, verdict: str) -> None:
    assert judged(arrays, as_of=35).verdict == verdict


def test_four_fifths_of_the_expected_samples_make_a_day_valid() -> None:
    # Expected every 240 s: 360 a day; 288 are exactly 80 %. All days are valid, but coverage is 0.8 < 0.9.
    answer = judge(fold(steady(35), step=240), day(35), CATALOGUE)

    assert (answer.valid_days, answer.coverage, answer.reason) == (35, 0.8, "low_coverage")


def test_days_from_the_judgement_on_are_not_looked_at() -> None:
    # Days 35..39 stand at 90 % of half the machine; judged as of day 35 they do not exist.
    arrays = steady(40)
    arrays["cpu"][35 * PER_DAY :] = 90
    arrays["vcpus"][35 * PER_DAY :] = 4

    assert judged(arrays, as_of=35).verdict == "shrink"
    assert judged(arrays, as_of=40).cpu_p95 == 90


# --- the size -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cpu_peak", "memory", "disk", "size"),
    [
        # now 8 vCPU, 16 GiB, 100 GiB of disk
        pytest.param(10, 10, 30, (4, 8, 50), id="2 vCPU and 4 GiB would do, but are less than half"),
        pytest.param(35, 20, 32.5, (4, 8, 50), id="35*8/4 = 70 and 32.5*100/50 = 65 are allowed"),
        pytest.param(35.01, 20, 32.51, (6, 8, 100), id="35.01*8/4 = 70.02, of 6 46.68; 32.51*100/50 = 65.02"),
        pytest.param(60, 30, 40, (8, 8, 100), id="60*8/6 = 80; 30*16/8 = 60"),
    ],
)
def test_a_size_leaves_peaks_at_70_percent_disks_at_65_and_halves_at_most(
    cpu_peak: float, memory: float, disk: float, size: tuple[int, int, int]
) -> None:
    arrays = steady(35, memory=memory, disk=disk, disk_bytes=100.0 * GIB)
    arrays["cpu"][:HALF_HOUR] = cpu_peak

    assert judged(arrays, as_of=35).size == dict(zip(("vcpus", "memory_gib", "disk_gib"), size, strict=True))


def test_no_size_is_advised_that_the_newest_week_would_have_us_expand() -> None:
    # One of six samples of the last week at 60 %: 336 of 10080 leave p95 low, the half-hour means are
    # (60+5*10)/6 = 18.3. 60 % of 8 vCPU are 120 % of 4 and 80 % of 6: above 75, in more than 5 % of the week.
    arrays = steady(35)
    arrays["cpu"][-7 * PER_DAY :: HALF_HOUR] = 60
    answer = judged(arrays, as_of=35)

    assert answer.verdict == "shrink"
    assert answer.size == {"vcpus": 8, "memory_gib": 8, "disk_gib": None}


def test_the_smallest_machine_is_kept() -> None:
    answer = judged(steady(35, vcpus=1, memory_bytes=GIB), as_of=35)

    assert (answer.verdict, answer.note, answer.size) == ("keep", "no_safe_size", None)


def test_without_a_known_capacity_the_verdict_stays_and_no_size_is_advised() -> None:
    answer = judged(steady(35, vcpus=0, memory_bytes=0), as_of=35)

    assert (answer.verdict, answer.note, answer.size) == ("shrink", "capacity_unknown", None)


# --- the real measurements ------------------------------------------------------------------------


def test_bitbrains_rows_arrive_as_the_lake_would_hold_them(tmp_path: Path) -> None:
    # 12.345678 is stored as 12.35; 4096 MB are 4096 * 2**20 bytes; a machine that is off has no figures and
    # reports no cores: unknown, so the median is that of the other row.
    rows: dict[str, list[object]]
    rows = {"vm": ["a", "a"], "ts": [0, 300], "cpu_pct": [12.345678, math.nan], "mem_pct": [50, math.nan]}
    rows |= {"cores": [2, 0], "mem_cap_mb": [4096, 0]}
    pd.DataFrame(rows).to_parquet(tmp_path / "two_rows.parquet")
    [(machine, arrays)] = bitbrains(tmp_path / "two_rows.parquet")
    folded = fold(arrays)[date(1970, 1, 1)]

    assert machine == "a"
    assert folded.cpu == [1235]
    assert (folded.vcpus, folded.memory_bytes) == (Fraction(2), Fraction(4096 * 2**20))
    assert folded.known == {"cpu": 1, "memory": 1, "disk": 2, "network": 0}


@pytest.mark.needs_shared
def test_every_running_sample_of_the_real_machines_lands_in_one_day(shared: Path) -> None:
    # The reference beside the file counts, for each machine, the rows in which it was on.
    folder = shared / "data" / "1_fleet_mem"
    on_rows = pd.read_csv(folder / "bitbrains_rnd.oracle.csv", index_col="vm")["on_rows"]
    known = {
        machine: sum(found.known["cpu"] for found in fold(arrays).values())
        for machine, arrays in islice(bitbrains(folder / "bitbrains_rnd.parquet"), 5)
    }

    assert known == {machine: on_rows[machine] for machine in known}
