"""The size that measured use advises for what is asked: with its reasons, and nothing without data."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measured import POLICY

from rules.advice import Measured, Wanted, advise
from rules.advice_words import reasons
from rules.size import SIZED

DATABASE = Wanted(1, "数据库", 8.0, 32.0, 500.0)
BUSY = Measured(
    name="vm", own=True, same_system=False, role=None, vcpus=8.0, memory_gib=32.0, disk_gib=500.0,
    cpu=31.0, memory=31.0, disk=31.0, days=93, coverage=0.99,
)  # fmt: skip


def advised(line: Wanted, measured: list[Measured]) -> dict[str, float | None]:
    (found,) = advise([line], measured, POLICY)
    return {SIZED[part.resource]: part.advised for part in found.parts}


def test_twelve_machines_at_a_third_of_their_memory_advise_half() -> None:
    """31 % of 32 GB are 9.92 GB, which 16 GB carry at 70 % (11.2 GB); 14 GB (9.8 GB) are under half."""
    measured = [replace(BUSY, name=f"vm-{n}") for n in range(12)]
    (found,) = advise([DATABASE], measured, POLICY)

    assert advised(DATABASE, measured) == {"vcpus": 4.0, "memory_gib": 16.0, "disk_gib": 250.0}
    assert reasons(found, POLICY)[1] == (
        "本单位12台云主机内存周期性峰值中位数31%、75%的不超过31%（采样完整率最低99%），申请32GB，建议16GB"
    )


def test_the_level_that_three_quarters_stay_under_decides_and_not_the_median() -> None:
    """Of 10, 10, 50, 60 % the third is 50: 16 GB of 32, which 24 GB (16.8) carry and 20 GB (14) do not."""
    shares = (10.0, 60.0, 50.0, 10.0)
    measured = [replace(BUSY, name=f"vm-{n}", memory=share) for n, share in enumerate(shares)]

    assert advised(DATABASE, measured)["memory_gib"] == 24.0


@pytest.mark.parametrize(("machines", "days", "smaller"), [(3, 28, True), (2, 28, False), (3, 27, False)])
def test_too_little_data_advises_nothing_and_says_so(machines: int, days: int, smaller: bool) -> None:
    measured = [replace(BUSY, name=f"vm-{n}", days=days) for n in range(machines)]
    (found,) = advise([DATABASE], measured, POLICY)

    assert found.smaller is smaller
    if not smaller:
        assert reasons(found, POLICY) == ["可比云主机不足3台（每台须有28天有效监测数据），数据不足，不提建议"]


def test_a_machine_of_the_same_role_that_needs_more_holds_the_size_up() -> None:
    """75 % of 32 GB are 24 GB: with 70 % that is 40 GB, no size below 32 carries it."""
    measured = [replace(BUSY, name=f"vm-{n}", memory=20.0) for n in range(12)]
    peak = replace(BUSY, name="peak", own=False, role="数据库", memory=75.0, days=1)

    assert advised(DATABASE, measured)["memory_gib"] == 16.0
    assert advised(DATABASE, [*measured, peak])["memory_gib"] is None
    assert advised(DATABASE, [*measured, replace(peak, role="应用")])["memory_gib"] == 16.0


def test_a_role_that_needs_more_than_is_asked_for_is_pointed_out() -> None:
    measured = [replace(BUSY, name=f"vm-{n}", role="数据库", memory_gib=64.0, memory=90.0) for n in range(3)]
    (found,) = advise([DATABASE], measured, POLICY)

    assert reasons(found, POLICY)[1].endswith("申请32GB，低于同类角色实测最大用量，请核对是否够用")


def test_the_most_careful_of_the_groups_decides() -> None:
    """Same-named systems elsewhere need 60 % (19.2 GB of 32): 28 GB carry 19.6 GB."""
    own = [replace(BUSY, name=f"own-{n}", memory=20.0) for n in range(3)]
    others = [replace(BUSY, name=f"other-{n}", own=False, same_system=True, memory=60.0) for n in range(3)]

    assert advised(DATABASE, own)["memory_gib"] == 16.0
    assert advised(DATABASE, own + others)["memory_gib"] == 28.0


PERCENT = st.none() | st.floats(0, 100)
SIZE = st.none() | st.sampled_from([1.0, 2.0, 7.5, 8.0, 32.0, 100.0, 500.0])
MACHINES = st.lists(
    st.builds(
        Measured,
        name=st.just("vm"),
        own=st.booleans(),
        same_system=st.booleans(),
        role=st.sampled_from([None, "数据库", "应用"]),
        vcpus=SIZE,
        memory_gib=SIZE,
        disk_gib=SIZE,
        cpu=PERCENT,
        memory=PERCENT,
        disk=PERCENT,
        days=st.integers(0, 93),
        coverage=st.floats(0, 1),
    ),
    max_size=12,
)
LINES = st.builds(
    Wanted,
    number=st.just(1),
    role=st.sampled_from(["数据库", "应用"]),
    vcpus=st.floats(0.5, 200),
    memory_gib=st.floats(0.5, 600),
    disk_gib=st.floats(1, 30000),
)


@settings(max_examples=200, deadline=None)
@given(line=LINES, measured=MACHINES)
def test_advice_is_below_the_asked_and_above_every_need_of_the_role(
    line: Wanted, measured: list[Measured]
) -> None:
    (found,) = advise([line], measured, POLICY)
    for part in found.parts:
        if part.advised is None:
            continue
        size = SIZED[part.resource]
        seen = [(getattr(m, part.resource), getattr(m, size)) for m in measured if m.role == line.role]
        needs = [share / 100 * whole for share, whole in seen if share is not None and whole is not None]

        assert part.asked / 2 <= part.advised < part.asked
        assert all(need <= part.advised for need in needs)
        assert part.levels
    assert len(reasons(found, POLICY)) in {1, 3}


@settings(max_examples=50, deadline=None)
@given(line=LINES, measured=MACHINES)
def test_fewer_measured_days_never_shrink_more(line: Wanted, measured: list[Measured]) -> None:
    silent = [replace(machine, days=0) for machine in measured]

    assert not any(found.smaller for found in advise([line], silent, POLICY))


@settings(max_examples=50, deadline=None)
@given(line=LINES)
def test_no_data_advises_nothing(line: Wanted) -> None:
    assert set(advised(line, []).values()) == {None}
