"""The deadlines of filings: to file a system that was found, and the yearly campaign of a department.

Art. 10 stops the money of what is not filed "在规定时限内" and gives no number: the last day is the city's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from filing.filing_tables import FilingCampaign, FilingConfirmation
from filing.ground import WITH_CENTRE, WITH_DEPARTMENT, Filed, Ground, ground
from store.deadlines import meet, reopen, standing
from store.tables import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from sqlalchemy.orm import Session

    from filing.tables import Filing
    from store.workflow import Act

ARTICLE = "第十条 备案"


@dataclass(frozen=True, slots=True)
class Todo:
    """What a department still has to do in a campaign. `filing`: None for a system without one."""

    department_id: int
    name: str
    filing: int | None
    lack: str


def subject(filing: Filing) -> str:
    """How the journal and the deadlines name a filing."""
    return f"filing:{filing.id}"


def campaign_subject(year: int, department_id: int) -> str:
    return f"campaign:{year}/{department_id}"


def of_filing(db: Session, filing: Filing) -> list[Deadline]:
    """Its own, and that of the project which built it: the clock from the acceptance of the work."""
    built = [f"project:{filing.project_id}"] if filing.project_id is not None else []
    return list(standing(db, [subject(filing), *built], ARTICLE).values())


def done(db: Session, filing: Filing, on: date, act: Act) -> None:
    """The department has filed, or the filing is over: its deadline is met."""
    meet(db, f"filing {filing.id}", of_filing(db, filing), on, act)


def reopened(db: Session, filing: Filing, act: Act) -> None:
    """The card came back: the deadline runs as before."""
    reopen(db, f"filing {filing.id}", of_filing(db, filing), act)


def newest_campaign(db: Session) -> FilingCampaign | None:
    return db.scalar(select(FilingCampaign).order_by(FilingCampaign.year.desc()).limit(1))


def confirmed(db: Session, year: int) -> set[int]:
    """The filings whose cards were confirmed in the year."""
    return set(db.scalars(select(FilingConfirmation.filing_id).where(FilingConfirmation.year == year)))


def settle(db: Session, department_id: int, today: date, act: Act) -> None:
    """Ends the campaign's deadline of a department that has done everything, with what is left of the years
    before; opens it again when something is to be done, as long as the campaign goes on.
    """
    campaign = newest_campaign(db)
    if campaign is None:
        return
    if not left(db, campaign, department_id):
        meet(db, f"campaign {campaign.year}", of_campaigns(db, department_id), today, act)
    elif today <= campaign.until:
        again(db, campaign, department_id, act)


def undone(db: Session, department_id: int, act: Act) -> None:
    """A card came back to the department: its campaign is not done, even when its last day is over."""
    campaign = newest_campaign(db)
    if campaign is not None and left(db, campaign, department_id):
        again(db, campaign, department_id, act)


def left(db: Session, campaign: FilingCampaign, department_id: int) -> bool:
    db.flush()
    return any(True for _todo in todos(ground(db, department_id), campaign, confirmed(db, campaign.year)))


def again(db: Session, campaign: FilingCampaign, department_id: int, act: Act) -> None:
    rows = standing(db, [campaign_subject(campaign.year, department_id)], ARTICLE).values()
    reopen(db, f"campaign {campaign.year}", rows, act)


def settle_all(db: Session, today: date, act: Act) -> int:
    """Ends the deadlines of departments that have nothing left to do, also by what the inventory says now: a
    system was released, or its filing linked. Opens none. Returns how many ended.
    """
    campaign = newest_campaign(db)
    if campaign is None:
        return 0
    waiting = {todo.department_id for todo in todos(ground(db), campaign, confirmed(db, campaign.year))}
    rows = [row for row in of_campaigns(db) if row.department_id not in waiting]
    return meet(db, f"campaign {campaign.year}", rows, today, act)


def of_campaigns(db: Session, department_id: int | None = None) -> list[Deadline]:
    """The deadlines of every year's campaign, of one department or of all."""
    ours = select(Deadline).where(Deadline.article == ARTICLE, Deadline.subject.startswith("campaign:"))
    if department_id is not None:
        ours = ours.where(Deadline.department_id == department_id)
    return list(db.scalars(ours.order_by(Deadline.id)))


def todos(known: Ground, campaign: FilingCampaign, said: Iterable[int]) -> Iterator[Todo]:
    """What is still to be done; a card submitted or accepted since the campaign began needs no word besides,
    one that a reviewer has waits for him.
    """
    done_already = set(said)
    machines, filings = known.machines_of(), known.filings_of()
    for system in known.systems:
        if system.id in machines and not any(filing.standing for filing in filings.get(system.id, ())):
            yield Todo(system.department_id, system.name, None, "no filing")
    for filing in known.filings:
        if not filing.standing or filing.state in WITH_CENTRE:
            continue
        if filing.state in WITH_DEPARTMENT:
            yield Todo(filing.department_id, filing.name, filing.id, filing.state)
        elif filing.id not in done_already and not since(filing, campaign.opened_on):
            yield Todo(filing.department_id, filing.name, filing.id, "not confirmed")


def since(filing: Filed, first: date) -> bool:
    """Whether its card was looked at from that day on."""
    days = (filing.submitted_on, filing.filed_on)
    return any(day is not None and day >= first for day in days)
