"""Verification: what measured sizes prove of an adjustment. A notice of 2026-09-18, looked at on 10-10."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.content import Size
from notifier.tables import Outcome
from notifier.verification import RESOURCES, Seen, Verification, check

if TYPE_CHECKING:
    from random import Random

TODAY = date(2026, 10, 10)
BEFORE = Size(vcpus=8, memory_gib=32, disk_gib=100)
SHRUNK = Size(vcpus=4, memory_gib=16, disk_gib=100)  # the disk stays
GROWN = Size(vcpus=16, memory_gib=32, disk_gib=100)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def seen(
    days_ago: int, vcpus: float | None = None, memory: float | None = None, disk: float | None = 98
) -> Seen:
    return Seen(ago(days_ago), vcpus, memory, disk)


def shrink(*days: Seen, done_on: date | None = None) -> Verification:
    return check("shrink", BEFORE, SHRUNK, days, TODAY, done_on)


SHRINKS = [
    (8, 32, Outcome.UNCHANGED, "as it was"),
    (8, 30.9, Outcome.UNCHANGED, "as it was, as MemTotal says it"),
    (4, 16, Outcome.DONE, "as advised"),
    (4, 15.4, Outcome.DONE, "as advised, as MemTotal says it"),
    (4, 17.6, Outcome.DONE, "at the tolerance: 16 * 1.1 = 17.6"),
    (4.4, 16, Outcome.DONE, "at the tolerance: 4 * 1.1 = 4.4"),
    (4, 17.61, Outcome.PARTIAL, "just over the tolerance"),
    (4.41, 17.61, Outcome.PARTIAL, "both just over the tolerance, but far below before"),
    (2, 8, Outcome.DONE, "further than advised"),
    (4, 32, Outcome.PARTIAL, "one of two"),
    (6, 24, Outcome.PARTIAL, "half the way"),
    (7.2, 28.8, Outcome.UNCHANGED, "not beyond the tolerance from before: 8 * 0.9 = 7.2, 32 * 0.9 = 28.8"),
    (7.19, 32, Outcome.PARTIAL, "just beyond the tolerance from before"),
    (8.8, 35.2, Outcome.UNCHANGED, "more, within the tolerance: 8 * 1.1, 32 * 1.1"),
    (8.81, 32, Outcome.WRONG_DIRECTION, "more, just beyond the tolerance"),
    (12, 32, Outcome.WRONG_DIRECTION, "more"),
    (4, 64, Outcome.WRONG_DIRECTION, "one done, the other the wrong way"),
    (None, None, Outcome.UNCHANGED, "unknown"),
    (4, None, Outcome.PARTIAL, "one done, the other unknown"),
    (4, float("nan"), Outcome.PARTIAL, "one done, the other not a number"),
    (4, 0, Outcome.PARTIAL, "a capacity of nothing is not a capacity"),
    (8, None, Outcome.UNCHANGED, "one as it was, the other unknown"),
]


@pytest.mark.parametrize(("vcpus", "memory", "outcome", "_why"), SHRINKS, ids=[row[3] for row in SHRINKS])
def test_a_shrink_is_proven_by_the_newest_size(
    vcpus: float | None, memory: float | None, outcome: Outcome, _why: str
) -> None:
    found = shrink(seen(1, vcpus, memory))

    assert (found.outcome, found.on) == (outcome, ago(1))


EXPANSIONS = [
    (8, Outcome.UNCHANGED, "as it was"),
    (16, Outcome.DONE, "as advised"),
    (14.4, Outcome.DONE, "at the tolerance: 16 * 0.9 = 14.4"),
    (14.39, Outcome.PARTIAL, "just under the tolerance"),
    (32, Outcome.DONE, "further than advised"),
    (8.81, Outcome.PARTIAL, "just beyond the tolerance from before"),
    (8.8, Outcome.UNCHANGED, "at the tolerance from before"),
    (7.2, Outcome.UNCHANGED, "less, at the tolerance"),
    (7.19, Outcome.WRONG_DIRECTION, "less, just beyond the tolerance"),
    (None, Outcome.UNCHANGED, "unknown"),
]


@pytest.mark.parametrize(("vcpus", "outcome", "_why"), EXPANSIONS, ids=[row[2] for row in EXPANSIONS])
def test_an_expansion_is_proven_by_the_newest_size(vcpus: float | None, outcome: Outcome, _why: str) -> None:
    found = check("expand", BEFORE, GROWN, [seen(1, vcpus, 32)], TODAY, None)

    assert found.outcome == outcome


@pytest.mark.parametrize(
    ("before", "advised", "size", "outcome"),
    [
        # 28 * 1.1 = 30.8 would take an untouched machine of 32 GiB, that measures 30.7, for done.
        # In the middle: 30.
        (32, 28, 30.7, Outcome.UNCHANGED),
        (32, 28, 30, Outcome.DONE),
        (32, 28, 27, Outcome.DONE),
        (30.7, 28, 30.7, Outcome.UNCHANGED),
        # Measured before, 29.4 is the middle.
        (30.8, 28, 29.4, Outcome.DONE),
        (30.8, 28, 29.5, Outcome.UNCHANGED),
    ],
)
def test_a_small_step_is_not_taken_for_an_error_of_measurement(
    before: float, advised: float, size: float, outcome: Outcome
) -> None:
    days = [Seen(ago(1), memory_gib=size)]

    assert (
        check("shrink", Size(memory_gib=before), Size(memory_gib=advised), days, TODAY, None).outcome
        == outcome
    )


def test_what_is_not_advised_does_not_count() -> None:
    # Twice the disk, on a notice that speaks of vCPU and memory only.
    assert shrink(seen(1, 4, 16, disk=200)).outcome == Outcome.DONE
    assert shrink(seen(1, 8, 32, disk=10)).outcome == Outcome.UNCHANGED


def test_a_size_unknown_at_issue_is_proven_by_what_is_advised() -> None:
    before, advised = Size(vcpus=8), Size(vcpus=8, memory_gib=16)

    def outcome(memory: float | None) -> Outcome:
        return check("shrink", before, advised, [seen(1, 8, memory)], TODAY, None).outcome

    assert outcome(16) == Outcome.DONE
    # How much it was is not known, so no way is known either.
    assert outcome(24) == Outcome.UNCHANGED
    assert outcome(None) == Outcome.UNCHANGED


def test_without_an_advised_size_nothing_is_done() -> None:
    assert check("shrink", BEFORE, Size(), [seen(1, 1, 1)], TODAY, None).outcome == Outcome.UNCHANGED
    assert check("shrink", BEFORE, None, [seen(1, 1, 1)], TODAY, None).outcome == Outcome.UNCHANGED
    assert check("shrink", BEFORE, BEFORE, [seen(1, 8, 32)], TODAY, None).outcome == Outcome.UNCHANGED


def test_nothing_seen_since_issue_is_unchanged() -> None:
    assert shrink() == Verification(Outcome.UNCHANGED, None, None)


def test_a_day_that_is_not_over_proves_nothing() -> None:
    assert shrink(seen(1, 8, 32), seen(0, 4, 16)).outcome == Outcome.UNCHANGED


def test_done_names_the_first_day_of_the_unbroken_proof_and_the_newest_size() -> None:
    days = [seen(9, 4, 16), seen(8, 8, 32), seen(5, 4, 16), seen(4, 4, 15.4), seen(2, 4, 15.5)]

    assert shrink(*days) == Verification(Outcome.DONE, ago(5), Size(vcpus=4, memory_gib=15.5, disk_gib=98))


def test_a_day_on_which_the_size_was_unknown_breaks_the_proof() -> None:
    assert shrink(seen(5, 4, 16), seen(4, 4, None), seen(3, 4, 16)).on == ago(3)


REVERTS = [
    (14, [(10, 4, 16), (3, 4, 16)], Outcome.DONE, "stays"),
    (14, [(10, 8, 32), (3, 8, 32)], Outcome.REVERTED, "back"),
    (14, [(10, 4, 17.6), (3, 4, 17.6)], Outcome.DONE, "at the tolerance"),
    (14, [(10, 4, 17.61), (3, 4, 17.61)], Outcome.REVERTED, "just over the tolerance"),
    (24, [(10, 8, 32)], Outcome.REVERTED, "on the 14th day"),
    (25, [(10, 8, 32)], Outcome.DONE, "on the 15th day"),
    (14, [(10, 8, 32), (3, 4, 16)], Outcome.DONE, "back, and done again"),
    (14, [(10, 8, 32), (3, 4, None)], Outcome.REVERTED, "back, then unknown"),
    (14, [(10, None, None)], Outcome.DONE, "unknown"),
    (14, [(10, 4, None)], Outcome.DONE, "one unknown, the other stays"),
    (14, [(14, 8, 32)], Outcome.DONE, "a size of the day itself"),
    (14, [], Outcome.DONE, "not seen any more"),
    (50, [(40, 8, 32), (1, 8, 32)], Outcome.REVERTED, "looked at late"),
]


@pytest.mark.parametrize(("done", "days", "outcome", "_why"), REVERTS, ids=[row[3] for row in REVERTS])
def test_done_holds_unless_the_size_is_back_within_two_weeks(
    done: int, days: list[tuple[int, float | None, float | None]], outcome: Outcome, _why: str
) -> None:
    found = shrink(*[seen(*day) for day in days], done_on=ago(done))

    assert found.outcome == outcome
    assert found.on == (ago(days[0][0]) if outcome == Outcome.REVERTED else ago(done))


@pytest.mark.parametrize(
    ("newest", "outcome"), [(7, Outcome.UNCHANGED), (8, Outcome.GONE), (20, Outcome.GONE)]
)
@pytest.mark.parametrize("kind", ["shrink", "idle"])
def test_a_machine_that_was_silent_for_seven_closed_days_is_gone(
    kind: str, newest: int, outcome: Outcome
) -> None:
    advised = SHRUNK if kind == "shrink" else None
    found = check(kind, BEFORE, advised, [seen(21, 8, 32), seen(newest, 8, 32)], TODAY, None)

    assert (found.outcome, found.on) == (outcome, ago(newest))


def test_a_day_without_capacities_shows_that_the_machine_lives() -> None:
    found = shrink(seen(12, 8, 32), seen(2, disk=None))

    assert found == Verification(Outcome.UNCHANGED, ago(2), Size(vcpus=8, memory_gib=32, disk_gib=98))


def test_silence_does_not_unsay_what_was_proven() -> None:
    assert shrink(seen(20, 4, 16)).outcome == Outcome.DONE


def test_an_idle_machine_is_never_done_by_itself() -> None:
    for days in ([seen(1, 8, 32)], [seen(1, 1, 1)], [seen(1)], []):
        assert check("idle", BEFORE, None, days, TODAY, None).outcome == Outcome.UNCHANGED


SIZES = st.none() | st.floats(0.1, 1024) | st.sampled_from([2.0, 4.0, 8.0, 16.0, 32.0, 98.0])
SIZE = st.builds(Size, vcpus=SIZES, memory_gib=SIZES, disk_gib=SIZES)
OFFSETS = st.lists(st.integers(1, 40), unique=True, max_size=6)
KINDS = st.sampled_from(["shrink", "expand", "idle"])


@st.composite
def histories(draw: st.DrawFn) -> list[Seen]:
    return [Seen(ago(n), draw(SIZES), draw(SIZES), draw(SIZES)) for n in draw(OFFSETS)]


def scaled(size: Size | Seen, factor: float) -> dict[str, float | None]:
    values = {name: getattr(size, name) for name in RESOURCES}
    return {name: value and value * factor for name, value in values.items()}


@given(KINDS, SIZE, SIZE, histories())
def test_done_is_never_made_of_unknown_values(
    kind: str, before: Size, advised: Size, days: list[Seen]
) -> None:
    # An oracle of its own: every resource that is to change has a known newest size beyond the advised one.
    if check(kind, before, advised, days, TODAY, None).outcome != Outcome.DONE:
        return
    known_days = [day for day in days if any(getattr(day, name) is not None for name in RESOURCES)]
    newest = max(known_days, key=lambda day: day.day)
    for name in RESOURCES:
        was, wanted, size = (getattr(of, name) for of in (before, advised, newest))
        if wanted is None or wanted == was:
            continue
        if was is None or (wanted < was) == (kind == "shrink"):
            assert size is not None
            assert size <= wanted * 1.11 if kind == "shrink" else size >= wanted * 0.89


@given(KINDS, SIZE, SIZE, histories(), st.data())
def test_forgetting_a_value_never_makes_done(
    kind: str, before: Size, advised: Size, days: list[Seen], data: st.DataObject
) -> None:
    was = check(kind, before, advised, days, TODAY, None)
    if not days or was.outcome == Outcome.DONE:
        return
    newest = max(range(len(days)), key=lambda n: days[n].day)
    if was.size is None or all(getattr(days[newest], name) is None for name in RESOURCES):
        return
    # A value of the newest day: with one left, an older day could not speak in its place.
    named = [name for name in RESOURCES if getattr(days[newest], name) is not None]
    forgotten = data.draw(st.sampled_from(named))
    if len(named) > 1:
        kept = {name: getattr(days[newest], name) for name in named if name != forgotten}
        days[newest] = Seen(days[newest].day, **kept)

        assert check(kind, before, advised, days, TODAY, None).outcome != Outcome.DONE


@given(KINDS, SIZE, SIZE, histories(), st.sampled_from([0.25, 0.5, 2.0, 1024.0]))
def test_the_unit_of_measurement_does_not_matter(
    kind: str, before: Size, advised: Size, days: list[Seen], factor: float
) -> None:
    # Powers of two: no rounding.
    other = [Seen(day.day, **scaled(day, factor)) for day in days]
    found = check(kind, Size(**scaled(before, factor)), Size(**scaled(advised, factor)), other, TODAY, None)
    plain = check(kind, before, advised, days, TODAY, None)

    assert (found.outcome, found.on) == (plain.outcome, plain.on)


@given(KINDS, SIZE, SIZE, histories())
def test_a_later_day_as_before_never_makes_done(
    kind: str, before: Size, advised: Size, days: list[Seen]
) -> None:
    later = Seen(TODAY, **scaled(before, 1))
    tomorrow = TODAY + timedelta(days=1)
    if check(kind, before, advised, days, tomorrow, None).outcome == Outcome.DONE:
        return

    assert check(kind, before, advised, [*days, later], tomorrow, None).outcome != Outcome.DONE


@given(KINDS, SIZE, SIZE, histories(), st.none() | st.integers(0, 40), st.randoms())
def test_the_order_of_the_days_is_irrelevant(
    kind: str, before: Size, advised: Size, days: list[Seen], done: int | None, luck: Random
) -> None:
    mixed = days.copy()
    luck.shuffle(mixed)
    done_on = None if done is None else ago(done)

    assert check(kind, before, advised, mixed, TODAY, done_on) == check(
        kind, before, advised, days, TODAY, done_on
    )
