"""Letters made by hand, for the tests of what prints them."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import Any

from notifier.content import (
    FOLLOWING,
    Basis,
    Chart,
    Content,
    Figure,
    NoticeKind,
    Office,
    Parent,
    Row,
    Size,
)
from notifier.letters.letter import Letter, Paragraph, Table

OFFICE = "平度市大数据和电子政务发展促进中心"
NAMES = {
    NoticeKind.SHRINK: ("核减", "关于核减政务云\n低效资源的通知"),
    NoticeKind.EXPAND: ("扩容", "关于社会救助系统\n云资源扩容的建议函"),
    NoticeKind.IDLE: ("核实", "关于核实停用系统\n并释放云资源的提醒"),
    NoticeKind.DEPLOY: ("部署", "关于尽快完成业务系统部署的\n催办通知"),
    NoticeKind.REMINDER: ("提醒", "关于云资源调整\n即将到期的提醒"),
    NoticeKind.OVERDUE: ("催办", "关于限期完成云资源调整的\n催办通知（第1次）"),
    NoticeKind.WITHDRAWAL: ("撤销", "关于撤销\n云资源核减通知的函"),
}
HEADINGS = (
    "序号",
    "云主机",
    "业务系统",
    "IP地址",
    "CPU使用率第95百分位（标准25%）",
    "内存周期性峰值（标准30%）",
    "硬盘最高使用率（标准50%）",
    "采样完整率",
    "现配置（vCPU/内存GiB/硬盘GiB）",
    "拟调整为（vCPU/内存GiB/硬盘GiB）",
    "预计节省（元/月）",
)


def sample_chart(seed: int) -> Chart:
    dice, days = random.Random(seed), range(93)
    return Chart(
        since=date(2026, 6, 17),
        cpu=tuple(None if day in {40, 41, 60} else float(dice.randint(3, 20)) for day in days),
        memory=tuple(round(10 + 8 * dice.random(), 1) for _ in days),
        disk=tuple(round(20 + day * 0.05, 1) for day in days),
    )


def sample_figures() -> tuple[Figure, ...]:
    counted = {"known": 9708, "expected": 10080, "holds": True}
    witnesses = (date(2026, 8, 3), date(2026, 9, 12))
    return (
        Figure(
            resource="cpu",
            statistic="p95",
            operator="at_most",
            value=15.0,
            threshold=25,
            share=0.999,
            phrase="CPU使用率未超过25%",
            **counted,
        ),
        Figure(
            resource="memory",
            statistic="periodic_peak",
            operator="at_most",
            value=18.2,
            threshold=30,
            witnesses=witnesses,
            phrase="内存周期性峰值未超过30%",
            **counted,
        ),
        Figure(
            resource="disk",
            statistic="max",
            operator="below",
            value=24.6,
            threshold=50,
            phrase="硬盘使用率不到50%",
            **counted,
        ),
    )


def sample_row(number: int, *, drawn: bool = True, **changes: Any) -> Row:
    facts: dict[str, Any] = {
        "machine": f"vm-{number:05d}",
        "system": "社会救助系统",
        "address": f"10.32.0.{number % 250}",
        "figures": sample_figures(),
        "coverage": 0.963,
        "valid_days": 34,
        "window_days": 35,
        "current": Size(vcpus=16, memory_gib=32, disk_gib=300),
        "advised": Size(vcpus=8, memory_gib=16, disk_gib=150),
        "saving_yuan_month": 628.0,
        "chart": sample_chart(number) if drawn else None,
    }
    return Row(**{**facts, **changes})


def sample_content(kind: NoticeKind = NoticeKind.SHRINK, machines: int = 3, **changes: Any) -> Content:
    following = kind in FOLLOWING
    parent = Parent(
        number="平数云核减〔2026〕12号",
        kind=NoticeKind.SHRINK,
        issued_on=date(2026, 9, 18),
        received_on=date(2026, 9, 18),
        due=date(2026, 10, 9),
    )
    facts: dict[str, Any] = {
        "kind": kind,
        "number": f"平数云{NAMES[kind][0]}〔2026〕12号",
        "department": "市民政局",
        "contact": "信息科",
        "issued_on": date(2026, 10, 10) if following else date(2026, 9, 18),
        "as_of": date(2026, 9, 18),
        "window_days": 35,
        "working_days": 10,
        "basis": Basis(
            title="平度市电子政务和政务数据管理办法（暂行）",
            document_number="PDDR-2020-0020001",
            article="第十三条",
            valid_from=date(2020, 9, 13),
            valid_to=date(2022, 9, 12),
            expired_on=date(2022, 9, 12),
        ),
        "office": Office(name=OFFICE, mark=f"{OFFICE}文件", contact="信息化科", phone="0532-00000000"),
        "rows": tuple(sample_row(number, drawn=not following) for number in range(1, machines + 1)),
        "parent": parent if following else None,
        "level": int(kind is NoticeKind.OVERDUE),
    }
    return Content(**{**facts, **changes})


def sample_table(content: Content) -> Table:
    rows = tuple(
        (
            str(place),
            row.machine,
            row.system or "",
            row.address or "",
            "15.0%",
            "18.2%",
            "24.6%",
            "96.3%",
            "16/32/300",
            "8/16/150",
            "628",
        )
        for place, row in enumerate(content.rows, 1)
    )
    right = {"CPU使用率第95百分位（标准25%）", "内存周期性峰值（标准30%）", "硬盘最高使用率（标准50%）"}
    right |= {"采样完整率", "预计节省（元/月）"}
    return Table(HEADINGS, rows, tuple(heading in right for heading in HEADINGS))


def sample_paragraphs(machines: int) -> tuple[Paragraph, ...]:
    return (
        Paragraph(
            f"经监测，2026年8月14日至9月17日（35日，采样完整率96.3%），你单位在政务云的{machines}台云主机资源使用率"
            "未达到《平度市电子政务和政务数据管理办法（暂行）》第十三条规定的标准，具体为：CPU使用率第95百分位最高15.0%"
            "（标准25%），内存周期性峰值最高18.2%（标准30%），硬盘使用率最高24.6%（标准50%）。现通知如下："
        ),
        Paragraph("一、核减内容", 1),
        Paragraph(
            f"拟核减CPU {8 * machines}核、内存{16 * machines}GB，硬盘{150 * machines}GB，明细见附件1。"
        ),
        Paragraph("（一）数据依据", 2),
        Paragraph("每项数值的时间范围、样本数和标准均列于附件，“第95百分位”指95%的样本不高于该数值。"),
        Paragraph("二、办理时限", 1),
        Paragraph("请自收到本通知次日起10个工作日内完成调整并反馈。"),
        Paragraph("三、确因业务周期、安全冗余等需保留的，请在截止日前书面说明理由并附材料。", 1),
    )


def sample_letter(kind: NoticeKind = NoticeKind.SHRINK, machines: int = 3, **changes: Any) -> Letter:
    """A letter of this kind about so many machines; `changes` replace facts of its Content."""
    return letter_of(sample_content(kind, machines, **changes))


def letter_of(content: Content) -> Letter:
    drawn = any(row.chart for row in content.rows)
    day = content.issued_on
    letter = Letter(
        content=content,
        subject=NAMES[content.kind][1].replace("\n", ""),
        title=NAMES[content.kind][1],
        number=content.number,
        addressee=f"{content.department}：",
        paragraphs=sample_paragraphs(len(content.rows)),
        annexes=("云主机使用率明细", "云主机使用率曲线") if drawn else ("云主机明细",),
        annex_title="云主机使用率明细表",
        table=sample_table(content),
        legend=(
            "注：1. CPU使用率为窗口内半小时均值的第95百分位，内存为周期性峰值，硬盘为最高值。",
            "2. 采样完整率为窗口内有效样本数与应有样本数之比。",
        ),
        signature=content.office.name,
        date=f"{day.year}年{day.month}月{day.day}日",
        contact=f"联系人：{content.office.contact}，电话：{content.office.phone}",
        copies="、".join(content.copy_to) if content.copy_to else None,
    )
    return english(letter) if content.locale == "en" else letter


def english(letter: Letter) -> Letter:
    paragraphs = (
        Paragraph(
            "From 14 August to 17 September 2026 (35 days, 96.3% of all samples present) the machines listed "
            "in annex 1 stayed below the thresholds of article 13: CPU 95th percentile at most 15.0% "
            "(threshold 25%)."
        ),
        Paragraph("1. What is asked", 1),
        Paragraph("Please resize them within ten working days of receiving this notice, or state why not."),
    )
    return replace(
        letter,
        title="Notice on Reducing Under-used\nGovernment Cloud Resources",
        subject="Notice on Reducing Under-used Government Cloud Resources",
        addressee="Civil Affairs Bureau:",
        paragraphs=paragraphs,
        annexes=("Use of each machine", "Daily curves of each machine"),
        annex_title="Use of Each Machine",
        table=replace(
            letter.table,
            headings=(
                "No.",
                "Machine",
                "System",
                "Address",
                "CPU 95th percentile (threshold 25%)",
                "Memory, periodic peak (threshold 30%)",
                "Disk, highest (threshold 50%)",
                "Coverage",
                "Now (vCPU / GiB / GiB)",
                "Proposed (vCPU / GiB / GiB)",
                "Saving (yuan a month)",
            ),
        ),
        legend=("Percentiles are taken over half-hour means of the window.",),
        signature="Pingdu Big Data Centre",
        date="18 September 2026",
        contact="Contact: IT section, telephone 0532-00000000",
    )
