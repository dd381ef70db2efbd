"""The budget list of a city: read out of the register, decided, issued.

    python bench/budget.py [--projects 5000] [--machines 20000] [--rounds 3]

A register (SQLite, synchronous=FULL) in a temporary folder: as many filings as projects, an evaluation each,
a fifth of them failed, a time limit for a tenth, twelve journal entries a project. Printed: seconds for the
rows of a day (filing.budget_lists.rows_of) and for an issued list: decided, frozen, sealed, journalled.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter

import meter

from filing.budget_facts import FILE
from filing.budget_lists import Issue, issue, rows_of
from filing.evaluation_tables import Evaluation, EvaluationState
from filing.tables import Filing, FilingState, Project, ProjectState
from store.database import Register, open_register, upgrade
from store.journal import Entry, append
from store.tables import Deadline, Department, Machine
from store.workflow import Act, Role

DAY = date(2026, 11, 2)
NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
CLERK = Act("li", Role.REVIEWER, NOW)
STATES = list(ProjectState)
STEPS = 12  # journal entries of a project


def main() -> None:
    parser = argparse.ArgumentParser(description="the budget list of a city")
    parser.add_argument("--projects", type=int, default=5000)
    parser.add_argument("--machines", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(meter.machine())
    with tempfile.TemporaryDirectory() as folder:
        register = made(Path(folder), options.projects, options.machines)
        timed = [one_round(register, DAY + timedelta(number)) for number in range(options.rounds)]
        register.close()
    heads = ("", "rows", "list s", "issue s")
    meter.table(
        heads,
        [
            (f"round {number}", rows, f"{shown:.2f}", f"{issued:.2f}")
            for number, (rows, shown, issued) in enumerate(timed, 1)
        ],
    )


def one_round(register: Register, day: date) -> tuple[int, float, float]:
    began = perf_counter()
    with register.read() as db:
        rows = rows_of(db, day.year, day)
    shown = perf_counter()
    with register.write() as db:
        issue(db, Issue(day.year, day, "平数云预算", {}), CLERK, day)
    return len(rows), shown - began, perf_counter() - shown


def made(folder: Path, projects: int, machines: int) -> Register:
    url = f"sqlite:///{folder}/register.db"
    upgrade(url)
    register = open_register(url)
    with register.write() as db:
        db.add_all(Department(id=n, code=f"D{n}", name=f"第{n}局") for n in range(1, 101))
        db.flush()
        db.add_all(project(n) for n in range(1, projects + 1))
        db.flush()
        db.add_all(filing(n) for n in range(1, projects + 1))
        db.flush()
        db.add_all(evaluation(n) for n in range(1, projects + 1))
        db.add_all(deadline(n) for n in range(1, projects + 1, 10))
        db.add_all(Machine(name=f"vm-{n:05}", department_id=n % 100 + 1) for n in range(machines))
        said = [
            Entry("li", "project.step", f"project:{n}", None, STATES[step])
            for n in range(1, projects + 1)
            for step in range(STEPS)
        ]
        append(db, NOW, *said)
    return register


def project(n: int) -> Project:
    state = STATES[n % len(STATES)]
    opinion = DAY - timedelta(days=200) if n % 3 else None
    return Project(
        id=n,
        department_id=n % 100 + 1,
        name=f"项目{n}",
        kind="develop",
        state=state,
        cloud_need={},
        created_on=DAY - timedelta(days=300),
        opinion_on=opinion,
    )


def filing(n: int) -> Filing:
    state = FilingState.FILED if n % 5 else FilingState.UNFILED
    filed = DAY - timedelta(days=100) if n % 5 else None
    common = {"department_id": n % 100 + 1, "project_id": n, "name": f"系统{n}", "card": {}}
    return Filing(id=n, state=state, filed_on=filed, found_on=DAY - timedelta(days=150), **common)


def evaluation(n: int) -> Evaluation:
    day = DAY - timedelta(days=30)
    said = [{"on": day.isoformat(), "outcome": "pass" if n % 5 else "fail", "total": 70.0}]
    return Evaluation(
        filing_id=n,
        department_id=n % 100 + 1,
        year=2026,
        state=EvaluationState.PASSED,
        rules={},
        sheet=[{"key": f"item{line}", "evidence": {"machines": ["vm"] * 10}} for line in range(9)],
        outcomes=said,
        opened_on=day,
    )


def deadline(n: int) -> Deadline:
    day = DAY - timedelta(days=40)
    return Deadline(
        subject=f"filing:{n}", article=FILE, started_on=day, working_days=10, due_on=day, calendar="c"
    )


if __name__ == "__main__":
    main()
