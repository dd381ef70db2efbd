"""全市概览: how the city's machines are used, what is advised, and what it saves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boards.board import CITY, TO_DEPARTMENT, TO_MACHINE, Band, arrange, board
from boards.panels import About, Query, bars, figure, limit, lines, steps
from boards.queries import by, each, owned, saved, total, where
from boards.tables import Column, rows
from boards.words import BLUE, CYAN, GREEN, ORANGE, PURPLE, RESOURCES, STAGES, STATES, VERDICTS, Word

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

    from boards.board import Panel

TOP = 12


def city() -> Dashboard:
    made = board(CITY, "全市概览", "全市云主机的使用情况、判定结果、可节约金额和文书办理进度。")
    bands = (
        Band(4, [(4, panel) for panel in figures()]),
        Band(9, [(12, use()), (12, verdicts())], "使用与判定"),
        Band(11, [(9, savings()), (15, departments())], "部门"),
        Band(9, [(14, largest()), (5, matters()), (5, year())], "核减与文书"),
    )
    return arrange(made, bands)


def figures() -> list[Panel]:
    """How many machines there are, and of each verdict that asks for something."""
    counted = [
        ("shrink", "建议核减", "判定为可以核减的云主机，台。"),
        ("expand", "建议扩容", "判定为建议扩容的云主机，台。"),
        ("idle", "停用核实", "疑似不再使用、需要部门核实的云主机，台。"),
        ("insufficient", "数据不足", "监测数据不足、不作判定的云主机，台。数据不足从不导致核减。"),
    ]
    machines = Query(f"count({each('machine_info', 'machine')})")
    saving = Query(f"sum({saved()}) or vector(0)")
    return [
        figure(About("云主机", "已登记的云主机，台。", "short"), machines, steps(base=BLUE), trend=True),
        *(
            figure(About(title, said, "short"), verdict(kind), steps(base=VERDICTS[kind].color), trend=True)
            for kind, title, said in counted
        ),
        figure(
            About("每月可节约", "按建议配置调整后每月可节约的金额，元。", "currency:¥"),
            saving,
            steps(base=GREEN),
            trend=True,
        ),
    ]


def verdict(kind: str) -> Query:
    return Query(f"{total(where('verdicts', verdict=kind), 'department')} or vector(0)")


def use() -> Panel:
    mark, busiest = "CPU核减标准", "最忙5%的CPU"
    asked = [
        Query(f"avg({each(f'machine_{name}_ratio', 'machine')})", name) for name in ("cpu", "memory", "disk")
    ]
    asked.append(Query(f"quantile(0.95, {each('machine_cpu_ratio', 'machine')})", busiest))
    asked.append(Query(each(where("threshold_ratio", rule="shrink", resource="cpu"), "rule"), mark))
    said = "全部云主机最近一次采样的平均使用率；最忙5%的云主机的CPU使用率不低于其线。"
    about = About("全市使用率", said, "percentunit", 0, (0, 1))
    means = {
        name: Word(f"{RESOURCES[name].text}平均", RESOURCES[name].color) for name in ("cpu", "memory", "disk")
    }
    return limit(lines(about, asked, {**means, busiest: Word(busiest, GREEN)}), mark, ORANGE)


def verdicts() -> Panel:
    about = About("判定结果", "各类判定的云主机台数。每日判定一次。", "short", None, (0, None))
    asked = [Query(by("verdict", "verdicts", "department", "verdict"), "{{verdict}}")]
    return lines(about, asked, VERDICTS, stacked=True, stepped=True)


def savings() -> Panel:
    about = About(
        "可节约金额最多的部门",
        f"按建议配置调整后每月可节约的金额，前{TOP}个部门。",
        "currency:¥",
        None,
        (0, None),
    )
    return bars(
        about,
        [Query(f"sort_desc(topk({TOP}, sum by (department) ({saved()})))", "{{department}}")],
        color=GREEN,
    )


def departments() -> Panel:
    """A department a row, with how many machines of each verdict."""
    asked = [Query(by("department", "verdicts", "department", "verdict"))]
    asked += [Query(each(where("verdicts", verdict=kind), "department")) for kind in VERDICTS]
    asked.append(Query(f"sum by (department) ({saved()})"))
    columns = [
        Column("department", "部门", link=TO_DEPARTMENT),
        Column("Value #A", "云主机", "short", width=80),
        *(
            Column(f"Value #{ref}", word.text, "short", width=80)
            for ref, word in zip("BCDEF", VERDICTS.values(), strict=True)
        ),
        Column("Value #G", "每月可节约", "currency:¥", width=110),
    ]
    about = About("各部门判定", "各部门各类判定的云主机台数和每月可节约金额；点部门名称打开部门页。", "short")
    return rows(about, asked, columns, "每月可节约")


def largest() -> Panel:
    """The machines whose shrinking saves most."""
    most = f"topk({TOP}, {each('machine_saving_yuan', 'machine')} > 0)"
    measured = ("machine_saving_yuan", "machine_cpu_ratio", "machine_memory_ratio", "machine_disk_ratio")
    asked = [Query(f"{owned(metric)} and on (machine) {most}") for metric in measured]
    columns = [
        Column("machine", "云主机", width=95, link=TO_MACHINE),
        Column("department", "部门", link=TO_DEPARTMENT),
        Column("system", "业务系统"),
        Column("Value #B", "CPU", "percentunit", width=112, bar=BLUE, decimals=0),
        Column("Value #C", "内存", "percentunit", width=112, bar=PURPLE, decimals=0),
        Column("Value #D", "硬盘", "percentunit", width=112, bar=CYAN, decimals=0),
        Column("Value #A", "每月可节约", "currency:¥", width=100),
    ]
    about = About(
        "可节约金额最多的云主机",
        f"每月可节约金额最多的{TOP}台及其最近一次采样；点名称打开云主机页。",
        "short",
    )
    return rows(about, asked, columns, "每月可节约")


def matters() -> Panel:
    about = About("文书所涉云主机", "历次文书所涉的云主机按办理状态，台。", "short", 0, (0, None))
    asked = [Query(by("state", "notice_items", "department", "kind", "state"), "{{state}}")]
    return bars(about, asked, STATES)


def year() -> Panel:
    about = About("节约金额", "历年文书每月预计、已实现和已撤销的节约金额。", "currency:¥", None, (0, None))
    asked = [Query(by("stage", "savings_yuan", "department", "year", "stage"), "{{stage}}")]
    return bars(about, asked, STAGES)
