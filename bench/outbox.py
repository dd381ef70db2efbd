"""How long a claim takes while the outbox grows: 10, 1,000 and 10,000 deliveries.

    python bench/outbox.py [--deliveries 10 1000 10000] [--claims 200] [--bytes 150000]

Twice: of the deliveries seven in ten are sent, the others wait for their time, are held or dead, and one more
is due at each claim ("one due"); or all of them are due at once, as after a day on which the mail server was
away ("all due"). One in ten keeps a mail of --bytes, the others one of 1 kB. A claim is notifier.outbox.claim
in a transaction of its own; the mail is settled as sent before the next one. Printed are the claim alone, the
commit behind it, and how long the disk takes to sync 4 kB by itself. On SQLite (WAL, synchronous=FULL) and,
where PostgreSQL is installed, on one of its own (fsync on), each in a fresh process.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import meter
from sqlalchemy import insert, make_url, update

from monitor.demo.sink import free_port
from notifier.answers import Answer, Outcome
from notifier.outbox import claim, settle
from notifier.tables import Delivery, DeliveryState, Notice
from store.database import open_register, upgrade
from store.tables import Department
from store.workflow import Act, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.database import Register

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
LEASE = timedelta(minutes=5)
SMALL = 1000
POSTGRESQL = Path("/usr/lib/postgresql")
TAKEN = Answer(Outcome.SENT, 250, "2.0.0 taken", "end")
ACT = Act("bench", Role.PROGRAM, NOW)
STATES = (  # of ten deliveries: the state, and when they may be tried
    *((DeliveryState.SENT, NOW),) * 7,
    (DeliveryState.PENDING, NOW + timedelta(hours=1)),
    (DeliveryState.HELD, NOW),
    (DeliveryState.DEAD, NOW),
)


def main() -> None:
    parser = argparse.ArgumentParser(description="claims while the outbox grows")
    parser.add_argument("--deliveries", type=int, nargs="+", default=[10, 1000, 10_000])
    parser.add_argument("--claims", type=int, default=200)
    parser.add_argument("--bytes", type=int, default=150_000, help="of a large mail")
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--all-due", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.url:
        [deliveries] = options.deliveries
        claims(options.url, deliveries, options)
        return
    print(meter.machine())
    rows: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as folder, postgresql() as server:
        print(f"one fsync of 4 kB there: {1000 * synced(Path(folder)):.2f} ms (median)")
        for number, kind in product(options.deliveries, ("one due", "all due")):
            name = f"{kind[:3]}_{number}"
            rows.append(one(f"sqlite:///{folder}/{name}.db", number, kind, options))
            if server:
                rows.append(one(database(server, name), number, kind, options))
    rows.sort(key=lambda row: str(row[0]), reverse=True)
    meter.table(("", "deliveries", "claim ms", "p99", "commit ms", "p99", "slowest claim"), rows)


def one(url: str, deliveries: int, kind: str, options: argparse.Namespace) -> tuple[object, ...]:
    sizes = ("--claims", options.claims, "--bytes", options.bytes, *(["--all-due"] * (kind == "all due")))
    told = meter.in_child(__file__, "--url", url, "--deliveries", deliveries, *sizes)
    times = [f"{told[name]:.2f}" for name in ("claim", "claim_p99", "commit", "commit_p99", "slowest")]
    return f"{make_url(url).get_backend_name()}, {kind}", told["deliveries"], *times


def synced(folder: Path) -> float:
    """Seconds that the disk takes for a small write, median."""
    seconds = []
    with (folder / "probe").open("wb", buffering=0) as file:
        for _ in range(50):
            file.write(os.urandom(4096))
            began = perf_counter()
            os.fsync(file.fileno())
            seconds.append(perf_counter() - began)
    return statistics.median(seconds)


# ---- the child


def claims(url: str, deliveries: int, options: argparse.Namespace) -> None:
    upgrade(url)
    register = open_register(url)
    fill(register, deliveries, options.bytes)
    if options.all_due:
        with register.write() as db:
            db.execute(update(Delivery).values(state=DeliveryState.PENDING, next_at=NOW))
    taking, committing = [], []
    for number in range(min(options.claims, deliveries) if options.all_due else options.claims):
        if not options.all_due:
            due(register, deliveries + number, options.bytes)
        taken, committed = claimed(register)
        taking.append(taken)
        committing.append(committed)
    register.close()
    meter.tell(
        deliveries=deliveries,
        claim=statistics.median(taking),
        claim_p99=p99(taking),
        commit=statistics.median(committing),
        commit_p99=p99(committing),
        slowest=max(taking),
    )


def claimed(register: Register) -> tuple[float, float]:
    """Milliseconds of a claim and of its commit; the mail is settled behind the clock."""
    began = perf_counter()
    with register.write() as db:
        found = claim(db, NOW, LEASE)
        ended = perf_counter()
    committed = perf_counter()
    assert found is not None
    with register.write() as db:
        assert settle(db, found, TAKEN, ACT, 0.5)
    return 1000 * (ended - began), 1000 * (committed - ended)


def p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


def fill(register: Register, deliveries: int, size: int) -> None:
    """The outbox without a mail that is due."""
    with register.write() as db:
        db.add(Department(id=1, code="NB-0001", name="bench"))
        db.flush()
        db.add(
            Notice(
                id=1,
                kind="shrink",
                number="1",
                department_id=1,
                issued_at=NOW,
                issued_on=NOW.date(),
                issued_by="bench",
                sha256="0" * 64,
                content="{}",
            )
        )
        db.flush()
        for start in range(0, deliveries, 500):
            numbers = range(start, min(start + 500, deliveries))
            db.execute(insert(Delivery), [delivery(number, size) for number in numbers])


def due(register: Register, number: int, size: int) -> None:
    """One more mail, which may be tried now."""
    with register.write() as db:
        ready = {"state": DeliveryState.PENDING, "next_at": NOW, "mime": os.urandom(size)}
        db.execute(insert(Delivery), [{**delivery(number, SMALL), **ready}])


def delivery(number: int, size: int) -> dict[str, object]:
    state, next_at = STATES[number % len(STATES)]
    return {
        "notice_id": 1,
        "recipient": f"d{number}@city.example",
        "role": "to",
        "message_id": f"<{number}@city.example>",
        "state": state,
        "made_at": NOW,
        "next_at": next_at,
        "mime": os.urandom(size if number % 10 == number // 10 % 10 else SMALL),
    }


# ---- a PostgreSQL of our own


@contextmanager
def postgresql() -> Iterator[str | None]:
    """The URL of a server that runs as long as the block, None where it is not installed."""
    found = sorted(POSTGRESQL.glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        yield None
        return
    user = "postgres" if os.getuid() == 0 else None  # it refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="rightsizer-outbox-"))
    if user:
        shutil.chown(folder, user, user)
    make = [str(found[-1] / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", "rightsizer"]
    subprocess.run([*make, "-E", "UTF8"], check=True, capture_output=True, user=user, group=user)
    port = free_port()
    serve = [str(found[-1] / "postgres"), "-D", str(folder / "data"), "-h", "127.0.0.1", "-p", str(port)]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([*serve, "-k", ""], stdout=quiet, stderr=quiet, user=user, group=user)
    try:
        url = f"postgresql+psycopg://rightsizer@127.0.0.1:{port}/postgres"
        ready(url)
        yield url
    finally:
        process.send_signal(signal.SIGINT)  # ends sessions, and then itself
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def ready(url: str) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            database(url, "outbox_ready")
        except OSError as error:
            if time.monotonic() > end:
                raise TimeoutError(f"PostgreSQL did not start within 20 s: {error}") from error
            time.sleep(0.2)
        else:
            return


def database(url: str, name: str) -> str:
    """An empty database on the server; its URL. Raises OSError while the server starts."""
    import psycopg

    try:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
    except psycopg.OperationalError as error:
        raise ConnectionError(str(error)) from error
    return url.removesuffix("postgres") + name


if __name__ == "__main__":
    main()
