"""Facts of notices for tests: every kind, any number of machines, any change of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from notifier.content import (
    FOLLOWING,
    Basis,
    Chart,
    Content,
    Figure,
    Matter,
    NoticeKind,
    Office,
    Parent,
    Row,
    Size,
)

EXPIRED = Basis(
    title="平度市电子政务和政务数据管理办法（暂行）",
    document_number="PDDR-2020-0020001",
    article="第十三条",
    valid_from=date(2020, 9, 13),
    valid_to=date(2022, 9, 12),
    expired_on=date(2022, 9, 12),
)
VALID = EXPIRED.model_copy(update={"valid_to": date(2030, 9, 12), "expired_on": None})
OVERRIDDEN = EXPIRED.model_copy(
    update={"override": "《平度市政务云资源管理办法》（平政办发〔2025〕5号）第八条"}
)
OFFICE = Office(
    name="平度市大数据和电子政务发展促进中心",
    mark="平度市大数据和电子政务发展促进中心文件",
    contact="信息化科",
    phone="0532-00000000",
)
ISSUED = date(2026, 9, 18)
PREFIX = {
    NoticeKind.SHRINK: "平数云核减",
    NoticeKind.EXPAND: "平数云扩容",
    NoticeKind.IDLE: "平数云核实",
    NoticeKind.DEPLOY: "平数云部署",
    NoticeKind.REMINDER: "平数云提醒",
    NoticeKind.OVERDUE: "平数云催办",
    NoticeKind.WITHDRAWAL: "平数云撤销",
    NoticeKind.DUE: "平数事提醒",
    NoticeKind.LATE: "平数事催办",
}


def figure(
    resource: str, statistic: str, operator: str, value: float | None, threshold: int, **more: Any
) -> Figure:
    facts: dict[str, Any] = {
        "known": 9708,
        "expected": 10080,
        "holds": True,
        "phrase": "资源使用率超过75%" if operator == "above" else "系统不再使用",
    }
    return Figure.model_validate(
        facts
        | {
            "resource": resource,
            "statistic": statistic,
            "operator": operator,
            "value": value,
            "threshold": threshold,
        }
        | more
    )


def figures(kind: NoticeKind) -> tuple[Figure, ...]:
    """As the policy pack asks for them."""
    seen = (date(2026, 8, 3), date(2026, 9, 12))
    if kind is NoticeKind.EXPAND:
        few = {"known": 2010, "expected": 2016}
        return (
            figure("cpu", "p95", "above", 61.0, 75, share=0.981, holds=False, **few),
            figure("memory", "periodic_peak", "above", 91.3, 75,
                   witnesses=(date(2026, 9, 4), date(2026, 9, 12)), recent_days=35, **few),
            figure("disk", "last", "above", 42.5, 75, holds=False, **few),
        )  # fmt: skip
    if kind is NoticeKind.IDLE:
        return (
            figure("cpu", "p95", "at_most", 1.0, 3, share=1.0),
            figure("network", "mean", "at_most", 320.4, 1000),
        )
    if kind is NoticeKind.SHRINK:
        return (
            figure("cpu", "p95", "at_most", 15.0, 25, share=0.999073, phrase="CPU使用率未超过25%"),
            figure("memory", "periodic_peak", "at_most", 18.2, 30, witnesses=seen, recent_days=93,
                   phrase="内存周期性峰值未超过30%"),
            figure("disk", "max", "below", 31.4, 50, phrase="硬盘使用率不到50%"),
        )  # fmt: skip
    return ()


def chart(number: int) -> Chart:
    days = range(93)
    return Chart(
        since=ISSUED - timedelta(days=93),
        cpu=tuple(None if day in (40, 41) else float(3 + (day * 7 + number) % 12) for day in days),
        memory=tuple(round(10 + (day * 3 + number) % 8 + 0.2, 1) for day in days),
        disk=tuple(round(25 + day * 0.07, 1) for day in days),
    )


def row(kind: NoticeKind, number: int, of: NoticeKind | None = None, **changes: Any) -> Row:
    """Machine `number` of a notice of `kind`; `of` is the kind of the first notice that it follows."""
    about, measured = of or kind, of is None and kind is not NoticeKind.DEPLOY
    large, small = Size(vcpus=16, memory_gib=32, disk_gib=300), Size(vcpus=8, memory_gib=16, disk_gib=150)
    sized = {NoticeKind.SHRINK: (large, small), NoticeKind.EXPAND: (small, large)}
    current, advised = sized.get(about, (large, None))
    facts: dict[str, Any] = {
        "machine": f"vm-{number:05d}",
        "system": "社会救助系统",
        "address": f"10.32.{number // 250}.{number % 250}",
        "figures": figures(kind),
        "current": current,
        "advised": advised,
    }
    if measured:
        days = 7 if kind is NoticeKind.EXPAND else 35
        facts |= {"coverage": 0.997 if days == 7 else 0.963, "valid_days": days - 1, "window_days": days}
        facts |= {"saving_yuan_month": -628.0 if kind is NoticeKind.EXPAND else 628.0, "chart": chart(number)}
    if about is NoticeKind.DEPLOY:
        facts |= {"delivered_on": date(2026, 8, 28), "due": date(2026, 9, 11)}
    if kind in (NoticeKind.REMINDER, NoticeKind.OVERDUE):
        facts |= {"due": date(2026, 10, 9), "state": "received" if kind is NoticeKind.REMINDER else "overdue"}
    if kind is NoticeKind.WITHDRAWAL:
        facts |= {"note": "9月20日起内存使用率升至64%，不再符合核减情形"}
    return Row.model_validate(facts | changes)


def sample(kind: str, machines: int = 3, of: str = "shrink", **changes: Any) -> Content:
    """A notice of `kind` on so many machines; `of` is the kind of the first notice where it follows one."""
    what = NoticeKind(kind)
    follows = what in FOLLOWING
    about = NoticeKind(of) if follows else None
    day = {NoticeKind.REMINDER: date(2026, 9, 29), NoticeKind.OVERDUE: date(2026, 10, 10)}.get(what, ISSUED)
    facts: dict[str, Any] = {
        "kind": what,
        "number": f"{PREFIX[what]}〔2026〕12号",
        "department": "市民政局",
        "contact": "信息科",
        "issued_on": day,
        "as_of": day,
        "window_days": 7
        if what is NoticeKind.EXPAND
        else None
        if follows or what is NoticeKind.DEPLOY
        else 35,
        "working_days": 10,
        "basis": EXPIRED,
        "office": OFFICE,
        "rows": tuple(row(what, number, about) for number in range(1, machines + 1)),
    }
    if about is not None:
        facts["parent"] = Parent(
            number=f"{PREFIX[about]}〔2026〕12号",
            kind=about,
            issued_on=ISSUED,
            received_on=ISSUED,
            signed=True,
            due=date(2026, 10, 9),
        )
        facts["answer_by"] = {
            NoticeKind.REMINDER: date(2026, 10, 9),
            NoticeKind.OVERDUE: date(2026, 10, 16),
        }.get(what)
    if what is NoticeKind.OVERDUE:
        facts["level"] = 2
    return Content.model_validate(facts | changes)


def matter(number: int, **changes: Any) -> Matter:
    """A matter of the registers, due on the tenth working day after its beginning."""
    facts: dict[str, Any] = {
        "article": "第八条 补正",
        "title": f"补正“社会救助系统{number}期”项目的初步设计材料",
        "started_on": ISSUED,
        "working_days": 10,
        "due": date(2026, 10, 9),
    }
    return Matter.model_validate(facts | changes)


def matters(kind: str = "due", count: int = 2, **changes: Any) -> Content:
    """A letter of matters: a reminder before their end, or the second 催办, eight days after it."""
    late = kind == "late"
    day = date(2026, 10, 17) if late else date(2026, 9, 29)
    more = {"overdue": 8, "level": 2} if late else {}
    facts: dict[str, Any] = {
        "kind": NoticeKind(kind),
        "number": f"{PREFIX[NoticeKind(kind)]}〔2026〕12号",
        "department": "市民政局",
        "contact": "信息科",
        "issued_on": day,
        "as_of": day,
        "working_days": 5,
        "answer_by": date(2026, 10, 23) if late else date(2026, 10, 9),
        "basis": EXPIRED.model_copy(update={"article": "第八条"}),
        "office": OFFICE,
        "rows": (),
        "matters": tuple(matter(number, **more) for number in range(1, count + 1)),
        "level": 2 if late else 0,
    }
    return Content.model_validate(facts | changes)
