"""The form of the national guide in and out: 20,000 rows imported, 50,000 entries exported.

    python bench/catalog_import.py [--rows 20000] [--items 4] [--entries 50000] [--folder FOLDER]

A workbook of `--rows` rows is generated, with `--items` rows for each resource, their cells merged, of 100
departments. Then, each in a fresh process over a fresh register (SQLite): reading and planning alone (a dry
run), the import, the same import again, an export to .xlsx and to .csv of a register with `--entries` entries
of one data item each. Printed: wall and cpu (s) without imports, and the peak of resident memory (VmHWM) with
them.
"""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import meter
from judge import folder_of
from sqlalchemy import select

from catalog.entries import New, add
from catalog.importing import carry_out, counts, incomplete, plan
from catalog.metadata import Basis, ItemFacts, Metadata
from catalog.reference import ClassLine, import_classes
from catalog.sheet_book import write_form
from catalog.sheet_classes import Tree
from catalog.sheet_files import Head, Wanted, export, rows_of
from catalog.sheet_rows import Owners, read_entries
from store.database import open_register, upgrade
from store.tables import Department
from store.workflow import Act, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from store.cells import Cell

DEPARTMENTS = 100
TODAY = date(2026, 11, 2)
ACT = Act("bench", Role.OPERATOR, datetime(2026, 11, 2, tzinfo=UTC), "bench")
WORK = ("dry run", "import", "import again", "export xlsx", "export csv")


def main() -> None:
    parser = argparse.ArgumentParser(description="the catalog's form in and out")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--items", type=int, default=4)
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--folder", type=Path, help="where the files are kept; default: nowhere")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.folder, options.work)
        return
    print(meter.machine())
    with folder_of(options.folder) as folder:
        stock(folder / "small.db", 0)
        stock(folder / "large.db", options.entries)
        generate(folder, options.rows // options.items, options.items)
        rows = []
        for name in WORK:
            one = meter.in_child(__file__, "--work", name, "--folder", folder)
            rows.append((name, one["done"], f"{one['wall']:.1f}", f"{one['cpu']:.1f}", f"{one['rss']:.0f}"))
        meter.table(("", "done", "wall s", "cpu s", "peak RSS MiB"), rows)


def stock(path: Path, entries: int) -> None:
    """A register with the departments, a class, and this many drafts of one item each."""
    path.unlink(missing_ok=True)
    upgrade(f"sqlite:///{path}")
    register = open_register(f"sqlite:///{path}")
    with register.write() as db:
        owners = [Department(code=f"N-{n}", name=f"第{n}局") for n in range(DEPARTMENTS)]
        db.add_all(owners)
        import_classes(db, [ClassLine(code=c, name=f"类{c}") for c in ("3", "307", "307003")], ACT)
        new = [New(owners[n % DEPARTMENTS].id, "307003", metadata(n, 1)) for n in range(entries)]
        add(db, new, TODAY, ACT)
    register.close()


def generate(folder: Path, entries: int, items: int) -> None:
    register = open_register(f"sqlite:///{folder / 'small.db'}")
    with register.read() as db:
        write_form(folder / "form.xlsx", groups(Tree(db), entries, items), min(entries, 5000))
    register.close()


def groups(tree: Tree, entries: int, items: int) -> Iterator[Sequence[Sequence[Cell]]]:
    for n in range(entries):
        yield rows_of(Head("", "307003", f"第{n % DEPARTMENTS}局", ""), metadata(n, items), tree)


def metadata(number: int, items: int) -> Metadata:
    """Filled as departments do: most fields, a law, amounts."""
    return Metadata(
        title=f"第{number}号业务办理结果信息",
        provider_unit="综合科",
        abstract=f"本单位第{number}号业务的办理结果，包括申请人、办理环节、办结时间和结果文书",
        format_class="database",
        format_type="mysql",
        share_type="conditional",
        share_condition="用于政务服务事项办理时核对",
        share_mode_class="platform",
        share_mode_type="interface",
        use_requirement="只用于申请时说明的用途",
        open_type="not_open",
        update_period="monthly",
        secret_flag="no",  # noqa: S106  (no password)
        contact="张三",
        phone="0532-00000000",
        survey={"storage_total": 12.5, "records_total": 3.0},
        items=tuple(ItemFacts(f"数据项{number % 50}之{n}", "string", "50") for n in range(items)),
        basis=(Basis("《中华人民共和国个人信息保护法》", "第十三条"),),
    )


def work(folder: Path, name: str) -> None:
    large = name.startswith("export")
    register = open_register(f"sqlite:///{folder / ('large.db' if large else 'small.db')}")
    if large:
        with register.read() as db:
            spent = meter.spent(lambda: export(db, folder / f"out.{name.split()[1]}", Wanted()))
        meter.tell(wall=spent.wall, cpu=spent.cpu, done=f"{spent.told} entries")
        return

    def take() -> dict[str, int]:
        with register.write() as db:
            known = {row.name: row.id for row in db.scalars(select(Department))}
            found = read_entries(folder / "form.xlsx", Owners(known), Tree(db))
            steps = plan(db, found, ACT)
            for _ in incomplete(db, steps, TODAY):
                pass
            if name != "dry run":
                carry_out(db, steps, TODAY, ACT)
            assert not found.problems, found.problems[:3]
            return {str(deed): number for deed, number in counts(steps).items() if number}

    spent = meter.spent(take)
    meter.tell(wall=spent.wall, cpu=spent.cpu, done=str(spent.told))


if __name__ == "__main__":
    main()
