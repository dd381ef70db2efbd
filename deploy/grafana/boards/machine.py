"""云主机: one machine's use against the thresholds, its size over time, its verdict and notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boards.board import MACHINE, Band, arrange, board
from boards.board import department as chosen_department
from boards.board import machine as chosen_machine
from boards.panels import About, Query, figure, limit, lines, states, steps
from boards.queries import each, where
from boards.tables import Column, rows
from boards.words import (
    CYAN,
    DARK_RED,
    GREEN,
    KINDS,
    ORANGE,
    RESOURCES,
    RULES,
    STATES,
    STATISTICS,
    VERDICTS,
    Word,
)

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

    from boards.board import Panel

THIS = "$machine"
EVIDENCE = ("rule", "resource", "statistic")


def machine() -> Dashboard:
    made = board(MACHINE, "云主机", "一台云主机的使用率与标准、配置变化、判定依据和文书。", hours=24 * 30)
    made.with_variable(chosen_department(all_of_them=True)).with_variable(chosen_machine())
    bands = (
        Band(4, [(4, panel) for panel in figures()]),
        Band(9, [(8, use(resource)) for resource in ("cpu", "memory", "disk")], "使用率与标准"),
        Band(8, [(8, network()), (8, vcpus()), (8, capacity())], "网络与配置变化"),
        Band(8, [(12, evidence()), (12, notices())], "判定与文书"),
        Band(5, [(24, verdicts())]),
    )
    return arrange(made, bands)


def figures() -> list[Panel]:
    """Whose the machine is, what is said of it, and how much is known."""
    return [*names(), *numbers()]


def names() -> list[Panel]:
    owner = each(where("machine_info", machine=THIS), "department", "system")
    verdict = f"{each(where('machine_verdict', machine=THIS), 'verdict')} == 1"
    return [
        figure(About("部门", "云主机所属部门。", "short"), Query(owner, "{{department}}"), name=True),
        figure(About("业务系统", "云主机上的业务系统。", "short"), Query(owner, "{{system}}"), name=True),
        figure(
            About("判定", "最近一次判定的结果。", "short"),
            Query(verdict, "{{verdict}}"),
            says=VERDICTS,
            name=True,
        ),
    ]


def numbers() -> list[Panel]:
    coverage, saving, sampled = (
        each(where(f"machine_{name}", machine=THIS), "machine")
        for name in ("coverage_ratio", "saving_yuan", "sample_timestamp_seconds")
    )
    complete = "核减监测期内已取得的采样占应有采样的比例；不足90%的不作判定。"
    saves = "按建议配置调整后每月可节约的金额；扩容为负数，是每月增加的费用。"
    return [
        figure(
            About("采样完整率", complete, "percentunit", 1),
            Query(coverage),
            steps((0.9, GREEN), base=ORANGE),
        ),
        figure(
            About("每月可节约", saves, "currency:¥"),
            Query(f"{saving} or vector(0)"),
            steps(base=GREEN),
        ),
        figure(About("最近采样", "最近一次采样的时间。", "dateTimeAsIso"), Query(f"{sampled} * 1000")),
    ]


def use(resource: str) -> Panel:
    word = RESOURCES[resource]
    asked = [
        Query(each(where(f"machine_{resource}_ratio", machine=THIS), "machine"), resource),
        Query(each(where("threshold_ratio", rule="shrink", resource=resource), "rule"), "核减标准"),
        Query(each(where("threshold_ratio", rule="expand", resource=resource), "rule"), "扩容标准"),
    ]
    about = About(
        f"{word.text}使用率",
        f"每次采样的{word.text}使用率，虚线为监测标准中的核减与扩容标准。",
        "percentunit",
        0,
        (0, 1),
    )
    panel = lines(about, asked, {resource: Word(word.text, word.color)})
    return limit(limit(panel, "核减标准", ORANGE), "扩容标准", DARK_RED)


def network() -> Panel:
    about = About("网络流量", "每秒收发的字节数。", "Bps", None, (0, None))
    asked = [Query(each(where("machine_network_bytes_per_second", machine=THIS), "machine"), "收发")]
    return lines(about, asked, {"收发": Word("收发", CYAN)})


def vcpus() -> Panel:
    about = About("核数", "云主机的vCPU数，调整配置后变化。", "short", 0, (0, None))
    return lines(
        about,
        [Query(each(where("machine_vcpus", machine=THIS), "machine"), "cpu")],
        {"cpu": Word("核数")},
        stepped=True,
    )


def capacity() -> Panel:
    about = About("内存与硬盘容量", "云主机的内存和硬盘容量，调整配置后变化。", "bytes", None, (0, None))
    asked = [
        Query(each(where(f"machine_{name}_bytes", machine=THIS), "machine"), name)
        for name in ("memory", "disk")
    ]
    return lines(about, asked, {name: RESOURCES[name] for name in ("memory", "disk")}, stepped=True)


def evidence() -> Panel:
    """What each rule measured, beside its threshold."""
    measured = each(where("machine_statistic_ratio", machine=THIS), *EVIDENCE)
    asked = [Query(measured), Query(f"{each('threshold_ratio', *EVIDENCE)} and {measured}")]
    columns = [
        Column("rule", "规则", words=RULES),
        Column("resource", "资源", words=RESOURCES),
        Column("statistic", "计算方法", words=STATISTICS),
        Column("Value #A", "监测值", "percentunit", decimals=1),
        Column("Value #B", "标准", "percentunit", decimals=0),
    ]
    about = About("判定依据", "最近一次判定时各项监测值与监测标准。", "short")
    return rows(about, asked, columns, "规则", descending=False)


def notices() -> Panel:
    labels = ("notice", "kind", "state")
    stands = each(where("machine_notice", machine=THIS), *labels)
    due = each("notice_due_timestamp_seconds", "notice", "kind")
    asked = [
        Query(stands),
        Query(f"{stands} * on (notice, kind) group_left () {due} * 1000"),
    ]
    columns = [
        Column("notice", "文号"),
        Column("kind", "种类", words=KINDS, width=120),
        Column("state", "状态", words=STATES, width=100),
        Column("Value #B", "期限", "time:YYYY-MM-DD", width=120),
    ]
    about = About("未办结文书", "本云主机尚未办结的文书及期限。", "short")
    return rows(about, asked, columns)


def verdicts() -> Panel:
    about = About("判定变化", "各日的判定结果。", "short")
    verdict = each(where("machine_verdict", machine=THIS), "verdict")
    return states(about, [Query(f"{verdict} == 1", "{{verdict}}")], VERDICTS)
