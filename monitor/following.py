"""Following up: receipts, bounces, clocks, proof, reminders, 催办 and withdrawals, all level-triggered.

Every part asks the store what is due, so that running late or twice does no harm.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import structlog
from deltalake.exceptions import DeltaError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from monitor.applying import applications
from monitor.asked import expire
from monitor.daily import p95
from monitor.issuing import program, terms, tried
from monitor.registering import campaigns
from monitor.reminding import matters
from monitor.returns import bounces
from notifier import deployment, digest
from notifier.adjustment import deployed, fallen, regretted, take_back, verify, watched
from notifier.breaker import FOLLOWING_UP, TAKING_BACK, held
from notifier.content import NoticeKind
from notifier.following import draft, mark_overdue, reminders, urgings, withdrawals, written
from notifier.parcels import Desk
from notifier.receipts import accept, recount_all
from notifier.reminding import rules_of
from notifier.tables import ENDED, Item, Notice
from notifier.tasks import close_tasks, open_task
from notifier.verification import Seen
from store.calendar import calendar
from store.deadlines import running
from store.parts import parts
from store.tables import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from threading import Event

    import pyarrow as pa
    from sqlalchemy.orm import Session

    from monitor.installation import Installation, Now
    from notifier.following import Step

log = structlog.get_logger()
GIB = 2**30
SIZES = ("machine", "day", "vcpus", "memory_bytes", "disk_bytes")
LOADS = ("machine", "day", "cpu_known", "cpu_histogram")
COUNTED = {
    NoticeKind.REMINDER: "reminders",
    NoticeKind.OVERDUE: "urgings",
    NoticeKind.WITHDRAWAL: "withdrawals",
}
PARTS_FAIL = (
    *(OSError, SQLAlchemyError, DeltaError),
    *(LookupError, ValueError, TypeError, AttributeError),  # of stored facts that are none
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A following letter: to which department, about how many machines."""

    department: int
    machines: int


def follow_all(
    house: Installation, now: Now, progress: Callable[[str, int, int], None], stop: Event | None = None
) -> dict[str, int]:
    """One round of following up; counts what was done. A part that fails is counted and logged, and does not
    keep the others from their work.
    """
    counts: dict[str, int] = {"failed": 0}
    write = partial(letters, progress=progress, stop=stop)
    remind = partial(matters, progress=progress, stop=stop)
    works = (
        bounces,
        clocks,
        proof,
        deployments,
        applications,
        campaigns,
        expire,
        write,
        remind,
        tell_operators,
    )
    for part in works:
        try:
            counts |= part(house, now)
        except PARTS_FAIL:
            counts["failed"] += 1
            name = getattr(getattr(part, "func", part), "__name__", "letters")
            log.exception("part_failed", part=name)
            failed(house, name, now)
    return counts


def failed(house: Installation, part: str, now: Now) -> None:
    """A part that fails is a task, until it works again."""
    with suppress(SQLAlchemyError), house.register.write() as db:
        text = f"following up: {part} failed; `rightsizer -v once` shows where"
        open_task(db, "failed", part, text, program(now))


def tell_operators(house: Installation, now: Now) -> dict[str, int]:
    """The daily mail, after everything else of the round."""
    mail, operators = house.settings.mail, house.settings.notices.operator
    if mail is None or not operators:
        return {}
    written, office = now.moment.astimezone(house.settings.zone()), house.settings.letters.office
    with house.register.write() as db:
        rules = rules_of(calendar(db), house.settings.notices, now.today, house.settings.zone())
        return {"told": digest.write(db, operators, mail.sender, office, rules, written)}


def clocks(house: Installation, now: Now) -> dict[str, int]:
    """Receipts, and every running clock counted by the calendar as it is known now."""
    with house.register.write() as db:
        known, act = calendar(db), program(now)
        received = 0
        if house.settings.notices.receipt == "accepted":
            received = accept(db, known, house.settings.zone(), now.today, act)
        counts = {"received": received, "recounted": recount_all(db, known, now.today, act)}
        provisional(db, now)
    return counts


def provisional(db: Session, now: Now) -> None:
    """Clocks without a date wait for a year of the calendar."""
    waiting = db.scalar(select(func.count(Deadline.id)).where(Deadline.due_on.is_(None), *running())) or 0
    if waiting:
        text = (
            f"{waiting} clocks have no last day yet: import the next year with `rightsizer calendar import`"
        )
        open_task(db, "calendar", "provisional", text, program(now))
    else:
        close_tasks(db, "calendar", "provisional", program(now))


