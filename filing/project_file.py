"""The 审核表 as a spreadsheet, a project a row, under the headings that departments give it (art. 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from filing.money import FEN, WAN
from filing.project_cells import amount, kind_of, level, lines_of, long_text, money, yes
from filing.project_papers import lines, set_lines
from filing.project_states import EDITABLE, OVER
from filing.projects import Form, ProjectError, SecretError, add, edit
from filing.tables import Project, ProjectKind
from store import cells
from store.headings import Column, in_cores, in_gib
from store.inventory_file import COUNT, DEPARTMENT, DISK, MEMORY, MONEY, SIZE, VCPUS, Reader, phone
from store.sheet_error import Problems
from store.sheets import read_sheets
from store.tables import Department
from store.workflow import RefusedError

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from sqlalchemy.orm import Session

    from store.sheets import Sheet
    from store.workflow import Act

WANTED = (
    Column("name", ("项目名称", "项目", "名称", "建设项目名称"), required=True),
    Column(
        "department",
        (*DEPARTMENT, "建设单位", "项目建设单位", "项目单位", "申报单位", "项目建设部门"),
        required=True,
    ),
    Column("kind", ("项目类型", "类型", "建设类型", "项目类别", "建设性质"), required=True),
    Column("secret", ("涉密", "是否涉密", "涉密项目", "是否涉及国家秘密")),
    Column("basis", ("立项依据", "依据", "建设依据", "项目依据")),
    Column("goals", ("建设目标", "项目目标", "目标")),
    Column("content", ("建设内容", "主要建设内容", "项目内容", "内容")),
    Column("performance", ("绩效目标", "项目绩效目标")),
    Column("system_name", ("系统名称", "系统", "建设系统", "信息系统名称")),
    Column("fund_source", ("资金来源", "经费来源", "经费渠道", "资金渠道")),
    Column(
        "budget_wan",
        ("总投资万元", "投资概算万元", "概算万元", "预算万元", "投资额万元", "金额万元", "总投资额万元"),
    ),
    Column(
        "budget_yuan",
        ("总投资", "总投资元", "投资概算", "概算", "预算金额", "投资额", "金额元", "总投资额"),
        kinds=MONEY,
    ),
    Column("lines", ("概算明细", "投资明细", "预算明细", "概算明细万元", "投资概算明细"), kinds=MONEY),
    Column("fixed_asset", ("固定资产投资", "是否固定资产投资")),
    Column("vcpus", (*VCPUS, "云资源cpu", "云资源cpu核数"), kinds=COUNT),
    Column("memory_gib", (*MEMORY, "云资源内存"), kinds=SIZE),
    Column("disk_gib", (*DISK, "云资源存储"), kinds=SIZE),
    Column("security_level", ("等保级别", "等级保护级别", "安全等级", "等保等级")),
    Column("contact", ("联系人", "项目联系人", "负责人", "项目负责人")),
    Column("phone", ("电话", "联系电话", "手机", "联系方式", "手机号码")),
    Column("planned_start", ("计划开工日期", "计划开始日期", "开始日期", "计划开工时间", "计划开始时间")),
    Column("planned_end", ("计划完成日期", "计划结束日期", "结束日期", "计划完成时间", "计划竣工日期")),
)
TEXTS = ("basis", "goals", "content", "performance", "fund_source")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: the form, the lines of its budget, whose it is, and where it stands."""

    form: Form
    lines: tuple[tuple[str, int], ...]
    department: str
    sheet: Sheet
    row: int


@dataclass(frozen=True, slots=True)
class Done:
    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class ProjectSheet:
    """A file that was read without a fault."""

    path: Path
    entries: tuple[Entry, ...]

    def take(self, db: Session, today: date, act: Act) -> Done:
        """Adds or changes the drafts, all or none. Raises SheetError with every row that is refused."""
        problems = Problems(self.path)
        departments = named_departments(db)
        known = newest(db)
        results: list[str] = []
        for entry in self.entries:
            department = departments.get(entry.department)
            if department is None:
                expected = "a known department: `rightsizer department list` shows them"
                refuse(problems, entry, "department", entry.department, expected)
                continue
            project = known.get((department.id, entry.form.name or ""))
            try:
                results.append(taken(db, department, project, entry, today, act))
            except SecretError as error:
                refuse(problems, entry, "secret", None, str(error))
            except (ProjectError, RefusedError) as error:
                refuse(problems, entry, "name", None, str(error))
        problems.refuse()
        return Done(*(results.count(word) for word in ("added", "changed", "unchanged")))


