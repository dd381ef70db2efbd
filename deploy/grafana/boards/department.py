"""部门: one department's machines, their use, and its notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boards.board import DEPARTMENT, TO_MACHINE, Band, arrange, board
from boards.board import department as chosen_department
from boards.panels import About, Query, bars, figure, limit, lines, steps
from boards.queries import by, each, ours, owned, saved, total, where
from boards.tables import Column, rows
from boards.words import (
    BLUE,
    CYAN,
    DARK_RED,
    GREEN,
    KINDS,
    ORANGE,
    PURPLE,
    RESOURCES,
    STAGES,
    STATES,
    VERDICTS,
)

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

    from boards.board import Panel

SIZES = (
    ("machine_vcpus", "核数", "short"),
    ("machine_memory_bytes", "内存容量", "bytes"),
    ("machine_disk_bytes", "硬盘容量", "bytes"),
)
MEASURED = (
    {"rule": "shrink", "resource": "cpu"},
    {"rule": "shrink", "resource": "memory"},
    {"rule": "shrink", "resource": "disk"},
)


def department() -> Dashboard:
    made = board(DEPARTMENT, "部门", "一个部门的云主机、使用率与标准、判定依据和文书。")
    made.with_variable(chosen_department(all_of_them=False))
    bands = (
        Band(4, [(4, panel) for panel in figures()]),
        Band(9, [(8, use(resource)) for resource in ("cpu", "memory", "disk")], "使用率与标准"),
        Band(11, [(24, machines())], "云主机"),
        Band(6, [(12, notices()), (6, matters()), (6, savings())], "文书与节约"),
    )
    return arrange(made, bands)


def figures() -> list[Panel]:
    counted = (("shrink", "建议核减"), ("expand", "建议扩容"), ("idle", "停用核实"))
    machines = Query(f"count({each(ours('machine_info'), 'machine')})")
    return [
        figure(About("云主机", "本部门已登记的云主机，台。", "short"), machines),
        *(
            figure(
                About(title, f"本部门判定为“{VERDICTS[kind].text}”的云主机，台。", "short"),
                Query(f"{total(ours('verdicts', verdict=kind), 'department')} or vector(0)"),
                steps(base=VERDICTS[kind].color),
            )
            for kind, title in counted
        ),
        figure(
            About("每月可节约", "按建议配置调整后每月可节约的金额，元。", "currency:¥"),
            Query(f"sum({saved(ours('machine_info'))}) or vector(0)"),
            steps(base=GREEN),
        ),
        figure(
            About("未办结", "本部门文书中尚未办结的云主机，台次。", "short"),
            Query(f"{total(ours('notice_open_items'), 'notice', 'department', 'kind')} or vector(0)"),
            steps((1, ORANGE), base=GREEN),
        ),
    ]


def use(resource: str) -> Panel:
    """Mean and highest use of a resource, with the policy's thresholds."""
    word = RESOURCES[resource]
    measured = owned(f"machine_{resource}_ratio", ours("machine_info"))
    asked = [
        Query(f"max({measured})", "最高"),
        Query(f"avg({measured})", "平均"),
        Query(each(where("threshold_ratio", rule="shrink", resource=resource), "rule"), "核减标准"),
        Query(each(where("threshold_ratio", rule="expand", resource=resource), "rule"), "扩容标准"),
    ]
    about = About(
        f"{word.text}使用率",
        f"本部门云主机{word.text}使用率的平均值和最高值，虚线为核减与扩容标准。",
        "percentunit",
        0,
        (0, 1),
    )
    panel = lines(about, asked)
    return limit(limit(panel, "核减标准", ORANGE), "扩容标准", DARK_RED)


def machines() -> Panel:
    """A machine a row: size, use as the rules measure it, verdict, saving."""
    info = each(ours("machine_info"), "machine", "system")
    owner = f"* on (machine) group_left (system) {info}"
    asked = [
        Query(f"({each('machine_verdict', 'machine', 'verdict')} == 1) {owner}"),
        *(Query(f"{each(name, 'machine')} {owner}") for name, _title, _unit in SIZES),
        *(
            Query(f"{each(where('machine_statistic_ratio', **found), 'machine')} {owner}")
            for found in MEASURED
        ),
        Query(f"{each('machine_saving_yuan', 'machine')} {owner} > 0"),
    ]
    columns = [
        Column("machine", "云主机", width=110, link=TO_MACHINE),
        Column("system", "业务系统"),
        Column("verdict", "判定", words=VERDICTS, width=100),
        *(
            Column(f"Value #{ref}", title, unit, width=100, decimals=0)
            for ref, (_, title, unit) in zip("BCD", SIZES, strict=True)
        ),
        Column("Value #E", "CPU（95%分位）", "percentunit", width=150, bar=BLUE, decimals=0),
        Column("Value #F", "内存周期性峰值", "percentunit", width=150, bar=PURPLE, decimals=0),
        Column("Value #G", "硬盘最高", "percentunit", width=150, bar=CYAN, decimals=0),
        Column("Value #H", "每月可节约", "currency:¥", width=110),
    ]
    about = About(
        "云主机", "配置、按核减标准计算的使用率、判定和每月可节约金额；点名称打开云主机页。", "short"
    )
    return rows(about, asked, columns, "每月可节约")


def notices() -> Panel:
    labels = ("notice", "kind")
    due = each(ours("notice_due_timestamp_seconds"), *labels)
    asked = [
        Query(each(ours("notice_open_items"), *labels)),
        Query(f"{due} * 1000"),
        Query(f"({due} - time()) / 86400"),
    ]
    columns = [
        Column("notice", "文号"),
        Column("kind", "种类", words=KINDS, width=110),
        Column("Value #A", "未办结", "short", width=80, decimals=0),
        Column("Value #B", "期限", "time:YYYY-MM-DD", width=110),
        Column("Value #C", "剩余天数", "short", width=90, decimals=0),
    ]
    about = About(
        "未办结文书", "本部门尚有云主机未办结的文书及其期限；没有期限的，期限待定或者不设期限。", "short"
    )
    return rows(about, asked, columns, "剩余天数", descending=False)


def matters() -> Panel:
    about = About("文书所涉云主机", "历次文书所涉的本部门云主机按办理状态，台次。", "short", 0, (0, None))
    asked = [Query(by("state", ours("notice_items"), "department", "kind", "state"), "{{state}}")]
    return bars(about, asked, STATES)


def savings() -> Panel:
    about = About("节约金额", "历年文书每月预计、已实现和已撤销的节约金额。", "currency:¥", None, (0, None))
    asked = [Query(by("stage", ours("savings_yuan"), "department", "year", "stage"), "{{stage}}")]
    return bars(about, asked, STAGES)
