"""The data catalog with 50,000 entries of 100 departments: added, searched, counted.

    python bench/entries.py [--entries 50000] [--items 8] [--url URL] [--rounds 5]

Without --url a SQLite file in a temporary folder; PostgreSQL by its URL, an empty database. Every entry is
made by catalog.entries.add with its draft, and set published by one UPDATE: the way there is not measured.
Printed: how long adding took, and for each search the best of the rounds, by the functions of the commands.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from datetime import UTC, date, datetime
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from sqlalchemy import update

from catalog.entries import New, add
from catalog.metadata import ItemFacts, Metadata
from catalog.reference import ClassLine, import_classes
from catalog.search import Wanted, first, search, stale, total
from catalog.sources import duplicates
from catalog.tables import Entry, Version
from store.database import open_register, upgrade
from store.tables import Department
from store.workflow import Act, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.database import Register

TODAY = date(2026, 11, 23)
CLERK = Act("bench", Role.OPERATOR, datetime(2026, 11, 23, tzinfo=UTC))
DEPARTMENTS, AT_ONCE = 100, 5000
NAMES = (
    "姓名",
    "身份证号",
    "户籍地址",
    "联系电话",
    "企业名称",
    "统一社会信用代码",
    "成立日期",
    "注册资本",
    "许可证号",
)
SUBJECTS = (
    "低保对象",
    "企业登记",
    "不动产",
    "车辆",
    "学籍",
    "养老金",
    "排污许可",
    "食品经营",
    "建设工程",
    "殡葬",
)


def main() -> None:
    parser = argparse.ArgumentParser(description="adding and searching a large data catalog")
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--items", type=int, default=8, help="of each entry")
    parser.add_argument("--url", help="of an empty database; default: SQLite in a temporary folder")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{folder}/register.db"
        upgrade(url)
        register = open_register(url)
        started = perf_counter()
        fill(register, given.entries, given.items)
        took = perf_counter() - started
        print(f"added {given.entries:,} entries in {took:.1f} s, {given.entries / took:,.0f} a second")
        measure(register, given.rounds)
        register.close()


def fill(register: Register, entries: int, items: int) -> None:
    dice = random.Random(7)
    with register.write() as db:
        db.add_all(Department(code=f"D{n}", name=f"第{n}局") for n in range(DEPARTMENTS))
        codes = ["3", "308", *(f"308{n:03}" for n in range(DEPARTMENTS))]
        import_classes(db, [ClassLine(code=code, name=f"类{code}") for code in codes], CLERK)
    for start in range(0, entries, AT_ONCE):
        with register.write() as db:
            numbers = range(start, min(start + AT_ONCE, entries))
            add(db, [entry(dice, number, items) for number in numbers], TODAY, CLERK)
    with register.write() as db:
        db.execute(update(Version).values(state="published", published_on=TODAY))
        db.execute(update(Entry).values(published=1, last_data_on=TODAY))


def entry(dice: random.Random, number: int, items: int) -> New:
    owner = number % DEPARTMENTS
    facts = Metadata(
        title=f"{dice.choice(SUBJECTS)}信息{number}",
        abstract="".join(dice.choices("全市各类对象的基本情况登记办理结果统计信息", k=100)),
        format_class="database",
        format_type="mysql",
        share_type="unconditional",
        open_type="not_open",
        update_period="monthly",
        items=tuple(ItemFacts(name, "string") for name in dice.sample(NAMES, items)),
    )
    return New(owner + 1, f"308{owner:03}", facts)


def measure(register: Register, rounds: int) -> None:
    wanted = {
        "search, a word that many have": Wanted("低保", public=True),
        "search, two words": Wanted("低保 身份证号", public=True),
        "search, a word that none has": Wanted("没有这个词", public=True),
        "search, one entry's title": Wanted("低保对象信息12", public=True),
    }
    for name, one in wanted.items():
        best(register, name, rounds, lambda db, one=one: first(db, one, 100)[1])
    best(register, "list of a department", rounds, lambda db: len(search(db, Wanted(department="第7局"))))
    best(register, "total (总目录)", 1, lambda db: total(db, TODAY).entries)
    best(register, "stale", 1, lambda db: len(stale(db, date(2027, 1, 1))))
    best(register, "duplicates", 1, lambda db: len(duplicates(db)))


def best(register: Register, name: str, rounds: int, work: Callable[..., int]) -> None:
    took, found = [], 0
    for _ in range(rounds):
        with register.read() as db:
            started, used = perf_counter(), process_time()
            found = work(db)
            took.append((perf_counter() - started, process_time() - used))
    wall, cpu = min(took)
    print(f"{name:32} {wall * 1000:8.1f} ms, cpu {cpu * 1000:7.1f} ms  {found:,} found")


if __name__ == "__main__":
    main()
