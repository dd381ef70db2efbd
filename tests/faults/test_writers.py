"""Fault 35: an operator's bulk commands and the daemon write the register at the same time."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from operating import placed
from processes import url_of
from sqlalchemy import func, select
from stage import entries
from test_cli import call
from test_notices_concurrency import working

from store.tables import Department, JournalEntry, Machine, MachineChange

if TYPE_CHECKING:
    from pathlib import Path

MACHINES = 400

# What the daemon does all day, a hundred times a second: short transactions that read and write.
DAEMON = """
import json, signal, time
from datetime import UTC, datetime, timedelta
from store.database import open_register
from store.inventory import create_machines, delivered, note_source
from store.journal import Entry, append
from store.tables import Department

stop = []
signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
register, moment, done, waits = open_register(url), datetime(2026, 11, 28, tzinfo=UTC), 0, []
print("ready", flush=True)
while not stop:
    began = time.monotonic()
    with register.write() as db:
        waits.append(time.monotonic() - began)
        create_machines(db, [f"seen-{done}"], "host", "rightsizer", moment)
        note_source(db, {"vm-0", "vm-1"}, "host", moment, ["host"])
        row = db.get(Department, 1)
        row.phone = str(int(row.phone or 0) + 1)
        append(db, moment, Entry("rightsizer", "tick", str(done)))
    done += 1
    time.sleep(0.005)
print(json.dumps({"done": done, "p99": sorted(waits)[len(waits) * 99 // 100]}), flush=True)
"""


def sheet(folder: Path, size: int) -> Path:
    path = folder / "machines.csv"
    rows = [f"vm-{number},市司法局,,,{size},8,100,," for number in range(MACHINES)]
    heading = "machine,department,system,address,vcpus,memory_gib,disk_gib,delivered_on,deployed_on"
    path.write_text("\n".join([heading, *rows, ""]), "utf-8")
    return path


def both(tmp_path: Path, seconds: float) -> None:
    place = placed(tmp_path / "house")
    settings = place.folder / "rightsizer.yml"
    departments = tmp_path / "departments.csv"
    departments.write_text("code,name,email,contact,phone\nJ1,市司法局,,,\n", "utf-8")
    assert call("department", "import", str(departments), folder=tmp_path, settings=settings).returncode == 0
    assert place.call("inventory", "import", str(sheet(tmp_path, 2))).code == 0
    rounds, end = 0, time.monotonic() + seconds
    with working(DAEMON, url_of(place.register), 0) as daemon:
        while time.monotonic() < end:
            rounds += 1
            run = call(
                "inventory", "import", str(sheet(tmp_path, 2 + rounds)), folder=tmp_path, settings=settings
            )
            assert run.returncode == 0, run.stderr  # never "database is locked"
        daemon.terminate()
        out, err = daemon.communicate(timeout=30)
    assert daemon.returncode == 0, err[-2000:]
    told = json.loads(out.splitlines()[-1])
    print(f"{rounds} imports of {MACHINES} machines, {told['done']} ticks, p99 wait {told['p99']:.3f} s")

    with place.register.read() as db:
        sizes = Counter(db.scalars(select(Machine.vcpus).where(Machine.name.like("vm-%"))))
        changes = db.scalar(select(func.count(MachineChange.id)).where(MachineChange.trait == "size"))
        seen = db.scalar(select(func.count(Machine.id)).where(Machine.name.like("seen-%")))
        ticks = db.scalar(select(func.count(JournalEntry.id)).where(JournalEntry.action == "tick"))
        entries(db)
        assert db.scalar(select(Department.phone)) == str(told["done"])
        assert sizes == {2 + rounds: MACHINES}
        assert changes == rounds * MACHINES
        assert (seen, ticks) == (told["done"], told["done"])


def test_fault_35_bulk_commands_beside_the_daemon_lose_nothing_and_are_never_refused(tmp_path: Path) -> None:
    both(tmp_path, 4)


@pytest.mark.slow
def test_fault_35_bulk_commands_beside_the_daemon_for_a_minute(tmp_path: Path) -> None:
    both(tmp_path, 60)
