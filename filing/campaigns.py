"""The yearly campaign: every department completes and confirms its filings until a day (art. 10)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filing.clocks import (
    ARTICLE,
    Todo,
    campaign_subject,
    confirmed,
    newest_campaign,
    settle,
    subject,
    todos,
)
from filing.filing_states import FILING
from filing.filing_tables import FilingCampaign, FilingConfirmation
from filing.ground import Ground, ground
from store.deadlines import Clock, standing
from store.fixed_deadlines import start_until
from store.journal import Entry, append
from store.workflow import Act, RefusedError, Role, move

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from config.workdays import Calendar
    from filing.tables import Filing

FIRST_YEAR, LAST_YEAR = 2020, 2100


class CampaignError(LookupError, ValueError):
    """A campaign that is not there, or cannot be opened as said."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a department stands. `late`: its last day is over and something is still open."""

    department_id: int
    department: str
    filings: int
    confirmed: int
    open: Sequence[Todo]
    due_on: date | None
    met_on: date | None
    late: bool


def open_campaign(
    db: Session, known: Calendar, year: int, until: date, act: Act, today: date
) -> tuple[FilingCampaign, int]:
    """Opens the campaign of a year, or moves its last day; every department with systems gets its deadline.

    Returns it and how many departments it calls. Raises CampaignError, RefusedError.
    """
    if Role.OPERATOR not in act.roles:
        raise RefusedError("a campaign is opened by an operator of the centre")
    row = campaign_row(db, year, until, act, today)
    called = called_departments(ground(db))
    title = f"{year}年度政务信息系统全口径备案补报和确认"
    clocks = [Clock(campaign_subject(year, number), row.opened_on, number, title) for number in called]
    start_until(db, known, f"campaign {year}", clocks, (ARTICLE, until), act)
    for number in called:
        settle(db, number, today, act)
    return row, len(called)


def campaign_row(db: Session, year: int, until: date, act: Act, today: date) -> FilingCampaign:
    """The campaign of the year, new or with its day moved. Raises CampaignError."""
    newest = newest_campaign(db)
    if not FIRST_YEAR <= year <= LAST_YEAR or until < today or until.year not in {year, year + 1}:
        raise CampaignError(f"a campaign of {year} until {until}: today or later, in {year} or {year + 1}")
    if newest is not None and newest.year > year:
        raise CampaignError(f"the campaign of {newest.year} is open: that of {year} is over")
    row = newest if newest is not None and newest.year == year else None
    before = row.until if row is not None else None
    if row is None:
        row = FilingCampaign(year=year, until=until, opened_on=today, opened_by=act.actor, opened_at=act.now)
        db.add(row)
    row.until = until
    if before != until:
        append(
            db, act.now, Entry(act.actor, "campaign.opened", f"campaign:{year}", before, until, act.reason)
        )
    return row


def called_departments(known: Ground) -> list[int]:
    """Those with a system that has machines, or with a standing filing."""
    machines = known.machines_of()
    running = {system.department_id for system in known.systems if system.id in machines}
    return sorted(running | {filing.department_id for filing in known.filings if filing.standing})


def campaign_of(db: Session, year: int | None) -> FilingCampaign:
    """The campaign of a year, or the newest. Raises CampaignError."""
    found = newest_campaign(db) if year is None else db.get(FilingCampaign, year)
    if found is None:
        named = f"no campaign of {year}" if year is not None else "no campaign yet"
        raise CampaignError(f"{named}: `rightsizer filing campaign open YEAR --until DATE` opens one")
    return found


def progress(db: Session, campaign: FilingCampaign, today: date) -> list[Progress]:
    """Where every department stands that is called, or should be: the late first, then the most open."""
    known, said = ground(db), confirmed(db, campaign.year)
    left: dict[int, list[Todo]] = {}
    for todo in todos(known, campaign, said):
        left.setdefault(todo.department_id, []).append(todo)
    filings = Counter(filing.department_id for filing in known.filings if filing.standing)
    agreed = Counter(
        filing.department_id for filing in known.filings if filing.standing and filing.id in said
    )
    subjects = {campaign_subject(campaign.year, number): number for number in known.departments}
    clocks = {subjects[name]: row for name, row in standing(db, list(subjects), ARTICLE).items()}
    rows = []
    for number in sorted({*called_departments(known), *clocks}):
        clock, still = clocks.get(number), left.get(number, [])
        due, met = (clock.due_on, clock.met_on) if clock is not None else (None, None)
        late = bool(still) and due is not None and due < today
        name = known.departments[number]
        rows.append(Progress(number, name, filings[number], agreed[number], still, due, met, late))
    return sorted(rows, key=lambda row: (not row.late, -len(row.open), row.department))


def confirm(db: Session, filing: Filing, year: int, act: Act, today: date) -> bool:
    """The department's word that the card holds. False when it was given for the year before."""
    if filing.id in confirmed(db, year):
        return False
    move(db, FILING, [(filing, subject(filing))], "confirm", act)
    row = FilingConfirmation(filing_id=filing.id, year=year, confirmed_on=today, confirmed_by=act.actor)
    db.add(row)
    append(db, act.now, Entry(act.actor, "filing.confirmed", subject(filing), None, year, act.reason))
    settle(db, filing.department_id, today, act)
    return True
