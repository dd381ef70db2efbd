"""Points out of our own data for the yearly evaluation (art. 10): pure, over plain values, with evidence.

What is not known is not measured: it costs nobody a point. A person scores such an item with a reason, or
leaves it out, and the others are scaled to 100.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from config.evaluation import Grades
    from config.policy import Condition, Rules

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Measured:
    """`share` 0..1 of an item's points, None = not measured; `evidence`: JSON that a person can check."""

    share: float | None
    evidence: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class MachineUse:
    """A machine in the window: percents 0..100, `coverage` 0..1 of the samples due; None = unknown."""

    machine: str
    cpu_p95: float | None
    memory_peak: float | None
    disk_max: float | None
    coverage: float


@dataclass(frozen=True, slots=True)
class Deployment:
    """The clock of a machine: due in 10 working days after delivery (art. 13, second paragraph)."""

    machine: str
    delivered_on: date
    due_on: date | None
    met_on: date | None


@dataclass(frozen=True, slots=True)
class Resource:
    """A data item of the system, the catalog entry that it is said to stand in, and whether it does."""

    item: str
    code: str | None
    published: bool


@dataclass(frozen=True, slots=True)
class Catalogued:
    """Data resources that the system has, and those of them published in the catalog; which they are."""

    needed: int
    published: int
    resources: tuple[Resource, ...] = ()


def points(value: float) -> float:
    """Two digits, the half up."""
    return float(Decimal(repr(value)).quantize(CENT, ROUND_HALF_UP))


def use(machines: Sequence[MachineUse], rules: Rules, grades: Grades, window: tuple[date, date]) -> Measured:
    """云资源使用率: the mean grade of the machines that were measured well enough."""
    found = [grade(each, rules) for each in machines]
    worth = {"used": grades.used, "low": grades.low, "idle": grades.idle}
    known = [worth[name] for name in found if name is not None]
    evidence = {
        "since": window[0].isoformat(),
        "until": window[1].isoformat(),
        "coverage_needed": rules.shrink.coverage,
        "grades": worth,
        "machines": [{**figures(each), "grade": name} for each, name in zip(machines, found, strict=True)],
    }
    return Measured(sum(known) / len(known) / 100 if known else None, evidence)


def figures(each: MachineUse) -> dict[str, object]:
    return {
        "machine": each.machine,
        "cpu_p95": each.cpu_p95,
        "memory_peak": each.memory_peak,
        "disk_max": each.disk_max,
        "coverage": each.coverage,
    }


def grade(each: MachineUse, rules: Rules) -> str | None:
    """used, low (what the shrink rule looks for) or idle (its cpu); None: not measured well enough."""
    if each.coverage * 100 < rules.shrink.coverage or each.cpu_p95 is None:
        return None
    idle = [holds(each, c) for c in rules.idle.conditions if c.resource == "cpu"]
    if idle and all(idle):
        return "idle"
    low = [holds(each, c) for c in rules.shrink.conditions]
    few = any(low) if rules.shrink.combine == "each" else all(low)
    return "low" if few else "used"


def holds(each: MachineUse, condition: Condition) -> bool:
    """An unknown figure holds nothing."""
    seen = {"cpu": each.cpu_p95, "memory": each.memory_peak, "disk": each.disk_max}
    value = seen.get(condition.resource)
    if value is None:
        return False
    return value < condition.threshold if condition.operator == "below" else value <= condition.threshold


def deployment(clocks: Iterable[Deployment], as_of: date) -> Measured:
    """部署及时: the share of the clocks that are over and were met in time. Running and provisional ones say
    nothing yet.
    """
    rows = [(each, in_time(each, as_of)) for each in clocks]
    known = [there for _each, there in rows if there is not None]
    evidence = {
        "as_of": as_of.isoformat(),
        "machines": [
            {
                "machine": each.machine,
                "delivered_on": each.delivered_on.isoformat(),
                "due_on": each.due_on.isoformat() if each.due_on else None,
                "deployed_on": each.met_on.isoformat() if each.met_on else None,
                "in_time": there,
            }
            for each, there in rows
        ],
    }
    return Measured(sum(known) / len(known) if known else None, evidence)


def in_time(each: Deployment, as_of: date) -> bool | None:
    met = each.met_on if each.met_on is not None and each.met_on <= as_of else None
    if each.due_on is None:
        return None
    if met is not None:
        return met <= each.due_on
    return False if each.due_on < as_of else None


def catalog(count: Catalogued | None) -> Measured:
    """数据编目与共享. Raises ValueError for more published than there are."""
    if count is None or count.needed == 0:
        return Measured(None, {"known": count is not None})
    if not 0 <= count.published <= count.needed:
        raise ValueError(f"{count.published} of {count.needed} data resources published: correct the count")
    evidence: dict[str, object] = {"known": True, "needed": count.needed, "published": count.published}
    evidence["resources"] = [asdict(each) for each in count.resources]
    return Measured(count.published / count.needed, evidence)


def total(lines: Sequence[Mapping[str, object]], least: int) -> float:
    """Of 100, two digits: what was scored, scaled by what could be. Raises ValueError when less than `least`
    points of the sheet were scored at all.
    """
    counted = [line for line in lines if line["score"] is not None]
    most = sum((Decimal(str(line["points"])) for line in counted), Decimal())
    if most < max(least, 1):
        raise ValueError(
            f"only {most} of 100 points are scored, at least {least} are needed: score more items"
        )
    got = sum((Decimal(str(line["score"])) for line in counted), Decimal())
    return float((100 * got / most).quantize(CENT, ROUND_HALF_UP))