def taken(
    db: Session, department: Department, project: Project | None, entry: Entry, today: date, act: Act
) -> str:
    if project is not None and project.state not in EDITABLE and same(db, project, entry):
        return "unchanged"
    if project is None or project.state in OVER:
        project = add(db, department, entry.form, today, act)
        if entry.lines:
            set_lines(db, project, entry.lines, act)
        return "added"
    changed = edit(db, project, entry.form, act)
    if entry.lines:
        changed = set_lines(db, project, entry.lines, act) or changed
    return "changed" if changed else "unchanged"


def same(db: Session, project: Project, entry: Entry) -> bool:
    """Whether the project says all that the row says."""
    if entry.lines and {line.name: line.fen for line in lines(db, project)} != dict(entry.lines):
        return False
    return all(getattr(project, key) == value for key, value in entry.form.said().items())


def named_departments(db: Session) -> dict[str, Department]:
    """Departments by name and by code."""
    rows = list(db.scalars(select(Department)))
    return {**{row.code: row for row in rows}, **{row.name: row for row in rows}}


def newest(db: Session) -> dict[tuple[int, str], Project]:
    """The newest project of each department and name, those that are over too: a file of last year that is
    read again makes nothing new.
    """
    wanted = select(Project).options(joinedload(Project.department)).order_by(Project.id)
    return {(row.department_id, row.name): row for row in db.scalars(wanted)}


def refuse(problems: Problems, entry: Entry, column: str, value: object, expected: str) -> None:
    problems.add(entry.sheet.problem(entry.row, column, value, expected))


def read_projects(path: Path) -> ProjectSheet:
    """Raises SheetError with every wrong cell; of a secret row nothing but its place is said."""
    problems = Problems(path)
    seen: dict[str, str] = {}
    found: list[Entry] = []
    for sheet in read_sheets(path, WANTED):
        reader = Reader(sheet, problems)
        for reader.row in sheet.rows():
            if any(cells.is_sum(cell) for cell in reader.row.cells[:2]):
                continue
            if secret(reader):
                continue
            entry = read_row(reader)
            found.append(entry)
            reader.once("name", f"{entry.department}/{entry.form.name}" if entry.form.name else "", seen)
    problems.refuse()
    return ProjectSheet(path, tuple(found))


def secret(reader: Reader) -> bool:
    """Notes a row that is marked 涉密, with its place alone."""
    if not reader.take("secret", yes):
        return False
    expected = "a project without state secrets (涉密): nothing of the file was stored, leave this row out"
    reader.problems.add(reader.sheet.problem(reader.row.number, "secret", None, expected))
    return True


def read_row(reader: Reader) -> Entry:
    units = reader.sheet.layout.units
    kind = reader.need("kind", lambda value: kind_of(value).value)
    total = budget(reader)
    form = Form(
        name=reader.need("name", cells.name),
        kind=ProjectKind(kind) if kind else None,
        **{key: reader.take(key, long_text) for key in TEXTS},
        system_name=reader.take("system_name", cells.name),
        budget_fen=total,
        fixed_asset=reader.take("fixed_asset", yes),
        vcpus=reader.take("vcpus", lambda value: amount(value, "", in_cores)),
        memory_gib=reader.take(
            "memory_gib", lambda value: amount(value, units.get("memory_gib", ""), in_gib)
        ),
        disk_gib=reader.take("disk_gib", lambda value: amount(value, units.get("disk_gib", ""), in_gib)),
        security_level=reader.take("security_level", level),
        contact=reader.take("contact", cells.name),
        phone=reader.take("phone", phone),
        planned_start=reader.take("planned_start", reader.day),
        planned_end=reader.take("planned_end", reader.day),
    )
    lines = reader.take("lines", lambda value: lines_of(value, in_wan(reader))) or ()
    if lines and total is not None and sum(sum_ for _name, sum_ in lines) != total:
        reader.refuse("lines", f"lines that make the total, {total // 100:,} yuan")
    return Entry(form, lines, reader.need("department", cells.name), reader.sheet, reader.row.number)


def budget(reader: Reader) -> int | None:
    """The total: 万元 where the heading says so, else yuan or the unit in the cell."""
    in_ten_thousands = reader.take("budget_wan", lambda value: money(value, WAN))
    unit = FEN[reader.sheet.layout.units.get("budget_yuan") or "元"]
    in_yuan = reader.take("budget_yuan", lambda value: money(value, unit))
    if in_ten_thousands is not None and in_yuan is not None and in_ten_thousands != in_yuan:
        reader.refuse("budget_yuan", "the same sum in both columns")
    return in_ten_thousands if in_ten_thousands is not None else in_yuan


def in_wan(reader: Reader) -> int:
    """The unit of lines without one: their heading's, else that of the total."""
    sheet = reader.sheet
    said = "万元" in sheet.headings[sheet.columns["lines"]] or "budget_wan" in sheet.columns
    return WAN if said else FEN[sheet.layout.units.get("budget_yuan") or "元"]
