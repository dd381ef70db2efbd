"""The operator's daily mail: what only a person can do, and the journal's head, an anchor kept elsewhere."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from notifier.message import Head, message_id, mime
from notifier.oneline import one_line
from notifier.reminding import of_departments, of_the_centre
from notifier.tables import Delivery, DeliveryState, Item, ItemState, Task
from store.journal import head
from store.tables import Deadline, Finding, FindingState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from notifier.reminding import Rules

KINDS = {
    "undelivered": "邮件未送达",
    "unknown": "邮件是否送达不明",
    "channel": "邮件通道暂停",
    "breaker": "批量签发已暂停，等待放行",
    "paper": "需纸质送达",
    "address": "邮箱地址有误",
    "no_department": "云主机无归属单位",
    "policy": "政策依据已过有效期",
    "pdf": "未能生成PDF",
    "letter": "文书未能生成",
    "regret": "核减后资源不足",
    "reverted": "调整后又恢复原配置",
    "wrong_direction": "调整方向相反",
    "gone": "云主机已无监测数据",
    "unseen": "已反馈完成但监测未见变化",
    "supervisor": "需另行抄送督查部门",
    "calendar": "缺下一年度工作日历",
    "failed": "后续处理失败",
    "unsendable": "邮件无法发送",
    "bounce": "退信无法读取",
    "clock": "系统时钟可疑，已暂停",
    "seal": "文书内容与签发时不一致",
    "take_back": "交付后逾期未部署，建议收回",
}
STYLE = "font-family:'Microsoft YaHei',sans-serif;font-size:14px"


def write(
    db: Session, operators: Sequence[str], sender: str, office: str, rules: Rules, written: datetime
) -> int:
    """Puts today's mail to each operator into the outbox, once; returns how many are new."""
    today = rules.today
    slug, domain = f"digest-{today}", sender.rpartition("@")[2]
    fresh = 0
    for operator in operators:
        name = message_id(slug, operator, domain)
        if db.scalar(select(Delivery.id).where(Delivery.message_id == name)) is None:
            head_of = Head(sender, office, operator, written, name, slug)
            db.add(mail(db, operator, head_of, rules))
            fresh += 1
    return fresh


def mail(db: Session, operator: str, to: Head, rules: Rules) -> Delivery:
    tasks = db.scalars(select(Task).where(Task.closed_at.is_(None)).order_by(Task.id)).all()
    lines = [*counted(db, rules.today), *own(db, rules), f"审计日志锚点：{head(db)}"]
    subject = f"云资源监测每日提示：{len(tasks)}项待办（{rules.today}）"
    return Delivery(
        recipient=operator,
        role="operator",
        message_id=to.message_id,
        state=DeliveryState.PENDING,
        made_at=to.date,
        next_at=to.date,
        mime=mime(subject, plain(tasks, lines), html(tasks, lines), (), to),
    )


def counted(db: Session, today: date) -> list[str]:
    waiting = select(func.count(Finding.id)).where(Finding.state == FindingState.OPEN)
    late = select(func.count(Item.id)).where(Item.state.in_((ItemState.OVERDUE, ItemState.ESCALATED)))
    matters = select(func.count(Deadline.id)).where(*of_departments(), Deadline.due_on < today)
    return [
        f"待复核：{db.scalar(waiting) or 0}台",
        f"逾期未办结：{db.scalar(late) or 0}台",
        f"各单位逾期事项：{db.scalar(matters) or 0}项",
    ]


def own(db: Session, rules: Rules) -> list[str]:
    """The centre's own matters that are near, over, or without a last day: no letter reminds of them."""
    return [
        f"本中心事项：{one_line(row.title or '')}（{row.article}），{end(row, rules.today)}"
        for row in of_the_centre(db, rules)
    ]


def end(row: Deadline, today: date) -> str:
    if row.due_on is None:
        return f"自{row.started_on}起{row.working_days}个工作日，截止日期待定"
    late = (today - row.due_on).days
    return f"{row.due_on}到期" + (f"，已逾期{late}日" if late > 0 else "")


def words(task: Task) -> tuple[str, str]:
    return KINDS.get(task.kind, task.kind), one_line(task.text, 500)


def plain(tasks: Sequence[Task], lines: Sequence[str]) -> str:
    listed = [f"{number}. {kind}\n   {said}" for number, (kind, said) in enumerate(map(words, tasks), 1)]
    return "\n".join([*(listed or ["没有待办事项。"]), "", *lines, ""])


def html(tasks: Sequence[Task], lines: Sequence[str]) -> str:
    listed = "".join(f"<li><b>{escape(kind)}</b><br>{escape(said)}</li>" for kind, said in map(words, tasks))
    body = f"<ol>{listed}</ol>" if listed else "<p>没有待办事项。</p>"
    facts = "<br>".join(escape(line) for line in lines)
    return f'<html lang="zh-CN"><body style="{STYLE}">{body}<p>{facts}</p></body></html>'
