"""How much data a verdict needs and which days count: at, just under, just over, from whole histories."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from measured import A_DAY, GIB, MONTH, first, judged, newest, of, steady, thinned, without

from rules.verdict import Kind, Lack

if TYPE_CHECKING:
    from measured import Arrays

SHRINK, EXPAND, KEEP, INSUFFICIENT = Kind.SHRINK, Kind.EXPAND, Kind.KEEP, Kind.INSUFFICIENT


# --- enough data ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrays", "as_of", "kind", "reason"),
    [
        pytest.param(steady(28), 28, SHRINK, None, id="28 valid days"),
        pytest.param(steady(27), 27, INSUFFICIENT, Lack.SHORT_HISTORY, id="27 valid days"),
        pytest.param(first(steady(35), 1008, cpu=math.nan), 35, SHRINK, None, id="9072 of 10080: 90 %"),
        pytest.param(
            first(steady(35), 1009, cpu=math.nan), 35, INSUFFICIENT, Lack.LOW_COVERAGE, id="9071 of 10080"
        ),
        # Every 4 minutes: 360 a day, 80 % are 288. Coverage is 0.8 in the one, lower in the other.
        pytest.param(
            thinned(steady(35, step=240), 360, 288),
            35,
            INSUFFICIENT,
            Lack.LOW_COVERAGE,
            id="288 of 360 samples: 35 days are valid",
        ),
        pytest.param(
            thinned(steady(35, step=240), 360, 287),
            35,
            INSUFFICIENT,
            Lack.SHORT_HISTORY,
            id="287 of 360 samples: no day is valid",
        ),
    ],
)
def test_fault_19_nothing_shrinks_on_less_than_28_days_and_90_percent(
    arrays: Arrays, as_of: int, kind: Kind, reason: Lack | None
) -> None:
    step = int(arrays["time"][1] - arrays["time"][0])
    verdict = judged(arrays, as_of, step)

    assert (verdict.kind, verdict.reason) == (kind, reason)


@pytest.mark.parametrize(
    ("rest", "valid_days"),
    [pytest.param(288, 7, id="288 of 360 is valid"), pytest.param(287, 6, id="287 of 360 is not")],
)
def test_a_day_is_valid_at_four_fifths_of_its_samples(rest: int, valid_days: int) -> None:
    arrays = thinned(steady(35, step=240), 360, 288)
    verdict = judged(without(arrays, slice(len(arrays["time"]) - 288 + rest, None)), 35, step=240)

    assert verdict.sufficiency[1].valid_days == valid_days


@pytest.mark.parametrize(
    ("gaps", "kind"),
    [
        # Every 12 minutes: 120 a day, 840 a week, of which 80 % are 672 = 7 * 96; a day is valid from 96 on.
        pytest.param({}, EXPAND, id="672 of 840: 80 %, 7 valid days"),
        pytest.param({0: 1}, INSUFFICIENT, id="671 of 840, 6 valid days"),
        pytest.param({0: 1, 1: -1}, EXPAND, id="672 of 840, 6 valid days of 7"),
        pytest.param({0: 1, 1: 1, 2: -2}, INSUFFICIENT, id="672 of 840, 5 valid days of 7"),
    ],
)
def test_a_week_is_enough_at_6_days_and_80_percent(gaps: dict[int, int], kind: Kind) -> None:
    # 96 samples of every day, but `gaps` fewer (negative: more) on the days of the last week named.
    arrays = steady(35, step=720, disk=80.0)
    kept = np.full(35, 96)
    for index, fewer in gaps.items():
        kept[28 + index] -= fewer
    rows = np.flatnonzero(np.arange(35 * 120) % 120 < np.repeat(kept, 120))

    assert judged({name: column[rows] for name, column in arrays.items()}, 35, step=720).kind is kind


@pytest.mark.parametrize(
    ("gone", "kind", "reason"),
    [
        pytest.param(3, SHRINK, None, id="32 days of 35: 91 %"),
        pytest.param(4, INSUFFICIENT, Lack.LOW_COVERAGE, id="31 days of 35: 89 %"),
    ],
)
def test_days_without_any_sample_are_expected_and_missing(gone: int, kind: Kind, reason: Lack | None) -> None:
    verdict = judged(without(steady(35), slice(10 * A_DAY, (10 + gone) * A_DAY)), as_of=35)

    assert (verdict.kind, verdict.reason) == (kind, reason)
    assert of(verdict, "shrink", "cpu").expected == MONTH


def test_a_day_of_too_many_samples_makes_up_for_no_other() -> None:
    # Two sources sampled the machine on 10 days: 576 of 288. Four other days are missing: 31 of 35, 89 %.
    once = steady(35)
    twice = {**once, "time": once["time"] + 60}
    both = {name: np.concatenate((once[name], twice[name][15 * A_DAY : 25 * A_DAY])) for name in once}
    verdict = judged(without(both, slice(2 * A_DAY, 6 * A_DAY)), as_of=35)

    assert (verdict.reason, verdict.sufficiency[0].coverage) == (Lack.LOW_COVERAGE, 31 / 35)


def test_a_machine_is_not_idle_by_a_tenth_of_its_network() -> None:
    arrays = first(steady(35, cpu=1.0, network=0.0), MONTH * 9 // 10, network=math.nan)
    verdict = judged(arrays, as_of=35)

    assert (verdict.kind, of(verdict, "idle", "network").holds) == (SHRINK, True)


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        # As of day 27; 48 hours before its start begins day 25. The history is too short either way.
        pytest.param(25 * A_DAY + 1, Lack.SHORT_HISTORY, id="newest sample 48 h before"),
        pytest.param(25 * A_DAY, Lack.STALE, id="newest sample 48 h 5 min before"),
    ],
)
def test_data_are_stale_when_nothing_came_for_48_hours(last: int, reason: Lack) -> None:
    verdict = judged(without(steady(27), slice(last, None)), as_of=27)

    assert (verdict.kind, verdict.reason) == (INSUFFICIENT, reason)


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        pytest.param({"vcpus": 19.0}, None, id="19 of 20 vCPU: 5 %, the same size"),
        pytest.param({"vcpus": 21.0}, None, id="21 of 20 vCPU: 5 %, the same size"),
        pytest.param({"vcpus": 18.99}, Lack.RESIZED, id="18.99 of 20 vCPU: resized"),
        pytest.param({"vcpus": 21.01}, Lack.RESIZED, id="21.01 of 20 vCPU: resized"),
        pytest.param({"memory_bytes": 19 * GIB}, None, id="19 of 20 GiB: 5 %, the same size"),
        pytest.param({"memory_bytes": 19 * GIB - 1}, Lack.RESIZED, id="a byte less than 19 GiB: resized"),
        pytest.param({"memory_bytes": 21 * GIB + 1}, Lack.RESIZED, id="a byte more than 21 GiB: resized"),
        pytest.param({"disk_bytes": 1 * GIB}, None, id="the disk's size is not the machine's"),
        pytest.param({"vcpus": 0.0}, None, id="an unknown capacity changes nothing"),
    ],
)
def test_days_of_a_size_more_than_5_percent_apart_do_not_count(
    before: dict[str, float], reason: Lack | None
) -> None:
    # 8 days of another size leave 27 of 35.
    arrays = first(steady(35, vcpus=20.0, memory_bytes=20 * GIB), 8 * A_DAY, **before)

    assert judged(arrays, as_of=35).reason is reason


def test_28_days_after_a_resize_are_enough_and_what_was_before_is_forgotten() -> None:
    arrays = first(steady(35), 7 * A_DAY, vcpus=4.0, cpu=100.0, memory=90.0, disk=60.0)
    verdict = judged(arrays, as_of=35)

    assert (verdict.kind, verdict.sufficiency[0].coverage) == (SHRINK, 1.0)
    assert of(verdict, "shrink", "cpu").known == 28 * A_DAY


# --- the days that count --------------------------------------------------------------------------


def test_the_window_is_the_35_days_before_the_judgement() -> None:
    # On day 0 the disk stood at 60 %: as of day 35 that counts, as of day 36 no more.
    arrays = first(steady(36), A_DAY, disk=60.0)

    assert judged(arrays, as_of=35).kind is KEEP
    assert judged(arrays, as_of=36).kind is SHRINK


def test_the_day_of_the_judgement_itself_does_not_count() -> None:
    arrays = newest(steady(36), A_DAY, cpu=100.0, memory=100.0, disk=100.0)

    assert judged(arrays, as_of=35).kind is SHRINK
    assert judged(arrays, as_of=36).kind is EXPAND