def proof(house: Installation, now: Now) -> dict[str, int]:
    """What the collectors see of the adjustments, in several short transactions."""
    with house.register.read() as db:
        items = watched(db, now.today)
        since = min((item.notice.issued_on for item in items), default=now.today)
        names, numbers = sorted({item.machine for item in items}), [item.id for item in items]
    rows = house.lake.of_machines(names, since, now.today - timedelta(days=1), SIZES)
    found, prices, counts = seen(rows), house.policy.prices, {"proven": 0, "reverted": 0}
    for some in parts(numbers):
        with house.register.write() as db:
            moved = verify(db, found, prices, now.today, program(now), some)
        counts = {name: counts[name] + moved[name] for name in counts}
    with house.register.write() as db:
        return {
            **counts,
            "withdrawn": taken_back(house, db, now),
            "regretted": regretted(db, now.today, program(now)),
        }


def taken_back(house: Installation, db: Session, now: Now) -> int:
    """Notices that the last verdict does not support any more fall, unless there are too many at once."""
    limits, act = house.settings.notices, program(now)
    bundles = [Letter(item.notice.department_id, 1) for item, _because in fallen(db, now.today)]
    if (why := held(db, bundles, limits, now.today, act, TAKING_BACK)) is not None:
        log.warning("take_back_held", reason=why)
        return 0
    return take_back(db, now.today, now.today + timedelta(days=limits.rejected_for), act)


def seen(rows: pa.Table) -> dict[str, list[Seen]]:
    """Machine -> the sizes that its days were measured with, in GiB."""
    found: dict[str, list[Seen]] = {}
    for row in rows.to_pylist():
        memory, disk = (None if row[name] is None else row[name] / GIB for name in SIZES[3:])
        found.setdefault(row["machine"], []).append(Seen(row["day"], row["vcpus"], memory, disk))
    return found


def deployments(house: Installation, now: Now) -> dict[str, int]:
    """Clocks of deployment, and the machines that are late."""
    since = now.today - deployment.FOLLOWED
    with house.register.read() as db:
        waiting = [machine.name for machine in deployment.undeployed(db, since)]
        living = select(Item.machine).where(Item.kind == deployment.KIND, Item.state.not_in(ENDED))
        waiting += db.scalars(living)
    found = loads(house, sorted(set(waiting)), since, now.today)
    with house.register.write() as db:
        known, act = calendar(db), program(now)
        ended = deployed(db, found.first, act)
        machines = deployment.undeployed(db, since)
        late = deployment.follow(db, known, house.policy, machines, found, now.today, act)
        return {"deployed": ended, "undeployed": late}


def loads(house: Installation, names: Sequence[str], since: date, today: date) -> deployment.Loads:
    """A day with more cpu than the idle rule allows is a day of real load."""
    rows = house.lake.of_machines(names, since, today - timedelta(days=1), LOADS)
    idle = next((c.threshold for c in house.policy.rules.idle.conditions if c.resource == "cpu"), 0)
    first: dict[str, date] = {}
    without: dict[str, int] = {}
    if rows.num_rows:
        used = np.nan_to_num(p95(rows)) > idle
        for machine, day, busy in zip(
            rows["machine"].to_pylist(), rows["day"].to_pylist(), used, strict=True
        ):
            if busy:
                first[machine] = min(day, first.get(machine, day))
            else:
                without[machine] = without.get(machine, 0) + 1
    return deployment.Loads(first, without)


def letters(
    house: Installation,
    now: Now,
    progress: Callable[[str, int, int], None],
    stop: Event | None = None,
) -> dict[str, int]:
    """Reminders, 催办 and withdrawals that are due and not written yet."""
    late, steps = due_steps(house, now)
    counts = {"overdue": late, "reminders": 0, "urgings": 0, "withdrawals": 0}
    if not steps:
        return counts
    desk, common = Desk(house.settings.letters), terms(house, now)
    supervisor = tuple(house.settings.notices.supervisor)
    for number, step in enumerate(steps):
        if stop is not None and stop.is_set():
            break
        progress("follow up", number, len(steps))
        drafted = partial(draft, step=step, terms=common, supervisor=supervisor, today=now.today)
        then = partial(written, step=step, act=program(now))
        if tried(house, desk, now, f"{step.kind} of notice {step.parent}", drafted, then) is not None:
            counts[COUNTED[step.kind]] += 1
    return counts


def due_steps(house: Installation, now: Now) -> tuple[int, list[Step]]:
    """How many machines became overdue, and the letters that are due. Too many 催办 and withdrawals in a day
    are held as too many notices are: a calendar or a policy may be at fault.
    """
    limits = house.settings.notices
    with house.register.write() as db:
        known, act = calendar(db), program(now)
        late = mark_overdue(db, now.today, act)
        grave = [*withdrawals(db), *urgings(db, known, limits, now.today, house.settings.zone())]
        owners = dict(db.execute(select(Notice.id, Notice.department_id)).all())
        bundles = [Letter(owners[step.parent], len(step.items)) for step in grave]
        if (why := held(db, bundles, limits, now.today, act, FOLLOWING_UP)) is not None:
            log.warning("follow_up_held", reason=why)
            grave = []
        return late, [*grave, *reminders(db, known, limits, now.today)]
