"""Filing's reconciliation and lists over a whole city: 5,000 filings and 20,000 machines.

    python bench/registers.py [--filings 5000] [--machines 20000] [--rounds 3] [--folder FOLDER]

A register (SQLite) is made once: 200 departments, a system for every four machines, filings for most systems
with whole cards, some of them twice, some without a machine. Then, each in a fresh process: reading it and
reconciling, the list of filings, the progress of a campaign. Printed: wall and cpu (s), imports left out, and
the peak of resident memory (VmHWM) with them.
"""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import meter
from judge import folder_of

from config.workdays import seed
from filing.campaigns import campaign_of, open_campaign, progress
from filing.ground import ground
from filing.reconcile import reconcile
from filing.tables import Filing, FilingState
from monitor.cli.filing import listed
from store.database import open_register, upgrade
from store.tables import Department, Machine, System
from store.workflow import Act, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

DEPARTMENTS = 200
TODAY = date(2026, 11, 2)
ACT = Act("bench", Role.OPERATOR, datetime(2026, 11, 2, tzinfo=UTC), "bench")
CARD = {
    "purpose": "业务",
    "builder": "某局",
    "location": "青岛政务云",
    "secrecy": "非涉密",
    "built_on": "2021-03",
}
WORK: dict[str, Callable[[Session], int]] = {
    "reconcile": lambda db: len(reconcile(ground(db))),
    "list": lambda db: len(list(listed(db, None, None))),
    "campaign show": lambda db: len(progress(db, campaign_of(db, None), TODAY)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="filings of a whole city")
    parser.add_argument("--filings", type=int, default=5000)
    parser.add_argument("--machines", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the register is kept; default: nowhere")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    parser.add_argument("--register", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.register, options.work)
        return
    print(meter.machine())
    with folder_of(options.folder) as folder:
        register = folder / f"filings-{options.filings}-{options.machines}.db"
        if not register.exists():
            prepare(register, options.filings, options.machines)
        rows = []
        for name in WORK:
            rounds = [
                meter.in_child(__file__, "--work", name, "--register", register)
                for _ in range(options.rounds)
            ]
            best = min(rounds, key=lambda one: float(one["wall"]))
            rows.append(
                (name, best["rows"], f"{best['wall']:.2f}", f"{best['cpu']:.2f}", f"{best['rss']:.0f}")
            )
        meter.table(("", "rows", "wall s", "cpu s", "peak RSS MiB"), rows)


def work(register: Path, name: str) -> None:
    opened = open_register(f"sqlite:///{register}")
    with opened.read() as db:
        spent = meter.spent(lambda: WORK[name](db))
    meter.tell(wall=spent.wall, cpu=spent.cpu, rows=spent.told)


def prepare(register: Path, filings: int, machines: int) -> None:
    upgrade(f"sqlite:///{register}")
    opened = open_register(f"sqlite:///{register}")
    with opened.write() as db:
        owners = [Department(code=f"N-{n}", name=f"第{n}局") for n in range(DEPARTMENTS)]
        db.add_all(owners)
        db.flush()
        systems = [
            System(department_id=owners[n % DEPARTMENTS].id, name=f"第{n}号系统")
            for n in range(machines // 4)
        ]
        db.add_all(systems)
        db.flush()
        db.add_all(machine(systems, n) for n in range(machines))
        db.add_all(filing(systems, n) for n in range(filings))
        db.flush()
        open_campaign(db, seed(), 2026, date(2026, 12, 31), ACT, TODAY)
    opened.close()


def machine(systems: list[System], number: int) -> Machine:
    """Every tenth belongs to no system; every second was measured."""
    system = systems[number // 4]
    own = system.id if number % 10 else None
    source = "prom" if number % 2 else None
    return Machine(name=f"vm-{number}", department_id=system.department_id, system_id=own, source=source)


def filing(systems: list[System], number: int) -> Filing:
    """Every tenth is of a system that the inventory does not have, every twentieth has another's name."""
    system = systems[number % len(systems)]
    name = f"无机器{number}" if number % 10 == 0 else system.name.replace("系统", "平台")
    name = f"第{number - 1}号" if number % 20 == 5 else name
    card = {"name": name, **CARD}
    return Filing(
        department_id=system.department_id, name=name, state=FilingState.FILED, card=card, filed_on=TODAY
    )


if __name__ == "__main__":
    main()
