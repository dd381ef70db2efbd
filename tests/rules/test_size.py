"""No flip: the same use of the advised size never satisfies the opposite rule, by the oracle's fractions."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import oracle
import pytest
from fleets import STEP, catalogue, fleet
from hypothesis import given, settings
from hypothesis import strategies as st
from measured import POLICY, day, folded, inventory, judged, steady, table

from config.policy import with_combine
from rules.judgement import judge
from rules.verdict import Kind, Note, Size

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from fleets import Fleet
    from measured import Arrays

    from config.policy import Policy
    from rules.verdict import Verdict

NAMES = {"cpu": "vcpus", "memory": "memory_gib", "disk": "disk_gib"}
LENGTHS = st.sampled_from([35, 62, 63, 80])
SEEDS = st.integers(0, 10**9)
A_BIT = Fraction(1, 10**9)  # what a float may be off


def sized(machines: Fleet, days: int, policy: Policy, kind: Kind) -> Iterator[tuple[Verdict, oracle.Past]]:
    """The machines with an advice of that kind, and their past in the oracle's eyes."""
    judgement = judge(folded(table(machines, STEP)), policy, day(days), inventory(*machines))
    for verdict in judgement.verdicts():
        if verdict.kind is kind and verdict.size is not None:
            yield verdict, past(machines[verdict.machine], days)


def past(machine: Arrays, days: int) -> oracle.Past:
    times = machine["time"].astype(np.int64)
    return oracle.look_back(oracle.fold({**machine, "time": times}, step=STEP), day(days))


def ratios(verdict: Verdict) -> dict[str, Fraction]:
    """By what the use grows in percent: present over advised size; 1 where either is unknown."""
    return {resource: ratio(verdict.current, verdict.size, name) for resource, name in NAMES.items()}


def ratio(current: Size, size: Size | None, name: str) -> Fraction:
    now, then = getattr(current, name), getattr(size, name)
    return Fraction(now) / Fraction(then) if now is not None and then is not None else Fraction(1)


def scaled(before: oracle.Past, by: dict[str, Fraction]) -> oracle.Past:
    """The same use of another size; more than all of it is all of it."""
    return replace(before, days={on: scaled_day(found, by) for on, found in before.days.items()})


def scaled_day(found: oracle.Day, by: dict[str, Fraction]) -> oracle.Day:
    def times(value: Fraction | int | None, resource: str, full: int) -> Fraction | None:
        return None if value is None else min(Fraction(full), value * by[resource])

    cpu = [min(10000 * by["cpu"].denominator, value * by["cpu"].numerator) for value in found.cpu]
    return replace(
        found,
        cpu=[Fraction(value, by["cpu"].denominator) for value in cpu],  # type: ignore[misc]
        cpu_peak=times(found.cpu_peak, "cpu", 100),
        memory_peak=times(found.memory_peak, "memory", 100),
        disk_max=times(found.disk_max, "disk", 10000),  # type: ignore[arg-type]
        disk_last=times(found.disk_last, "disk", 10000),  # type: ignore[arg-type]
    )


def highest_use(after: oracle.Past) -> dict[str, Fraction | None]:
    cpu, _ = oracle.periodic_peak(after, "cpu", 93)
    memory, _ = oracle.periodic_peak(after, "memory", 93)
    return {"cpu": cpu, "memory": memory, "disk": oracle.disk_max(after)}


def low(after: oracle.Past) -> dict[str, bool]:
    """Which shrink condition holds, each by itself."""
    memory, _ = oracle.periodic_peak(after, "memory", 93)
    disk = oracle.disk_max(after)
    return {
        "cpu": oracle.cpu_p95_at_most(after, 35, 25),
        "memory": memory is not None and memory <= 30,
        "disk": disk is not None and disk < 50,
    }


TARGETS = {"cpu": 70, "memory": 70, "disk": 65}


@pytest.mark.parametrize("combine", ["all", "each"])
@given(seed=SEEDS, days=LENGTHS)
@settings(max_examples=6, deadline=None, derandomize=True)
def test_no_machine_that_got_smaller_is_to_expand(
    combine: Literal["all", "each"], seed: int, days: int
) -> None:
    for verdict, before in sized(fleet(seed, 25, days), days, catalogue(seed, combine), Kind.SHRINK):
        by = ratios(verdict)
        after = scaled(before, by)
        use = highest_use(after)

        assert max(by.values()) <= 2, "at most halved at once"
        assert min(by.values()) >= 1
        assert not oracle.expand_holds(after) or (
            oracle.expand_holds(before) and not oracle.enough_for_giving(before)
        ), verdict
        for resource, factor in by.items():
            level = use[resource]
            assert factor == 1 or (level is not None and level <= TARGETS[resource] + A_BIT), verdict


