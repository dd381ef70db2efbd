"""What becomes of the filings by themselves: a campaign's deadline ends with the last thing to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from filing.clocks import settle_all
from monitor.issuing import program

if TYPE_CHECKING:
    from monitor.installation import Installation, Now


def campaigns(house: Installation, now: Now) -> dict[str, int]:
    """Deadlines of departments that have nothing left to do, also by what the inventory says now."""
    with house.register.write() as db:
        return {"campaigns": settle_all(db, now.today, program(now))}
