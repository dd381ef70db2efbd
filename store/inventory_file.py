"""The files of the register: which machines there are and whose (inventory), and who the departments are.

Both are read whole and refused whole: every wrong cell is named by its place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, TypeVar

from config.addresses import BETWEEN
from store import cells, uscc
from store.headings import Column, in_cores, in_gib
from store.sheet_error import Problems
from store.sheets import Row, Sheet, read_sheets
from store.tables import Standing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from store.cells import Cell

T = TypeVar("T")
SIZE = frozenset({"size"})
COUNT = frozenset({"count"})
MONEY = frozenset({"money"})
DEPARTMENT = ("单位", "部门", "使用单位", "单位名称", "部门名称", "所属单位", "所属部门")
MACHINE = (
    "主机",
    "云主机",
    "云主机名称",
    "主机名",
    "主机名称",
    "实例名称",
    "虚拟机",
    "虚拟机名称",
    "vm",
    "host",
)
VCPUS = ("vcpu", "cpu", "cpu核数", "核数", "vcpu数", "vcpu核数", "cpu核心数", "处理器核数")
MEMORY = ("内存", "内存大小", "内存容量", "内存规格", "memory", "mem", "ram")
DISK = ("磁盘", "磁盘大小", "磁盘容量", "硬盘", "硬盘容量", "硬盘大小", "存储", "存储容量", "disk")
HOST = re.compile(
    r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")

INVENTORY = (
    Column("machine", MACHINE, required=True),
    Column(
        "department",
        ("单位", "部门", "使用单位", "单位名称", "部门名称", "所属单位", "所属部门"),
        required=True,
    ),
    Column("system", ("系统", "系统名称", "业务系统", "信息系统", "应用系统", "所属系统")),
    Column("address", ("ip", "ip地址", "地址", "内网ip", "主机ip", "私有ip", "管理ip")),
    Column("vcpus", VCPUS, kinds=COUNT),
    Column("memory_gib", MEMORY, kinds=SIZE),
    Column("disk_gib", DISK, kinds=SIZE),
    Column("delivered_on", ("交付日期", "交付时间", "开通日期", "开通时间", "交付使用日期")),
    Column("deployed_on", ("部署日期", "部署时间", "系统部署日期", "上线日期")),
)
DEPARTMENTS = (
    Column(
        "code",
        ("统一社会信用代码", "社会信用代码", "信用代码", "单位代码", "部门代码", "uscc"),
        required=True,
    ),
    Column("name", ("单位", "部门", "名称", "单位名称", "部门名称", "department"), required=True),
    Column("email", ("邮箱", "电子邮箱", "邮件", "电子邮件", "联系邮箱", "e-mail", "mail")),
    Column("contact", ("联系人", "联系人姓名", "负责人")),
    Column("phone", ("电话", "联系电话", "手机", "手机号", "手机号码", "tel")),
    Column("standing", ("适用方式", "适用", "执行或参照", "执行参照")),
    Column("no_code_reason", ("无代码原因", "无信用代码原因", "无统一社会信用代码原因")),
)
STANDINGS = {"执行": Standing.BOUND, "参照": Standing.BY_REFERENCE, **{str(one): one for one in Standing}}


@dataclass(frozen=True, slots=True)
class MachineRow:
    """One machine of an inventory file; None where its cell is empty. `row` in `sheet` is where it stands."""

    machine: str
    department: str
    system: str | None
    address: str | None
    vcpus: float | None
    memory_gib: float | None
    disk_gib: float | None
    delivered_on: date | None
    deployed_on: date | None
    sheet: str
    row: int


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """One department. `code` is a 统一社会信用代码 with right check characters, or an internal code of a
    body that has none: any text that is not 18 characters of that alphabet.
    """

    code: str
    name: str
    email: str | None
    contact: str | None
    phone: str | None
    sheet: str
    row: int
    standing: str | None = None
    no_code_reason: str | None = None


class Reader:
    """Takes cells of one row, and notes what cannot be read instead of stopping."""

    def __init__(self, sheet: Sheet, problems: Problems) -> None:
        self.sheet = sheet
        self.problems = problems
        self.serial = getattr(sheet.source, "serial", None)
        self.row = Row(0, [])

    def take(self, column: str, parse: Callable[[Cell], T]) -> T | None:
        """The parsed cell; None when it is empty, or when it is bad, which is noted."""
        value = self.sheet.cell(self.row, column)
        if cells.is_missing(value):
            return None
        try:
            return parse(value)
        except ValueError as error:
            self.refuse(column, str(error))
            return None

    def day(self, value: Cell) -> date:
        return cells.day(value, self.serial)

    def need(self, column: str, parse: Callable[[Cell], str]) -> str:
        """As `take`, and an empty cell is noted too."""
        if cells.is_missing(self.sheet.cell(self.row, column)):
            self.problems.add(self.sheet.problem(self.row.number, column, None, "must not be empty"))
            return ""
        return self.take(column, parse) or ""

    def refuse(self, column: str, expected: str) -> None:
        value = self.sheet.cell(self.row, column)
        self.problems.add(self.sheet.problem(self.row.number, column, value, expected))

    def once(self, column: str, value: str, seen: dict[str, str]) -> None:
        """Notes a value that another row has too, with the place of that one."""
        place = self.sheet.place(self.row.number, column)
        if value and seen.setdefault(value, place) != place:
            self.refuse(column, f"every {column} once; this one is also at {seen[value]}")


def read_inventory(path: Path) -> list[MachineRow]:
    """The machines of an inventory file. Raises SheetError with every wrong cell."""
    return read(path, INVENTORY, "machine", machine_row)


def read_departments(path: Path) -> list[DepartmentRow]:
    """The departments of a file. Raises SheetError with every wrong cell."""
    return read(path, DEPARTMENTS, "code", department_row)


def read(path: Path, wanted: tuple[Column, ...], key: str, parse: Callable[[Reader], T]) -> list[T]:
    """The rows of all sheets that have the columns, without rows of sums. No `key` may stand twice."""
    problems = Problems(path)
    seen: dict[str, str] = {}
    found: list[T] = []
    for sheet in read_sheets(path, wanted):
        reader = Reader(sheet, problems)
        for reader.row in sheet.rows():
            if any(cells.is_sum(cell) for cell in reader.row.cells[:2]):
                continue
            found.append(parse(reader))
            reader.once(key, getattr(found[-1], key), seen)
    problems.refuse()
    return found


def machine_row(reader: Reader) -> MachineRow:
    units = reader.sheet.layout.units
    delivered, deployed = (
        reader.take(c, lambda v: cells.day(v, reader.serial)) for c in ("delivered_on", "deployed_on")
    )
    if delivered and deployed and delivered > deployed:
        reader.refuse("deployed_on", f"a day not before the delivery on {delivered}")
    return MachineRow(
        reader.need("machine", cells.name),
        reader.need("department", cells.name),
        reader.take("system", cells.name),
        reader.take("address", address),
        reader.take("vcpus", lambda value: size(value, "", in_cores)),
        reader.take("memory_gib", lambda value: size(value, units["memory_gib"], in_gib)),
        reader.take("disk_gib", lambda value: size(value, units["disk_gib"], in_gib)),
        delivered,
        deployed,
        reader.sheet.name,
        reader.row.number,
    )


def department_row(reader: Reader) -> DepartmentRow:
    return DepartmentRow(
        reader.need("code", code),
        reader.need("name", cells.name),
        reader.take("email", email),
        reader.take("contact", cells.name),
        reader.take("phone", phone),
        reader.sheet.name,
        reader.row.number,
        reader.take("standing", standing),
        reader.take("no_code_reason", cells.name),
    )


def size(value: Cell, heading: str, unit: Callable[[str], float | None]) -> float:
    """A size in the unit of the cell, else in that of its heading."""
    amount, named = cells.quantity(value, unit)
    amount *= 1.0 if named else unit(heading) or 1.0
    if not 0 < amount < 1e9:
        raise ValueError("a size greater than 0")
    return amount


def address(value: Cell) -> str:
    """An IP address or a host name, as the network writes it."""
    text = cells.name(value).lower()
    try:
        return str(ip_address(text))
    except ValueError as error:
        if HOST.fullmatch(text) and not re.fullmatch(r"[\d.]+", text):
            return text
        raise ValueError("an IP address or a host name") from error


def code(value: Cell) -> str:
    """A 统一社会信用代码 with both check characters, or an internal code of up to 64 characters."""
    text = cells.name(value)
    if uscc.looks_like(text.upper()):
        text = text.upper()
        if fault := uscc.fault(text):
            raise ValueError(f"a valid 统一社会信用代码: {fault}")
        return text
    if len(text) > 64 or re.search(r"\s", text):
        raise ValueError("a code of at most 64 characters without blanks")
    return text


def standing(value: Cell) -> str:
    """How art. 35 binds a department."""
    found = STANDINGS.get(cells.name(value))
    if found is None:
        raise ValueError("执行 or 参照 (art. 35)")
    return found


def email(value: Cell) -> str:
    """One address, or several between commas, semicolons or blanks; kept with commas between them."""
    words = [word for word in BETWEEN.split(cells.name(value)) if word]
    return ", ".join(dict.fromkeys(map(one_email, words or [""])))


def one_email(text: str) -> str:
    """A local part in ASCII, a domain in ASCII or an international one (kept as ASCII)."""
    local, _, domain = text.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        ascii_domain = ""
    good = (
        LOCAL_PART.fullmatch(local) and len(local) <= 64 and "." in ascii_domain and "_" not in ascii_domain
    )
    if not good or HOST.fullmatch(ascii_domain) is None or re.fullmatch(r"[\d.]+", ascii_domain):
        raise ValueError("one e-mail address such as office@example.gov.cn")
    return f"{local}@{ascii_domain}"


def phone(value: Cell) -> str:
    text = cells.name(value)
    if not re.fullmatch(r"\+?[\d\s()/,;、-]{3,60}(转\s*\d{1,6})?", text):
        raise ValueError("a telephone number")
    return text
