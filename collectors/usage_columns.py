"""The columns of a usage file: how cloud operators call them, and what one cell of each may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store import cells
from store.headings import Column, in_bytes, in_cores, in_gib

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.cells import Cell

PERCENTS = ("cpu", "memory", "disk")
CAPACITIES = ("vcpus", "memory_gib", "disk_gib")
PERCENT = frozenset({"percent"})
SIZE = frozenset({"size"})
GIB = float(1 << 30)


def used(*things: str) -> tuple[str, ...]:
    """What the use of a thing is called: CPU使用率, CPU利用率, CPU平均使用率, ..."""
    ends = (
        "使用率",
        "利用率",
        "占用率",
        "平均使用率",
        "平均利用率",
        "使用率平均值",
        "使用率均值",
        "usage",
        "util",
        "_percent",
    )
    return (
        *things,
        *(thing + end for thing in things for end in ends),
        *(f"平均{thing}使用率" for thing in things),
    )


def held(*things: str) -> tuple[str, ...]:
    """What the size of a thing is called: 内存大小, 内存容量, ..."""
    ends = ("大小", "容量", "总量", "规格", "配置", "总大小", "总容量")
    return (
        *(thing + end for thing in things for end in ends),
        *(f"规格{thing}" for thing in things),
        *things,
    )


MACHINES = (
    "云主机",
    "云主机名称",
    "实例名称",
    "虚拟机",
    "虚拟机名称",
    "主机",
    "主机名",
    "主机名称",
    "服务器",
    "实例",
    "vm",
    "host",
)
TIMES = (
    "时间",
    "采集时间",
    "监控时间",
    "时间点",
    "统计时间",
    "采样时间",
    "数据时间",
    "日期时间",
    "日期",
    "timestamp",
    "ts",
)
USAGE = (
    Column("machine", MACHINES, required=True),
    Column("time", TIMES, required=True, kinds=frozenset({"clock"})),
    Column("cpu", used("cpu", "处理器"), kinds=PERCENT),
    Column("memory", used("内存", "mem"), kinds=PERCENT),
    Column("disk", used("磁盘", "硬盘", "存储"), kinds=PERCENT),
    Column(
        "network", ("网络", "网络流量", "网络速率", "网络带宽", "带宽", "流量"), kinds=frozenset({"rate"})
    ),
    Column(
        "vcpus",
        ("cpu核数", "核数", "vcpu数", "cpu数", "vcpu", "cpu核心数", *held("cpu")),
        kinds=frozenset({"count"}),
    ),
    Column("memory_gib", held("内存", "mem", "memory"), kinds=SIZE),
    Column("disk_gib", held("磁盘", "硬盘", "存储", "disk"), kinds=SIZE),
)
UNITS: dict[str, Callable[[str], float | None]] = {
    "network": in_bytes,
    "vcpus": in_cores,
    "memory_gib": in_gib,
    "disk_gib": in_gib,
}


def value_of(column: str, cell: Cell) -> tuple[float, bool]:
    """The number of a cell, and whether the cell itself names its unit. Raises as store.cells does."""
    if cells.is_missing(cell):
        return float("nan"), False
    if column in PERCENTS:
        return cells.percent(cell)
    found, named = cells.quantity(cell, UNITS[column])
    if column in CAPACITIES and found < 0:
        raise ValueError("a size that is not negative")
    return found, named


def factor_of(column: str, unit: str) -> float:
    """By what the numbers of a column are multiplied for the unit in its heading."""
    return (UNITS[column](unit) or 1.0) if column in UNITS and unit else 1.0
