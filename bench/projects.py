"""A city's projects: the list, one submission with its hints, one page.

    python bench/projects.py [--projects 5000] [--systems 3000] [--machines 20000] [--rounds 3]

A register (SQLite) of departments with that many projects, each with its five parts, budget lines, ten data
items and a deadline; systems and machines beside them. Printed: wall of each command, called inside the
process, its output thrown away; the best of the rounds.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import meter
from click.testing import CliRunner
from sqlalchemy import insert

from filing.project_tables import DESIGN, BudgetLine, ProjectDataItem, ProjectPaper
from filing.tables import Project
from monitor.cli import root
from store.database import open_register, upgrade
from store.tables import Deadline, Department, Machine, System

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

DEPARTMENTS = 100
SUBJECTS = ("城管", "养老", "停车", "水务", "教育", "医保", "林长", "应急", "民政", "社保", "税务", "农业")
WORDS = ("智慧", "数字", "综合", "一体化", "协同", "移动", "惠民", "阳光", "云上", "综治")
KINDS = ("管理", "监测", "服务", "分析", "调度", "档案", "审批", "举报", "巡查", "预警")
STATES = ("draft", "submitted", "incomplete", "accepted", "running", "completed", "budgeted")
TODAY = date.today()  # noqa: DTZ011  (a bench)
SETTINGS = "data_dir: data\nmail: {host: 127.0.0.1, security: none, sender: a@example.gov.cn}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="a city's projects")
    parser.add_argument("--projects", type=int, default=5000)
    parser.add_argument("--systems", type=int, default=3000)
    parser.add_argument("--machines", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    print(meter.machine())
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        (Path(folder) / "data").mkdir()
        (Path(folder) / "rightsizer.yml").write_text(SETTINGS, "utf-8")
        fill(Path(folder) / "data" / "register.db", chosen)
        drafts = iter(range(1, chosen.projects, len(STATES)))
        rows = [
            ("project list", best(chosen.rounds, lambda: call("list", "-o", "json", "--state", "all"))),
            ("project list --search", best(chosen.rounds, lambda: call("list", "--search", "智慧城管"))),
            ("project submit", best(chosen.rounds, lambda: call("submit", str(next(drafts))))),
            ("project show", best(chosen.rounds, lambda: call("show", "2"))),
        ]
    meter.table(("command", "wall s"), [(name, f"{wall:.2f}") for name, wall in rows])


def best(rounds: int, step: object) -> float:
    assert callable(step)
    walls = []
    for _ in range(rounds):
        began = perf_counter()
        step()
        walls.append(perf_counter() - began)
    return min(walls)


def call(*words: str) -> None:
    said = CliRunner().invoke(root, ["--config", "rightsizer.yml", "project", *words])
    assert said.exit_code == 0, said.output + str(said.exception)


def fill(path: Path, chosen: argparse.Namespace) -> None:
    upgrade(f"sqlite:///{path}")
    register = open_register(f"sqlite:///{path}")
    chance = random.Random(7)
    with register.write() as db:
        departments = [{"id": n, "code": f"D{n}", "name": f"市{n}局"} for n in range(1, DEPARTMENTS + 1)]
        db.execute(insert(Department), departments)
        systems = [
            {"id": n, "department_id": 1 + n % DEPARTMENTS, "name": f"{name(chance)}系统{n}"}
            for n in range(1, chosen.systems + 1)
        ]
        db.execute(insert(System), systems)
        machines = [
            {"name": f"vm{n}", "department_id": 1 + n % DEPARTMENTS, "system_id": 1 + n % chosen.systems}
            for n in range(chosen.machines)
        ]
        db.execute(insert(Machine), machines)
        projects(db, chance, chosen.projects)
    register.close()


def name(chance: random.Random) -> str:
    return f"{chance.choice(WORDS)}{chance.choice(SUBJECTS)}{chance.choice(KINDS)}"


def projects(db: Session, chance: random.Random, many: int) -> None:
    numbers = range(1, many + 1)
    db.execute(
        insert(Project),
        [
            {
                "id": n,
                "department_id": 1 + n % DEPARTMENTS,
                "name": f"{name(chance)}平台项目第{n}号",
                "kind": "develop",
                "state": STATES[(n - 1) % len(STATES)],
                "fund_source": f"资金{n % 40}",
                "budget_fen": chance.randint(10, 300) * 1_000_000,
                "cloud_need": {"vcpus": 8, "memory_gib": 32, "disk_gib": 500},
                "hints": [],
                "created_on": TODAY - timedelta(days=n % 900),
            }
            for n in numbers
        ],
    )
    db.execute(insert(ProjectPaper), [paper(n, kind) for n in numbers for kind in DESIGN])
    budgets = {row.id: row.budget_fen for row in db.query(Project)}
    db.execute(insert(BudgetLine), [{"project_id": n, "name": "软件", "fen": budgets[n]} for n in numbers])
    items = [
        {"project_id": n, "direction": "produced", "name": f"数据项{(n * 7 + i) % 20000}"}
        for n in numbers
        for i in range(10)
    ]
    db.execute(insert(ProjectDataItem), items)
    db.execute(insert(Deadline), [deadline(n) for n in numbers])


def paper(number: int, kind: str) -> dict[str, object]:
    return {
        "project_id": number,
        "kind": str(kind),
        "name": f"{kind}.docx",
        "sha256": f"{number:032x}{kind:>32.32}",
        "size": 1000,
        "kept": "x",
        "added_on": TODAY,
        "added_by": "li",
    }


def deadline(number: int) -> dict[str, object]:
    return {
        "subject": f"project:{number}",
        "article": "第八条 受理",
        "started_on": TODAY,
        "working_days": 3,
        "due_on": TODAY + timedelta(days=5),
        "extended": False,
        "calendar": "x",
        "known_at": datetime.now(UTC),
        "met_on": TODAY if number % 2 else None,
    }


if __name__ == "__main__":
    main()
