"""What the machine does whose power is cut: it says what it found, then writes journal entries and marks
mails as sent, and says so after each commit. It waits, with everything loaded, for a line that names
`synchronous`; only then is the disk mounted.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

from sqlalchemy import event, func, select, text

from notifier.answers import Answer, Outcome
from notifier.outbox import claim, settle
from notifier.tables import Delivery, DeliveryState
from store.damage import damage
from store.database import Register, open_register
from store.journal import Entry, append, head, verify
from store.workflow import Act, Role

BEGIN = datetime(2026, 9, 18, 1, 30, tzinfo=UTC)
LEASE = timedelta(seconds=5)


def found(register: Register) -> None:
    """Says what the power cut left: entries, head, mails sent, soundness."""
    with register.read() as db:
        entries, fault = verify(db)
        sent = select(func.count(Delivery.id)).where(Delivery.state == DeliveryState.SENT)
        synchronous = db.scalar(text("PRAGMA synchronous"))
        print("FOUND", entries, head(db), db.scalar(sent), synchronous, damage(register), fault, flush=True)


def work(register: Register, rounds: int) -> None:
    moment = BEGIN
    with register.read() as db:
        number = db.scalar(text("SELECT count(*) FROM journal")) or 0
    for _ in range(rounds):
        number, moment = number + 1, moment + timedelta(minutes=1)
        with register.write() as db:
            append(
                db, moment, Entry("li", "finding.approved", f"vm-{number}", "open", "approved", "looked at")
            )
        print("ENTRY", number, flush=True)
        with register.write() as db:
            mail = claim(db, moment, LEASE)
        if mail is None:
            print("EMPTY", flush=True)
            return
        with register.write() as db:
            settle(
                db, mail, Answer(Outcome.SENT, 250, "2.0.0 taken", "data"), Act("r", Role.PROGRAM, moment), 0
            )
        print("SENT", mail.id, flush=True)


def main(url: str, synchronous: str, rounds: int) -> None:
    register = open_register(url)
    if synchronous != "full":  # the control: what is lost without it

        @event.listens_for(register.engine, "connect")
        def careless(connection: object, _record: object) -> None:
            connection.execute(f"PRAGMA synchronous={synchronous}")  # type: ignore[attr-defined]

        register.engine.dispose()
    found(register)
    work(register, rounds)


if __name__ == "__main__":
    print("LOADED", flush=True)
    synchronous = next(word for word in map(str.strip, sys.stdin) if word in {"full", "normal"})
    subprocess.run(["/bin/sh", "/mounted"], check=True)
    main("sqlite:////mnt/register.db", synchronous, 1_000_000)