@pytest.mark.parametrize("combine", ["all", "each"])
@given(seed=SEEDS, days=LENGTHS)
@settings(max_examples=6, deadline=None, derandomize=True)
def test_no_machine_that_got_larger_is_to_shrink(
    combine: Literal["all", "each"], seed: int, days: int
) -> None:
    for verdict, before in sized(fleet(seed, 25, days), days, catalogue(seed, combine), Kind.EXPAND):
        by = ratios(verdict)
        after = scaled(before, by)
        use, holds = highest_use(after), low(after)

        assert max(by.values()) <= 1
        if combine == "all":
            assert not all(holds.values()), verdict
        for resource, factor in by.items():
            level = use[resource]
            assert factor == 1 or not (combine == "each" and holds[resource]), verdict
            assert factor == 1 or (level is not None and level <= TARGETS[resource] + A_BIT), verdict
        assert not expand_by(after, [resource for resource, factor in by.items() if factor != 1]), verdict


def expand_by(after: oracle.Past, resources: list[str]) -> bool:
    """Whether one of the resources that grew would have to grow again."""
    memory, _ = oracle.periodic_peak(after, "memory", 35)
    disk = oracle.disk_last(after)
    high = {
        "cpu": oracle.cpu_p95_above(after, 7, 75),
        "memory": memory is not None and memory > 75,
        "disk": disk is not None and disk > 75,
    }
    return any(high[resource] for resource in resources)


# --- by hand --------------------------------------------------------------------------------------


def advised(arrays: Arrays, policy: Policy = POLICY) -> tuple[float | None, ...] | Note | None:
    verdict = judged(arrays, as_of=35, policy=policy)
    size = verdict.size
    return (size.vcpus, size.memory_gib, size.disk_gib) if size else verdict.note


def with_sizes(policy: Policy, **lists: list[float]) -> Policy:
    return policy.model_copy(update={"sizes": policy.sizes.model_copy(update=lists)})


@pytest.mark.parametrize(
    ("level", "vcpus"),
    [
        # Now 8 vCPU. 75 % of 4 are 37.5 % of them, 75 % of 6 are 56.25 %; both are rounded down.
        pytest.param(37.0, 4, id="74 % of 4"),
        pytest.param(37.6, 6, id="75.2 % of 4, 50.1 % of 6"),
        pytest.param(56.0, 6, id="74.7 % of 6"),
        pytest.param(56.3, 8, id="75.07 % of 6"),
        pytest.param(60.0, 8, id="80 % of 6"),
    ],
)
def test_a_smaller_size_is_none_that_the_newest_week_calls_too_small(level: float, vcpus: int) -> None:
    # One of six samples of the last week: 3.3 % of the month; half hours reach (60 + 5 * 10) / 6 = 18.3.
    arrays = steady(35)
    arrays["cpu"][-7 * 288 :: 6] = level

    assert advised(arrays) == (vcpus, 8, 80)


@pytest.mark.parametrize(
    ("cpu", "size"),
    [
        # Now 2 vCPU, and nothing between 2 and 7. 87.3 % of 2 are 24.94 % of 7: it would shrink again.
        pytest.param(87.3, Note.NO_SAFE_SIZE, id="24.94 % of 7"),
        pytest.param(88.1, (7, 16, 100), id="25.17 % of 7"),
    ],
)
def test_a_larger_size_is_none_that_would_shrink_again(cpu: float, size: object) -> None:
    policy = with_sizes(POLICY, vcpus=[2, 7])

    assert advised(steady(35, cpu=cpu, vcpus=2), policy) == size


def test_a_resource_that_cannot_grow_keeps_its_size_beside_one_that_grows() -> None:
    # 90 % of 8 vCPU are 60 % of 12. Memory at 97 % calls for more than 16 GiB, and nothing larger is sold.
    policy = with_sizes(POLICY, vcpus=[8, 12], memory_gib=[8, 16])
    prices = policy.prices.model_copy(update={"vcpu": 35.0, "memory_gib": 18.0, "disk_gib": 0.4})
    policy = policy.model_copy(update={"prices": prices})
    verdict = judged(steady(35, cpu=90, memory=97), as_of=35, policy=policy)

    assert (verdict.kind, verdict.note) == (Kind.EXPAND, Note.NO_SAFE_SIZE)
    assert verdict.size == Size(12, 16, 100)
    assert verdict.saving_yuan_month == -140  # four vCPU more at 35 yuan


