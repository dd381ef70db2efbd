"""What becomes of requests by themselves: grants end after their last day, violations become tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.sharing_answers import expire_due
from monitor.issuing import program
from notifier.tasks import open_task

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from monitor.installation import Installation, Now
    from store.workflow import Act


def expire(house: Installation, now: Now) -> dict[str, int]:
    """Grants of shared data whose term is over end (art. 23). Level-triggered."""
    with house.register.write() as db:
        return {"expired": len(expire_due(db, now.today, program(now)))}


def tell_violation(db: Session, matter: str, line: int, text: str, act: Act) -> None:
    """A use that is not as granted is a task, until an operator closes it with what was done."""
    open_task(db, "violation", f"{matter} use {line}", f"{matter}, use {line}: {text}"[:1000], act)
