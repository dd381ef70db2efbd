"""Budget lists as issued (arts. 9 and 10): numbered without gaps, sealed, never changed.

What an issued list stopped and what may be funded now stands in the next list as a restoring row (恢复),
which names the row that it lifts.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from filing.budget import budget, restoring
from filing.budget_facts import facts_of
from filing.budget_tables import BudgetList, BudgetState
from filing.budget_values import Row, Verdict
from store.journal import Entry, append
from store.workflow import RefusedError, Role, Step, Workflow, move

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from store.workflow import Act

ISSUERS = frozenset({Role.OPERATOR, Role.REVIEWER})
FINANCE = frozenset({Role.FINANCE, Role.OPERATOR})
BUDGET = Workflow(
    "budget",
    {(BudgetState.ISSUED, "attest"): Step(BudgetState.ATTESTED, FINANCE, apart="issued_by")},
)


class BudgetError(ValueError, LookupError):
    """A budget list that cannot be issued, found or believed, and why."""


@dataclass(frozen=True, slots=True)
class Issue:
    """`prefix` of its number (平数云预算); `basis`: what is cited, as plain values."""

    year: int
    as_of: date
    prefix: str
    basis: Mapping[str, object]


def rows_of(db: Session, year: int, as_of: date) -> list[Row]:
    """The rows of the day, the restoring ones marked."""
    rows = budget(facts_of(db), as_of)
    fundable = {row.subject for row in rows if row.verdict is Verdict.FUNDABLE}
    return restoring(rows, stops(db, newest(db, year), fundable))


def newest(db: Session, year: int) -> BudgetList | None:
    """The last list of the year, else the last of any year."""
    order = (BudgetList.year == year).desc(), BudgetList.year.desc(), BudgetList.sequence.desc()
    return db.scalars(select(BudgetList).order_by(*order).limit(1)).first()


def stops(db: Session, last: BudgetList | None, wanted: set[str]) -> dict[str, tuple[str, int]]:
    """Subject -> list and number of the row that stops it: that of the newest list, or of one before it where
    the lists since then only refused it.
    """
    found: dict[str, tuple[str, int]] = {}
    while last is not None and wanted:
        rows = [row for row in last.content["rows"] if row["subject"] in wanted]
        stopped = [row for row in rows if row["verdict"] == Verdict.STOPPED]
        found |= {row["subject"]: (last.number, row["row"]) for row in stopped}
        wanted = {row["subject"] for row in rows if row["verdict"] == Verdict.REFUSED}
        last = list_before(db, last)
    return found


def list_before(db: Session, row: BudgetList) -> BudgetList | None:
    before = row.content["previous"]
    return db.scalar(select(BudgetList).where(BudgetList.number == before["number"])) if before else None


def issue(db: Session, what: Issue, act: Act, today: date) -> BudgetList:
    """Freezes the list of a day. Raises BudgetError for a day to come or before the last list's, for an empty
    list, for one that says the same as the last one of that day; RefusedError.
    """
    if not ISSUERS & act.roles:
        raise RefusedError(f"a budget list is issued by {', '.join(sorted(ISSUERS))}; {act.actor} is neither")
    if what.as_of > today:
        raise BudgetError(f"as of {what.as_of}: that day has not come, today is {today}")
    before = newest(db, what.year)
    if before is not None and before.year == what.year and what.as_of < before.as_of:
        raise BudgetError(f"as of {what.as_of}: {before.number} was as of {before.as_of} already")
    rows = rows_of(db, what.year, what.as_of)
    if not rows:
        raise BudgetError(
            f"no project and no filing is known as of {what.as_of}: `rightsizer project add`, `filing add`"
        )
    if before is not None and (before.year, before.as_of) == (what.year, what.as_of) and same(before, rows):
        raise BudgetError(f"{before.number} says the same as of {what.as_of}: nothing changed since")
    last = db.scalar(select(func.max(BudgetList.sequence)).where(BudgetList.year == what.year)) or 0
    number = f"{what.prefix}〔{what.year}〕{last + 1}号"
    content = content_of(what, number, rows, today, before)
    made = BudgetList(
        year=what.year,
        sequence=last + 1,
        number=number,
        state=BudgetState.ISSUED,
        as_of=what.as_of,
        issued_on=today,
        issued_by=act.actor,
        content=content,
        sha256=seal(content),
    )
    db.add(made)
    db.flush()
    said = {"as_of": what.as_of, "rows": len(rows), "sha256": made.sha256}
    append(db, act.now, Entry(act.actor, "budget.issue", number, None, said, act.reason))
    return made


def same(before: BudgetList, rows: Sequence[Row]) -> bool:
    """Whether a list says of everybody what the rows say; what was restored by it is restored already."""
    told = ("subject", "department", "name", "budget_fen", "verdict", "since", "article", "fact")
    said = [[row[key] for key in told] for row in before.content["rows"]]
    return said == [[now[key] for key in told] for now in map(plain, rows)]


def content_of(
    what: Issue, number: str, rows: Sequence[Row], today: date, before: BudgetList | None
) -> dict[str, object]:
    return {
        "number": number,
        "year": what.year,
        "as_of": what.as_of.isoformat(),
        "issued_on": today.isoformat(),
        "basis": dict(what.basis),
        "previous": None if before is None else {"number": before.number, "sha256": before.sha256},
        "rows": [plain(row, place) for place, row in enumerate(rows, 1)],
    }


def plain(row: Row, place: int | None = None) -> dict[str, object]:
    """The row as JSON values; the keys are part of the interface."""
    restores = None if row.restores is None else {"list": row.restores[0], "row": row.restores[1]}
    return {
        "row": place,
        "subject": row.subject,
        "department": row.department,
        "name": row.name,
        "budget_fen": row.budget_fen,
        "verdict": str(row.verdict),
        "since": row.since.isoformat() if row.since else None,
        "article": row.article,
        "fact": row.fact,
        "entries": list(row.entries),
        "restores": restores,
    }


def seal(content: object) -> str:
    """SHA-256 over the canonical JSON: keys sorted, no spaces."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def found_list(db: Session, wanted: str) -> BudgetList:
    """By its number, or by its place in the register. Raises BudgetError when there is none, or when its seal
    does not fit what it says.
    """
    known = BudgetList.id == int(wanted) if wanted.isascii() and wanted.isdecimal() else None
    row = db.scalar(select(BudgetList).where(BudgetList.number == wanted if known is None else known))
    if row is None:
        raise BudgetError(f"no budget list {wanted}: `rightsizer budget lists` shows them")
    if seal(row.content) != row.sha256:
        raise BudgetError(f"{row.number} was changed: what it says is not what was sealed ({row.sha256})")
    return row


def attest(db: Session, row: BudgetList, act: Act, today: date) -> None:
    """Finance attests that it has the list and follows it."""
    move(db, BUDGET, [(row, row.number)], "attest", act, attested_by=act.actor, attested_on=today)
