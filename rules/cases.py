"""Cases: machines that somebody describes in YAML, and what the policy should say of them.

So a city tries its thresholds before they decide, as `promtool test rules` does. Notation: rules/series.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated

import numpy as np
import pyarrow as pa
from pydantic import Field, ValidationInfo, field_validator, model_validator

from config.document import Document, Duration
from rules.fold import bounds, fold
from rules.judgement import INVENTORY, judge
from rules.series import Series, Span, at
from rules.verdict import Kind, Lack, Note, Verdict
from store.lake import DAYS
from store.samples import samples

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from config.policy import Policy

USE = ("cpu", "memory", "disk", "network")
SIZES = {"vcpus": "vcpus", "memory_gib": "memory_bytes", "disk_gib": "disk_bytes"}
DEFAULTS = ("as_of", "step", "days")


class Advised(Document):
    vcpus: float | None = None
    memory_gib: float | None = None
    disk_gib: float | None = None


class Expected(Document):
    """Only what is written is compared; `size: null` says that none is advised."""

    verdict: Kind
    reason: Lack | None = None
    note: Note | None = None
    size: Advised | None = None


class Case(Document):
    """One machine, what it measured, and the verdict expected on it. Percents; network in bytes/s."""

    name: Annotated[str, Field(min_length=1)]
    as_of: date
    step: Duration = timedelta(minutes=30)
    days: Annotated[int, Field(ge=1, le=1000)] = 35
    cpu: Series | None = None
    memory: Series | None = None
    disk: Series | None = None
    network: Series | None = None
    vcpus: Series | None = None
    memory_gib: Series | None = None
    disk_gib: Series | None = None
    expect: Expected

    @field_validator("step")
    @classmethod
    def half_hours(cls, step: timedelta) -> timedelta:
        if step < timedelta(seconds=5) or timedelta(minutes=30) % step:
            raise ValueError("a step from 5s to 30m that divides half an hour")
        return step

    @field_validator(*USE, *SIZES)
    @classmethod
    def whole_days(cls, value: tuple[Span, ...] | None, info: ValidationInfo) -> tuple[Span, ...] | None:
        step: timedelta | None = info.data.get("step")
        for each in value or ():
            counts = [times for _, times in each.levels]
            usual = int(timedelta(days=1) / step) if step else sum(counts)
            if sum(counts) > usual or (all(counts) and sum(counts) < usual):
                raise ValueError(f"the {usual} samples of a day; the levels last for {sum(counts)}")
        return value


class CaseFile(Document):
    """What stands at the top, as_of, step and days, holds for every case that does not say otherwise."""

    as_of: date | None = None
    step: Duration | None = None
    days: int | None = None
    cases: Annotated[list[Case], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def inherited(cls, tree: object) -> object:
        if not isinstance(tree, Mapping) or not isinstance(tree.get("cases"), list):
            return tree
        shared = {name: tree[name] for name in DEFAULTS if name in tree}
        cases = [{**shared, **case} if isinstance(case, Mapping) else case for case in tree["cases"]]
        return {**tree, "cases": cases}

    @model_validator(mode="after")
    def named_once(self) -> CaseFile:
        names = [case.name for case in self.cases]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise ValueError(f"cases need different names; {twice[0]!r} stands twice")
        return self


@dataclass(frozen=True, slots=True)
class Mismatch:
    """`what` was said otherwise than expected: verdict, reason, note, or size.vcpus and the like."""

    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case and what came of it: as expected when there are no mismatches."""

    name: str
    verdict: Verdict
    mismatches: tuple[Mismatch, ...]


def check(case_file: CaseFile, policy: Policy, zone: ZoneInfo) -> list[Outcome]:
    """Every case, judged by `policy`, in the order of the file."""
    verdicts = [judged(case, policy, zone) for case in case_file.cases]
    return [
        Outcome(case.name, verdict, tuple(compared(case.expect, verdict)))
        for case, verdict in zip(case_file.cases, verdicts, strict=True)
    ]


def run(case: Case, policy: Policy, zone: ZoneInfo) -> list[Mismatch]:
    """Where the verdict on the case is another than expected."""
    return compared(case.expect, judged(case, policy, zone))


def judged(case: Case, policy: Policy, zone: ZoneInfo) -> Verdict:
    days = [row for back in range(longest(case), 0, -1) for row in folded(case, back, zone)]
    known = pa.concat_tables(days) if days else DAYS.empty_table()
    machine = pa.table(
        {field.name: [case.name] if field.name == "machine" else [None] for field in INVENTORY}, INVENTORY
    )
    return judge(known, policy, case.as_of, machine).verdict(0)


def longest(case: Case) -> int:
    """Days that the case tells of."""
    written = [getattr(case, name) or () for name in (*USE, *SIZES)]
    return max(sum(each.days or case.days for each in spans) for spans in written)


def folded(case: Case, back: int, zone: ZoneInfo) -> list[pa.Table]:
    """The folded day `back` days before the judgement; nothing when nothing was measured."""
    day = case.as_of - timedelta(days=back)
    start, length = bounds(day, zone)
    step = int(case.step.total_seconds())
    times = start + 1_000_000 * np.arange(0, length // 1_000_000, step)
    values = {name: at(getattr(case, name), case.days, back, len(times)) for name in USE}
    measured = ~np.logical_and.reduce([np.isnan(column) for column in values.values()])
    for name, column in SIZES.items():
        values[column] = at(getattr(case, name), case.days, back, len(times)) * (
            2**30 if column != name else 1
        )
    count = int(measured.sum())
    columns = {name: column[measured] for name, column in values.items()}
    moment = pa.array(times[measured]).cast(pa.timestamp("us", tz="UTC"))
    table, _ = samples(
        {**columns, "machine": [case.name] * count, "time": moment, "step": np.full(count, step)}
    )
    return [fold(table, day, zone)] if count else []


def compared(expected: Expected, verdict: Verdict) -> list[Mismatch]:
    found: dict[str, object] = {"verdict": verdict.kind, "reason": verdict.reason, "note": verdict.note}
    wanted: dict[str, object] = {name: getattr(expected, name) for name in found}
    if expected.size is not None:
        size = asdict(verdict.size) if verdict.size else {}
        advised = expected.size.model_dump(exclude_unset=True)
        found |= {f"size.{name}": size.get(name) for name in advised}
        wanted |= {f"size.{name}": value for name, value in advised.items()}
    else:
        found["size"], wanted["size"] = verdict.size, None
    return [
        Mismatch(what, said(wish), said(found[what]))
        for what, wish in wanted.items()
        if wish != found[what] and what.split(".")[0] in expected.model_fields_set
    ]


def said(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else str(value)
