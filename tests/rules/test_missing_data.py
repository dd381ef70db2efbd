"""Missing data never makes a shrink, whoever deletes what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from fleets import A_DAY, STEP, busy, fleet, forgotten, kept
from hypothesis import given, settings
from hypothesis import strategies as st
from measured import POLICY, day, folded, inventory, steady, table

from config.policy import with_combine
from rules.judgement import judge
from rules.verdict import Kind, Lack, Verdict

if TYPE_CHECKING:
    from typing import Literal

    from fleets import Fleet
    from measured import Arrays, Floats

DAYS = 35
SEEDS = st.integers(0, 10**9)
BOTH: list[Literal["all", "each"]] = ["all", "each"]


def verdicts(machines: Fleet, as_of: int, combine: Literal["all", "each"] = "all") -> dict[str, Verdict]:
    days = folded(table(machines, STEP))
    judgement = judge(days, with_combine(POLICY, combine), day(as_of), inventory(*machines))
    return {verdict.machine: verdict for verdict in judgement.verdicts()}


def shrinking(machines: Fleet, as_of: int = DAYS, combine: Literal["all", "each"] = "all") -> list[str]:
    return [name for name, found in verdicts(machines, as_of, combine).items() if found.kind is Kind.SHRINK]


# --- an adversary ---------------------------------------------------------------------------------


def worst(arrays: Arrays, deleted: float, first_stays: bool) -> Arrays:
    """Without the share `deleted` (0..1) of the samples: the busiest ones go first, as an adversary would."""
    order = np.argsort(-arrays["cpu"], kind="stable")
    order = order[order != 0] if first_stays else order
    return {name: np.delete(column, order[: int(deleted * len(order))]) for name, column in arrays.items()}


@given(SEEDS)
@settings(max_examples=6, deadline=None, derandomize=True)
def test_fault_19_who_is_busy_in_14_5_percent_of_the_samples_cannot_be_deleted_into_a_shrink(
    seed: int,
) -> None:
    # N samples are expected in the window. A shrink needs 0.9 N known ones, so at most 0.1 N may be deleted:
    # more than 0.145 N - 0.1 N = 0.045 N busy ones are left, of 0.9 N known ones: more than 5 %, so p95 > 25.
    # Who deletes fewer leaves a larger share: (0.145 N - d) / (N - d) falls with d.
    # The first sample stays, so that the machine's history does not begin later.
    generator = np.random.default_rng(seed)
    machine = busy(DAYS, 0.145, generator)
    shares = [*np.linspace(0.05, 0.12, 15), *generator.uniform(0, 1, 10)]
    machines = {f"vm-{share}": worst(machine, share, first_stays=True) for share in shares}
    machines |= {
        f"random-{number}": kept(machine, at_random(generator, generator.uniform(0.85, 1), first_stays=True))
        for number in range(10)
    }

    assert shrinking(machines) == []


def test_14_percent_can_so_the_bound_is_sharp() -> None:
    # 0.14 N - 0.1 N = 0.04 N of 0.9 N are 4.4 %: within the 5 % that a p95 leaves out.
    machine = busy(DAYS, 0.14, np.random.default_rng(1))

    assert verdicts({"web-1": machine}, DAYS)["web-1"].kind is Kind.KEEP
    assert shrinking({"web-1": worst(machine, 0.0995, first_stays=True)}) == ["web-1"]


@given(SEEDS)
@settings(max_examples=6, deadline=None, derandomize=True)
def test_who_is_busy_in_31_6_percent_survives_the_loss_of_the_beginning_too(seed: int) -> None:
    # Who deletes all before the last 28 days makes a young machine: 28 days (0.8 N) are expected and 0.72 N
    # must be known, so 0.28 N may be deleted. Over 0.316 N - 0.28 N = 0.036 N of 0.72 N are left: over 5 %.
    generator = np.random.default_rng(seed)
    machine = busy(DAYS, 0.316, generator)
    late = {name: column[7 * A_DAY :] for name, column in machine.items()}
    shares = [*np.linspace(0.05, 0.12, 10), *generator.uniform(0, 1, 10)]
    machines = {f"vm-{share}": worst(late, share, first_stays=False) for share in shares}
    machines |= {f"whole-{share}": worst(machine, share, first_stays=False) for share in shares}

    assert shrinking(machines) == []


def test_30_percent_can_when_the_first_week_was_the_busy_one() -> None:
    # The first week is busy, 0.2 N, and 0.1 N of the rest. Without the week and 0.07 N of the rest there is a
    # machine of 28 days, busy in 0.03 N of 0.73 N: 4.1 %. So much of its beginning must be lost for that.
    machine = steady(DAYS, STEP)
    machine["cpu"][: 7 * A_DAY] = 30.0
    machine["cpu"][7 * A_DAY :: 8] = 30.0
    late = {name: column[7 * A_DAY :] for name, column in machine.items()}

    assert shrinking({"web-1": machine, "late": late}) == []
    assert shrinking({"web-1": worst(late, 0.0875, first_stays=False)}) == ["web-1"]


def at_random(generator: np.random.Generator, share: float, *, first_stays: bool) -> Floats:
    flags = generator.random(DAYS * A_DAY) < share
    flags[0] |= first_stays
    return flags.astype(np.float64)


# --- chance ---------------------------------------------------------------------------------------


def clear(generator: np.random.Generator) -> Arrays:
    """A machine that is by a margin not to shrink: cpu, memory or disk is high throughout, cpu mostly."""
    machine = steady(DAYS, STEP)
    name, level = [("cpu", 60.0), ("memory", 45.0), ("disk", 55.0), ("memory", 90.0), ("cpu", 27.0)][
        generator.integers(5)
    ]
    often = 1.0 if name != "cpu" else generator.uniform(0.4, 1)
    machine[name][generator.random(DAYS * A_DAY) < often] = level
    return machine


def lost(generator: np.random.Generator, machine: Arrays) -> Arrays:
    """Without some samples, half hours of single metrics, days, a stretch or a whole metric, or several."""
    rows = len(machine["time"])
    flags = generator.random(rows) >= generator.choice([0.0, 0.05, 0.15])
    for gone in generator.integers(0, DAYS, generator.integers(0, 6)):
        flags[gone * A_DAY : (gone + 1) * A_DAY] = False
    begin = generator.integers(rows)
    if generator.random() < 0.4:
        flags[begin : begin + generator.integers(10 * A_DAY)] = False
    machine = {name: column.copy() for name, column in machine.items()}
    for name in ("cpu", "memory", "disk", "vcpus"):
        machine[name][generator.random(rows) < generator.choice([0.0, 0.02, 0.08])] = np.nan
    if generator.random() < 0.1:
        machine = forgotten(
            machine, str(generator.choice(["cpu", "memory", "disk", "vcpus", "memory_bytes"]))
        )
    flags[-1] = True  # so that there is something to fold
    return kept(machine, flags.astype(np.float64))


@given(SEEDS)
@settings(max_examples=25, deadline=None, derandomize=True)
def test_fault_19_lost_samples_half_hours_days_and_metrics_never_make_a_shrink(seed: int) -> None:
    generator = np.random.default_rng(seed)
    machines = {f"vm-{number}": clear(generator) for number in range(20)}
    after = {name: lost(generator, machine) for name, machine in machines.items()}

    assert shrinking(machines) == []
    assert shrinking(after) == []


@pytest.mark.parametrize("combine", BOTH)
@pytest.mark.parametrize("resource", ["cpu", "memory", "disk"])
@given(seed=SEEDS)
@settings(max_examples=4, deadline=None, derandomize=True)
def test_fault_19_no_machine_shrinks_of_which_a_whole_metric_is_unknown(
    resource: str, combine: Literal["all", "each"], seed: int
) -> None:
    machines = {name: forgotten(machine, resource) for name, machine in fleet(seed, 25, DAYS).items()}
    found = verdicts(machines, DAYS, combine)

    assert {verdict.kind for verdict in found.values()} == {Kind.INSUFFICIENT}
    assert {verdict.reason for verdict in found.values()} <= {Lack.METRIC_MISSING, Lack.NO_DATA, Lack.STALE}


@pytest.mark.parametrize("resource", ["cpu", "memory", "disk", "network"])
def test_fault_10_what_is_unknown_satisfies_no_condition(resource: str) -> None:
    machine = steady(DAYS, STEP, network=0)
    machine[resource][:] = np.nan
    [found] = verdicts({"web-1": machine}, DAYS).values()
    unknown = [evidence for evidence in found.evidence if evidence.resource == resource]

    assert {(e.value, e.share, e.holds, e.known, e.witnesses) for e in unknown} == {
        (None, None, False, 0, ())
    }


def test_the_random_machines_do_shrink_when_nothing_is_deleted() -> None:
    # Without this the tests above would prove nothing: of 100 machines a good part shrinks, in both readings.
    machines = fleet(7, 100, DAYS)
    all_of_them, each = shrinking(machines), shrinking(machines, combine="each")

    assert len(all_of_them) >= 10
    assert len(each) > len(all_of_them)


def test_two_lost_days_turn_an_expansion_into_keep_and_never_into_a_shrink() -> None:
    # In each of the last 7 of 35 days 30 of 288 samples are at 90 %: 10.4 % of the week, so p95 > 75, and
    # 2.1 % of the 35 days, so p95 <= 25. Without two of the seven days the week has 5 valid days, too few to
    # expand; the share of busy samples in what is left of it stays 10.4 %.
    machine = steady(DAYS, 300)
    in_day, on = np.arange(DAYS * 288) % 288, np.arange(DAYS * 288) // 288
    machine["cpu"][(on >= 28) & (in_day < 30)] = 90.0
    lost = {name: column[(on != 30) & (on != 31)] for name, column in machine.items()}
    days = folded(table({"whole": machine, "lost": lost}, 300))

    verdicts = judge(days, POLICY, day(DAYS), inventory("lost", "whole")).verdicts()

    assert [(found.machine, found.kind) for found in verdicts] == [
        ("lost", Kind.KEEP),
        ("whole", Kind.EXPAND),
    ]