def test_a_machine_of_which_nothing_can_grow_is_to_expand_without_a_size() -> None:
    policy = with_sizes(POLICY, vcpus=[4, 8], memory_gib=[8, 16])
    verdict = judged(steady(35, cpu=90, memory=97), as_of=35, policy=policy)

    assert (verdict.kind, verdict.note) == (Kind.EXPAND, Note.NO_SAFE_SIZE)
    assert (verdict.size, verdict.saving_yuan_month) == (None, None)


@pytest.mark.parametrize(
    ("recent_days", "size"),
    [
        # 50 % of 16 GiB on days 0 and 10 are no peak of the last 35 days, in which memory stands at 20 %;
        # of the last 93 they are: 16 * 0.5 / 0.7 = 11.4 GiB, and 20 % would fit into 8 GiB.
        pytest.param(35, (4, 8, 80), id="of 35 days"),
        pytest.param(93, None, id="of 93 days"),
    ],
)
def test_a_size_carries_the_memory_peak_that_the_rule_looks_at(recent_days: int, size: object) -> None:
    rule = POLICY.rules.shrink
    conditions = [
        c.model_copy(update={"recent_days": recent_days}) if c.resource == "memory" else c
        for c in rule.conditions
    ]
    rules = POLICY.rules.model_copy(update={"shrink": rule.model_copy(update={"conditions": conditions})})
    arrays = steady(70)
    for on in (0, 10):
        arrays["memory"][on * 288 : on * 288 + 12] = 50.0
    verdict = judged(arrays, as_of=70, policy=POLICY.model_copy(update={"rules": rules}))
    found = verdict.size

    assert (found and (found.vcpus, found.memory_gib, found.disk_gib)) == size


def test_a_larger_size_carries_what_called_for_it_though_half_hours_are_calm() -> None:
    # One of six samples of the last week at 100 %: 100 * 8 / 12 = 67 (of 10 it would be 80, above 75), while
    # half hours reach (100 + 5 * 10) / 6 = 25. Memory at 60 % does not let it shrink.
    arrays = steady(35, memory=60)
    arrays["cpu"][-7 * 288 :: 6] = 100.0

    assert advised(arrays) == (12, 16, 100)


def test_each_resource_grows_by_itself_beside_one_that_is_little_used() -> None:
    # 90 % of 8 vCPU are 60 % of 12. That memory (20 %) and disk (40 %) are low does not stand against it.
    policy = with_combine(POLICY, "each")

    assert advised(steady(35, cpu=90), policy) == (12, 16, 100)


@pytest.mark.parametrize(
    ("levels", "size"),
    [
        # Now 8 vCPU, 16 GiB, 100 GiB; catalogue 4 6 8, 8 10 12 14 16, 50 60 80 100 120 150.
        pytest.param({"cpu": 25, "memory": 30, "disk": 32.5}, (4, 8, 50), id="50 %, 60 % and 65 % of half"),
        pytest.param({"cpu": 1, "memory": 1, "disk": 1}, (4, 8, 50), id="no more than halved"),
        pytest.param({"disk": 32.51}, (4, 8, 60), id="65.02 % of half the disk, 54.2 % of 60 GiB"),
        pytest.param({"disk": 49.99}, (4, 8, 80), id="49.99 * 100 / 60 = 83 %, of 80 GiB 62.5 %"),
        pytest.param({"memory": 75.01}, (8, 20, 100), id="75.01 * 16 / 20 = 60 %"),
        pytest.param({"memory": 90}, (8, 24, 100), id="90 * 16 / 20 = 72 %, of 24 GiB 60 %"),
        pytest.param({"disk": 78}, (8, 16, 120), id="78 * 100 / 120 = 65 %"),
        pytest.param({"disk": 78.01}, (8, 16, 150), id="65.01 % of 120 GiB"),
        pytest.param({"cpu": 80, "memory": 80, "disk": 80}, (10, 20, 150), id="64 %, 64 % and 53.3 %"),
    ],
)
def test_use_of_the_advised_size_is_70_or_65_percent_at_most(
    levels: dict[str, float], size: tuple[int, int, int]
) -> None:
    assert advised(steady(35, 300, **levels)) == size


def test_the_random_fleets_are_advised_both_ways() -> None:
    # Without this the two properties above might be empty.
    machines = fleet(3, 150, 63)
    judgement = judge(folded(table(machines, STEP)), catalogue(3, "all"), day(63), inventory(*machines))
    kinds = Counter(verdict.kind for verdict in judgement.verdicts() if verdict.size is not None)

    assert kinds[Kind.SHRINK] >= 10
    assert kinds[Kind.EXPAND] >= 10
    assert POLICY.target.model_dump() == TARGETS
