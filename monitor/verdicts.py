"""Verdicts for the whole city: the stored days judged by machine ranges, and their stable JSON form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from rules.history import HISTORY_DAYS
from rules.judgement import INVENTORY, RULES
from rules.judgement import judge as judge_machines
from rules.verdict import Evidence, Kind, Size, Verdict
from store.findings import Found, Settled, settle
from store.inventory import owners, sizes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from config.policy import Condition, Policy
    from monitor.installation import Installation, Now

CELLS = 1_600_000  # days of machines judged at once: bounds the memory of a large city with a long past
FINDINGS = (Kind.SHRINK, Kind.EXPAND, Kind.IDLE)


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict and whose machine it is."""

    verdict: Verdict
    department: str | None


def judge_all(
    house: Installation, as_of: date, policy: Policy | None = None, only: str | None = None
) -> Iterator[Answer]:
    """The verdict on every machine of the inventory (or `only` one), in the order of their names."""
    policy = policy or house.policy
    with house.register.read() as db:
        inventory, owner = sizes(db), owners(db)
    if only is not None:
        inventory = inventory.filter(pc.equal(inventory["machine"], only))
    histograms = max(getattr(policy.rules, name).window_days for name in RULES)
    inventory = inventory.cast(INVENTORY).sort_by("machine")
    earliest = as_of - timedelta(days=HISTORY_DAYS)
    at_once = machines_at_once(sum(earliest <= day < as_of for day in house.lake.folded()))
    for start in range(0, inventory.num_rows, at_once):
        part = inventory.slice(start, at_once)
        days = house.lake.days(
            earliest,
            as_of - timedelta(days=1),
            as_of - timedelta(days=histograms),
            part["machine"].to_pylist(),
        )
        for verdict in judge_machines(days, policy, as_of, part).verdicts():
            yield Answer(verdict, owner.get(verdict.machine))


def machines_at_once(days: int) -> int:
    """How many machines with so many days behind them are judged together."""
    return max(1000, CELLS // max(days, 1))


def settle_all(house: Installation, answers: Iterable[Answer], now: Now) -> Settled:
    """Opens, refreshes and closes findings by the answers, in one transaction."""
    found = {answer.verdict.machine: as_found(answer, house.policy, now.as_of) for answer in answers}
    with house.register.write() as db:
        return settle(db, found, house.policy.document_number, now.as_of, now.moment)


def as_found(answer: Answer, policy: Policy, as_of: date) -> Found:
    verdict = answer.verdict
    kind = verdict.kind if verdict.kind in FINDINGS else None
    because = f"{verdict.kind}: {verdict.reason}" if verdict.reason else str(verdict.kind)
    evidence = [
        {**evidence_json(found), "phrase": found.phrase, "recent_days": looked_back(policy, found)}
        for found in verdict.deciding()
    ]
    whole = {**as_json(answer), "evidence": evidence, **context(verdict), "as_of": as_of.isoformat()}
    return Found(kind, because, whole, verdict.saving_yuan_month)


def looked_back(policy: Policy, found: Evidence) -> int | None:
    return recent_days(policy, found) if found.statistic == "periodic_peak" else None


def recent_days(policy: Policy, found: Evidence) -> int:
    """How many days back the policy looks for the later witness of this figure."""
    conditions: list[Condition] = getattr(policy.rules, found.rule).conditions
    return next(
        condition.recent_days
        for condition in conditions
        if (condition.resource, condition.statistic) == (found.resource, found.statistic)
    )


def context(verdict: Verdict) -> dict[str, object]:
    """What a notice says beside the verdict: the present size, and how much the deciding rule knew."""
    rule = verdict.deciding()[0].rule
    enough = next(found for found in verdict.sufficiency if found.rule == rule)
    return {
        "current": size_json(verdict.current),
        "valid_days": enough.valid_days,
        "window_days": enough.window_days,
        "coverage": round(enough.coverage, 6),
    }


def as_json(answer: Answer) -> dict[str, object]:
    """The stable JSON form of a verdict: `rightsizer judge -o json` and the stored findings."""
    verdict = answer.verdict
    return {
        "machine": verdict.machine,
        "department": answer.department,
        "verdict": str(verdict.kind),
        "reason": str(verdict.reason) if verdict.reason else None,
        "evidence": [evidence_json(evidence) for evidence in verdict.deciding()],
        "size": size_json(verdict.size),
        "saving_yuan_month": verdict.saving_yuan_month,
        "note": str(verdict.note) if verdict.note else None,
    }


def evidence_json(evidence: Evidence) -> dict[str, object]:
    found: dict[str, object] = {
        "rule": evidence.rule,
        "resource": evidence.resource,
        "statistic": evidence.statistic,
        "operator": evidence.operator,
        "value": rounded(evidence.value),
        "threshold": evidence.threshold,
        "holds": evidence.holds,
        "known": evidence.known,
        "expected": evidence.expected,
        "witnesses": [day.isoformat() for day in evidence.witnesses],
    }
    if evidence.statistic == "p95":
        found["share_at_or_below_threshold"] = rounded(evidence.share, 6)
    return found


def size_json(size: Size | None) -> dict[str, float | None] | None:
    if size is None:
        return None
    return {"vcpus": size.vcpus, "memory_gib": size.memory_gib, "disk_gib": size.disk_gib}


def rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)
