"""Properties of the judgement on random fleets: more use, parts of the fleet, both rules, and strangers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import oracle
import pyarrow as pa
import pytest
from agreement import figures, said
from fleets import A_DAY, STEP, fleet
from hypothesis import given, settings
from hypothesis import strategies as st
from measured import GIB, POLICY, day, folded, inventory, judged, steady, table

from config.policy import with_combine
from rules.judgement import INVENTORY, judge
from rules.verdict import Kind, Lack, Note
from store.lake import DAYS

if TYPE_CHECKING:
    from typing import Literal

    from measured import Arrays

SEEDS = st.integers(0, 10**9)
LENGTHS = st.sampled_from([35, 62, 63, 80])


@given(SEEDS, LENGTHS)
@settings(max_examples=6, deadline=None, derandomize=True)
def test_random_machines_are_judged_as_the_oracle_judges_them(seed: int, days: int) -> None:
    machines = fleet(seed, 20, days)
    catalogue = POLICY.sizes.model_dump()
    found = judge(folded(table(machines, STEP)), POLICY, day(days), inventory(*machines)).verdicts()
    product = {verdict.machine: said(verdict) for verdict in found}
    expected = {name: figures(by_oracle(machine, days, catalogue)) for name, machine in machines.items()}

    assert {
        name: (product[name], expected[name]) for name in machines if product[name] != expected[name]
    } == {}


def by_oracle(machine: Arrays, days: int, catalogue: dict[str, list[float]]) -> oracle.Answer:
    times = machine["time"].astype(np.int64)
    return oracle.judge(oracle.fold({**machine, "time": times}, step=STEP), day(days), catalogue)


# --- more use -------------------------------------------------------------------------------------


@pytest.mark.parametrize("combine", ["all", "each"])
@given(seed=SEEDS)
@settings(max_examples=5, deadline=None, derandomize=True)
def test_more_use_never_turns_keep_into_shrink(combine: Literal["all", "each"], seed: int) -> None:
    policy = with_combine(POLICY, combine)
    machines = fleet(seed, 30, 70)
    generator = np.random.default_rng(seed)
    busier = {name: grown(generator, machine) for name, machine in machines.items()}
    before, after = (
        judge(folded(table(each, STEP)), policy, day(70), inventory(*machines)).verdicts()
        for each in (machines, busier)
    )
    turned = [
        was.machine
        for was, now in zip(before, after, strict=True)
        if (was.kind, now.kind) == (Kind.KEEP, Kind.SHRINK)
    ]

    assert turned == []


def grown(generator: np.random.Generator, machine: Arrays) -> Arrays:
    """More use at some times, of some resources, less at none; unknown stays unknown."""
    more = dict(machine)
    for name in ("cpu", "memory", "disk"):
        if generator.random() < 0.6:
            often = generator.random(len(machine[name])) < generator.choice([0.01, 0.2, 1.0])
            growth = often * generator.uniform(0, generator.choice([1.0, 10.0, 60.0]))
            more[name] = np.round(np.minimum(machine[name] + growth, 100), 2)
    return more


# --- one fleet, many calls ------------------------------------------------------------------------


@given(SEEDS, st.randoms(use_true_random=False))
@settings(max_examples=6, deadline=None, derandomize=True)
def test_machines_judged_together_or_in_groups_get_the_same_verdicts(seed: int, chance: object) -> None:
    # Of different ages, so that the groups' days reach back differently far.
    machines = fleet(seed, 12, 80)
    for number, name in enumerate(machines):
        machines[name] = {key: column[number * 5 * A_DAY :] for key, column in machines[name].items()}
    days = folded(table(machines, STEP))
    names = list(machines)
    chance.shuffle(names)  # type: ignore[attr-defined]
    together = judge(days, POLICY, day(80), inventory(*names)).verdicts()
    apart = [
        verdict
        for group in (names[:1], names[1:5], names[5:])
        for verdict in judge(rows_of(days, group), POLICY, day(80), inventory(*group)).verdicts()
    ]

    assert apart == list(together)


def rows_of(days: pa.Table, names: list[str]) -> pa.Table:
    """Their rows only, which is what a judgement by machine range reads, in an order of its own."""
    rows = [number for number, name in enumerate(days["machine"].to_pylist()) if name in names]
    return days.take(pa.array(rows[::-1], pa.int64()))


def test_days_of_unknown_machines_are_left_out_and_machines_without_days_have_no_data() -> None:
    days = folded(table({"known": steady(35, STEP), "stranger": steady(35, STEP, disk=90.0)}, STEP))
    found = list(judge(days, POLICY, day(35), inventory("new", "known")).verdicts())

    assert [(v.machine, v.kind, v.reason) for v in found] == [
        ("new", Kind.INSUFFICIENT, Lack.NO_DATA),
        ("known", Kind.SHRINK, None),
    ]
    assert found[0].evidence[0].value is None
    assert found[0].sufficiency[0].coverage == 0


def test_a_fleet_without_machines_or_without_days_is_judged_too() -> None:
    days = folded(table({"stranger": steady(35, STEP)}, STEP))

    assert list(judge(days, POLICY, day(35), inventory()).verdicts()) == []
    assert list(judge(DAYS.empty_table(), POLICY, day(35), inventory()).verdicts()) == []
    [found] = judge(DAYS.empty_table(), POLICY, day(35), inventory("new")).verdicts()
    assert (found.kind, found.reason) == (Kind.INSUFFICIENT, Lack.NO_DATA)


def test_the_inventory_gives_the_size_that_was_not_measured() -> None:
    # Measured: 8 vCPU; memory is known from the inventory alone, the disk from nowhere. The inventory's vCPU
    # do not count. cpu 10 % of 8 is 20 % of 4; memory 20 % of 32 is 40 % of 16.
    arrays = steady(35, STEP, memory_bytes=0, disk_bytes=0)
    sizes = inventory("web-1", vcpus=64, memory_gib=32)
    [found] = judge(folded(table({"web-1": arrays}, STEP)), POLICY, day(35), sizes).verdicts()

    assert (found.current.vcpus, found.current.memory_gib, found.current.disk_gib) == (8, 32, None)
    assert found.size is not None
    assert (found.size.vcpus, found.size.memory_gib, found.size.disk_gib) == (4, 16, None)
    # 4 vCPU at 35 yuan and 16 GiB at 18 yuan: 140 + 288.
    assert found.saving_yuan_month == 428


# --- shrink and expand ----------------------------------------------------------------------------


@pytest.mark.parametrize("combine", ["all", "each"])
@given(seed=SEEDS, days=LENGTHS)
@settings(max_examples=6, deadline=None, derandomize=True)
def test_shrink_and_expand_never_hold_both_for_one_resource(
    combine: Literal["all", "each"], seed: int, days: int
) -> None:
    # memory: a peak of the last 35 days is one of the last 93. disk: the last value is not above the highest.
    machines = fleet(seed, 40, days)
    policy = with_combine(POLICY, combine)
    found = judge(folded(table(machines, STEP)), policy, day(days), inventory(*machines)).verdicts()
    both = [
        (verdict.machine, low.resource)
        for verdict in found
        for low, high in zip(verdict.evidence[:3], verdict.evidence[3:6], strict=True)
        if low.holds and high.holds and low.resource != "cpu"
    ]

    assert both == []


def test_expansion_beats_shrink_where_a_busy_week_ends_a_quiet_month() -> None:
    # The two look at cpu over different windows: 168 samples above 75 are 1.7 % of 35 days (10080), but
    # 8.3 % of the last 7 (2016). The week calls for more; no size is advised: by the month it would shrink.
    arrays = steady(35)
    arrays["cpu"][-168:] = 80.0
    found = judged(arrays, as_of=35)
    [low, high] = [e for e in found.evidence if e.resource == "cpu" and e.rule != "idle"]

    assert (low.holds, high.holds) == (True, True)
    assert (found.kind, found.size, found.note) == (Kind.EXPAND, None, Note.NO_SAFE_SIZE)


@pytest.mark.parametrize(
    ("levels", "size"),
    [
        # Now 8 vCPU, 16 GiB, 100 GiB. Each resource by itself: only what is little used gets smaller.
        pytest.param({"memory": 60.0, "disk": 60.0}, (4, 16, 100), id="CPU使用率未超过25% alone"),
        pytest.param({"cpu": 60.0, "disk": 60.0}, (8, 8, 100), id="内存周期性峰值未超过30% alone"),
        pytest.param(
            {"cpu": 60.0, "memory": 60.0}, (8, 16, 80), id="硬盘使用率不到50% alone: 40*100/80 = 50"
        ),
    ],
)
def test_each_resource_may_be_judged_by_itself(levels: dict[str, float], size: tuple[int, int, int]) -> None:
    found = judged(steady(35, 300, **levels), 35, policy=with_combine(POLICY, "each"))

    assert found.size is not None
    assert (found.size.vcpus, found.size.memory_gib, found.size.disk_gib) == size
    assert judged(steady(35, 300, **levels), 35).kind is Kind.KEEP


def test_a_rule_that_does_not_name_a_resource_leaves_its_size() -> None:
    # The memory alone is asked for: the cpu is nobody's concern, and nothing says that its data are enough.
    shrink = POLICY.rules.shrink
    memory_only = shrink.model_copy(update={"conditions": [shrink.conditions[1]]})
    rules = POLICY.rules.model_copy(update={"shrink": memory_only})
    found = judged(steady(35, disk=10.0), 35, policy=POLICY.model_copy(update={"rules": rules}))

    assert found.size is not None
    assert (found.size.vcpus, found.size.memory_gib, found.size.disk_gib) == (8, 8, 100)


def test_the_inventory_has_the_schema_it_promises() -> None:
    assert inventory("web-1").schema == INVENTORY
    assert steady(1, memory_bytes=GIB)["memory_bytes"][0] == 2**30
