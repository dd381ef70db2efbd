"""Reminding of the registers' deadlines, as a part of following up: what is due, held or written."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import structlog

from monitor.issuing import barred, program, terms, tried
from notifier.breaker import URGING, held
from notifier.content import NoticeKind
from notifier.parcels import Desk
from notifier.reminding import calls, draft, rules_of, written
from store.calendar import calendar

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from monitor.installation import Installation, Now
    from notifier.reminding import Call, Rules

log = structlog.get_logger()
COUNTED = {NoticeKind.DUE: "matters_due", NoticeKind.LATE: "matters_late"}


def matters(
    house: Installation,
    now: Now,
    progress: Callable[[str, int, int], None],
    stop: Event | None = None,
) -> dict[str, int]:
    """Reminders and 催办 of the registers' deadlines that are due and not written yet; counts the letters."""
    rules, due = due_calls(house, now)
    counts = dict.fromkeys(COUNTED.values(), 0)
    if not due:
        return counts
    desk, common = Desk(house.settings.letters), terms(house, now)
    supervisor = tuple(house.settings.notices.supervisor)
    for number, call in enumerate(due):
        if stop is not None and stop.is_set():
            break
        progress("remind", number, len(due))
        drafted = partial(draft, call=call, terms=common, supervisor=supervisor, rules=rules)
        then = partial(written, call=call, act=program(now))
        if tried(house, desk, now, about(call), drafted, then) is not None:
            counts[COUNTED[call.kind]] += 1
    return counts


def about(call: Call) -> str:
    """How a task names a letter that cannot be written."""
    return f"{call.kind} of matters to department {call.department}{' (last)' if call.last else ''}"


def due_calls(house: Installation, now: Now) -> tuple[Rules, list[Call]]:
    """The letters that may be written now: none under a policy that is over, no 催办 while too many
    departments at once would be urged: a calendar or an import may be at fault.
    """
    limits = house.settings.notices
    with house.register.write() as db:
        rules = rules_of(calendar(db), limits, now.today, house.settings.zone())
        due = calls(db, rules)
        if due and (why := barred(db, house, now)) is not None:
            log.warning("reminding_held", reason=why)
            return rules, []
        late = [call for call in due if call.kind is NoticeKind.LATE]
        if (why := held(db, late, limits, now.today, program(now), URGING)) is not None:
            log.warning("urging_held", reason=why)
            due = [call for call in due if call.kind is not NoticeKind.LATE]
    return rules, due
