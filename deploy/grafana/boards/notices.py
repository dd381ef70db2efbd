"""通知与期限: notices, the clocks that run, mails and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boards.board import NOTICES, TO_DEPARTMENT, TO_MACHINE, Band, arrange, board
from boards.board import department as chosen_department
from boards.panels import About, Query, bars, figure, lines, steps
from boards.queries import by, chosen, each, total, where
from boards.tables import Column, rows
from boards.words import (
    BLUE,
    CHANNEL,
    GREEN,
    KINDS,
    MAILS,
    ORANGE,
    PHASES,
    PURPLE,
    RED,
    STAGES,
    STATES,
    TASKS,
    YELLOW,
)

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

    from boards.board import Panel

ITEMS = ("department", "kind", "state")
NOTICE = ("notice", "department", "kind")


def notices() -> Dashboard:
    made = board(NOTICES, "通知与期限", "文书的办理进度、期限、节约金额，邮件投递和待办事项。", hours=24 * 30)
    made.with_variable(chosen_department(all_of_them=True))
    bands = (
        Band(4, [(4, panel) for panel in figures()]),
        Band(9, [(12, progress()), (12, deadlines())], "办理进度"),
        Band(10, [(14, waiting()), (10, machines())], "未办结"),
        Band(7, [(8, issued()), (8, savings()), (8, tasks())], "文书、节约与待办"),
        Band(7, [(4, channel()), (4, bounced()), (8, outbox()), (8, oldest())], "邮件"),
    )
    return arrange(made, bands)


def figures() -> list[Panel]:
    open_items = f"{total(chosen('notice_open_items'), *NOTICE)} or vector(0)"
    colors = {"running": BLUE, "due_soon": YELLOW, "overdue": RED, "paused": PURPLE}
    said = {
        "running": "正在计时、尚未到期的期限，全市。",
        "due_soon": "即将到期的期限，全市。",
        "overdue": "已过期限仍未办结的，全市。",
        "paused": "部门提出异议、暂停计时的期限，全市。",
    }
    return [
        figure(
            About("已发文书", "累计发出的文书，份，全市。", "short", 0),
            Query(total("notices_issued_total", "kind")),
        ),
        figure(
            About("未办结", "文书所涉云主机中尚未办结的，台次。", "short", 0),
            Query(open_items),
            steps((1, ORANGE), base=GREEN),
        ),
        *(
            figure(
                About(PHASES[phase].text, text, "short", 0),
                Query(f"{total(where('deadlines', phase=phase), 'article')} or vector(0)"),
                steps((1, colors[phase]), base=GREEN),
            )
            for phase, text in said.items()
        ),
    ]


def progress() -> Panel:
    about = About("文书所涉云主机", "文书所涉云主机按办理状态，台次。", "short", None, (0, None))
    asked = [Query(by("state", chosen("notice_items"), *ITEMS), "{{state}}")]
    return lines(about, asked, STATES, stacked=True, stepped=True)


def deadlines() -> Panel:
    about = About("期限", "第十三条各项期限（调整、部署）按阶段，全市。", "short", None, (0, None))
    asked = [Query(by("phase", "deadlines", "article", "phase"), "{{phase}}")]
    return lines(about, asked, PHASES, stacked=True, stepped=True)


def waiting() -> Panel:
    due = each(chosen("notice_due_timestamp_seconds"), *NOTICE)
    asked = [
        Query(each(chosen("notice_open_items"), *NOTICE)),
        Query(f"{due} * 1000"),
        Query(f"({due} - time()) / 86400"),
    ]
    columns = [
        Column("notice", "文号"),
        Column("department", "部门", link=TO_DEPARTMENT),
        Column("kind", "种类", words=KINDS, width=110),
        Column("Value #A", "未办结", "short", width=75, decimals=0),
        Column("Value #B", "期限", "time:YYYY-MM-DD", width=110),
        Column("Value #C", "剩余天数", "short", width=90, decimals=0),
    ]
    about = About(
        "未办结文书", "尚有云主机未办结的文书，最早到期的在前；没有期限的，期限待定或者不设期限。", "short"
    )
    return rows(about, asked, columns, "剩余天数", descending=False)


def machines() -> Panel:
    labels = ("machine", "notice", "kind", "state")
    info = each(chosen("machine_info"), "machine", "department")
    asked = [Query(f"{each('machine_notice', *labels)} * on (machine) group_left (department) {info}")]
    columns = [
        Column("machine", "云主机", width=100, link=TO_MACHINE),
        Column("department", "部门"),
        Column("kind", "种类", words=KINDS, width=110),
        Column("state", "状态", words=STATES, width=90),
    ]
    about = About("未办结云主机", "尚未办结的云主机及其所在文书；点名称打开云主机页。", "short")
    return rows(about, asked, columns, "部门", descending=False)


def issued() -> Panel:
    about = About("已发文书", "累计发出的文书按种类，份，全市。", "short", 0, (0, None))
    return bars(about, [Query(each("notices_issued_total", "kind"), "{{kind}}")], KINDS)


def savings() -> Panel:
    about = About("节约金额", "历年文书每月预计、已实现和已撤销的节约金额。", "currency:¥", None, (0, None))
    asked = [Query(by("stage", chosen("savings_yuan"), "department", "year", "stage"), "{{stage}}")]
    return bars(about, asked, STAGES)


def tasks() -> Panel:
    about = About(
        "待办事项", "需要操作员处理的事项，按种类；`rightsizer task list` 列出详情。", "short", 0, (0, None)
    )
    return bars(about, [Query(f"{each('tasks', 'kind')} > 0", "{{kind}}")], TASKS, ORANGE)


def channel() -> Panel:
    about = About("邮件通道", "邮件通道的状态：畅通、稍后重试、暂停或者人工扣留。", "short")
    asked = Query(f"{each('outbox_channel_state', 'state')} == 1", "{{state}}")
    return figure(about, asked, says=CHANNEL, name=True)


def bounced() -> Panel:
    about = About("退信", "累计被退回的邮件，封。", "short", 0)
    return figure(about, Query("max(rightsizer_mails_bounced_total)"), steps((1, ORANGE), base=GREEN))


def outbox() -> Panel:
    about = About("邮件", "邮件按状态，封。", "short", 0, (0, None))
    return bars(about, [Query(each("outbox_mails", "state"), "{{state}}")], MAILS)


def oldest() -> Panel:
    about = About("最久未发", "到期应发的邮件中等待最久的已等多久。", "s", None, (0, None))
    asked = [Query("max(rightsizer_outbox_oldest_due_seconds)", "等待")]
    return lines(about, asked)
