"""Following up: receipts, bounces, clocks, proof, reminders, 催办 and withdrawals, all level-triggered.

Every part asks the store what is due, so that running late or twice does no harm.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import structlog
from sqlalchemy import func, select

from monitor.daily import p95
from monitor.issuing import program, terms, tried
from notifier import deployment, digest
from notifier.adjustment import deployed, regretted, take_back, verify, watched
from notifier.bounces import mark_seen, read
from notifier.content import NoticeKind
from notifier.following import draft, mark_overdue, reminders, urgings, withdrawals, written
from notifier.parcels import Desk
from notifier.receipts import accept, come_back, recount_all
from notifier.tables import Delivery, Item
from notifier.tasks import close_tasks, open_task
from notifier.verification import Seen
from store.calendar import calendar
from store.deadlines import running
from store.tables import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    import pyarrow as pa
    from sqlalchemy.orm import Session

    from monitor.installation import Installation, Now
    from notifier.bounces import Bounce

log = structlog.get_logger()
GIB = 2**30
SIZES = ("machine", "day", "vcpus", "memory_bytes", "disk_bytes")
LOADS = ("machine", "day", "cpu_known", "cpu_histogram")
COUNTED = {
    NoticeKind.REMINDER: "reminders",
    NoticeKind.OVERDUE: "urgings",
    NoticeKind.WITHDRAWAL: "withdrawals",
}
NEW = timedelta(days=180)  # machines delivered longer ago are not followed to their deployment


def follow_all(house: Installation, now: Now, progress: Callable[[str, int, int], None]) -> dict[str, int]:
    """One round of following up; counts what was done."""
    counts = {"bounced": bounces(house, now)}
    counts |= clocks(house, now)
    counts |= proof(house, now)
    counts["undeployed"] = deployments(house, now)
    counts |= letters(house, now, progress)
    tell_operators(house, now)
    return counts


def tell_operators(house: Installation, now: Now) -> None:
    """The daily mail, after everything else of the round."""
    mail, operators = house.settings.mail, house.settings.notices.operator
    if mail is not None and operators:
        written = now.moment.astimezone(house.settings.zone())
        with house.register.write() as db:
            digest.write(db, operators, mail.sender, house.settings.letters.office, now.today, written)


def bounces(house: Installation, now: Now) -> int:
    """Reads what came back, and reopens the notices."""
    mail = house.settings.mail
    folder = mail.bounce_folder if mail is not None else None
    if folder is None or not folder.exists():
        return 0
    count = 0
    for bounce in read(folder):
        with house.register.write() as db:
            count += returned(db, bounce, now)
        mark_seen(bounce)
    return count


def returned(db: Session, bounce: Bounce, now: Now) -> bool:
    """Whether a mail of ours came back for good."""
    row = delivery_of(db, bounce)
    if row is None or bounce.action != "failed":
        log.info("bounce_ignored", source=bounce.source, action=bounce.action, ours=row is not None)
        return False
    said = f"{bounce.status} {bounce.diagnostic}"
    return come_back(db, calendar(db), row, said, now.today, program(now))


def delivery_of(db: Session, bounce: Bounce) -> Delivery | None:
    """By its Message-ID, else by the token in the address that the report came to."""
    if bounce.message_id is not None:
        found = db.scalars(select(Delivery).where(Delivery.message_id == bounce.message_id)).first()
        if found is not None:
            return found
    token = bounce.token or bounce.envelope_id or ""
    number = token.removeprefix("d")
    return db.get(Delivery, int(number)) if number.isdecimal() and len(number) < 10 else None


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
    """What the collectors see of the adjustments."""
    with house.register.read() as db:
        items = watched(db, now.today)
        since = min((item.notice.issued_on for item in items), default=now.today)
        names = sorted({item.machine for item in items})
    rows = house.lake.of_machines(names, since, now.today - timedelta(days=1), SIZES)
    spared_until = now.today + timedelta(days=house.settings.notices.rejected_for)
    with house.register.write() as db:
        act = program(now)
        moved = verify(db, seen(rows), house.policy.prices, now.today, act)
        withdrawn = take_back(db, now.today, spared_until, act)
        regrets = regretted(db, now.today, act)
    return {**moved, "withdrawn": withdrawn, "regretted": regrets}


def seen(rows: pa.Table) -> dict[str, list[Seen]]:
    """Machine -> the sizes that its days were measured with, in GiB."""
    found: dict[str, list[Seen]] = {}
    for row in rows.to_pylist():
        memory, disk = (None if row[name] is None else row[name] / GIB for name in SIZES[3:])
        found.setdefault(row["machine"], []).append(Seen(row["day"], row["vcpus"], memory, disk))
    return found


def deployments(house: Installation, now: Now) -> int:
    """Clocks of deployment, and the machines that are late."""
    since = now.today - NEW
    with house.register.read() as db:
        waiting = [machine.name for machine in deployment.undeployed(db, since)]
        waiting += db.scalars(select(Item.machine).where(Item.kind == deployment.KIND))
    found = loads(house, sorted(set(waiting)), since, now.today)
    with house.register.write() as db:
        known, act = calendar(db), program(now)
        deployed(db, found.first, act)
        machines = deployment.undeployed(db, since)
        return deployment.follow(db, known, house.policy, machines, found, now.today, act)


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


def letters(house: Installation, now: Now, progress: Callable[[str, int, int], None]) -> dict[str, int]:
    """Reminders, 催办 and withdrawals that are due and not written yet."""
    limits = house.settings.notices
    with house.register.write() as db:
        known = calendar(db)
        late = mark_overdue(db, now.today, program(now))
        steps = [
            *withdrawals(db),
            *reminders(db, known, limits, now.today),
            *urgings(db, known, limits, now.today),
        ]
    counts = {"overdue": late, "reminders": 0, "urgings": 0, "withdrawals": 0}
    if not steps:
        return counts
    desk, common = Desk(house.settings.letters), terms(house, now)
    supervisor = tuple(limits.supervisor)
    for number, step in enumerate(steps):
        progress("follow up", number, len(steps))
        drafted = partial(draft, step=step, terms=common, supervisor=supervisor, today=now.today)
        then = partial(written, step=step, act=program(now))
        if tried(house, desk, now, drafted, then) is not None:
            counts[COUNTED[step.kind]] += 1
    return counts
