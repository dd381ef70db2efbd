"""服务健康: sources, steps, stores and the service itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boards.board import SERVICE, Band, arrange, board
from boards.panels import About, Query, bars, figure, lines, steps
from boards.queries import each
from boards.tables import Column, rows
from boards.words import (
    BLUE,
    GREEN,
    GREY,
    MAILS,
    ORANGE,
    OUTCOMES,
    PURPLE,
    REASONS,
    RED,
    STEPS,
    TABLES,
    YELLOW,
    Word,
)

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

    from boards.board import Panel

DAY = 86400
FINE, BAD = Word("正常", GREEN), Word("是", RED)
FLAGS = (
    (
        "主节点",
        "是否有且只有一个节点在采集、判定和发文。",
        "sum(rightsizer_leader)",
        Word("没有", RED),
        Word("在岗", GREEN),
    ),
    (
        "时钟存疑",
        "系统时钟跳变、尚未确认时不判定、不发文。",
        "max(rightsizer_clock_suspect)",
        FINE,
        BAD,
    ),
    ("发文熔断", "一次发文过多，等待操作员放行。", "max(rightsizer_breaker_held)", FINE, BAD),
    (
        "配置重载",
        "最近一次重新读取配置是否成功。",
        "min(rightsizer_settings_reload_successful)",
        Word("失败", RED),
        Word("成功", GREEN),
    ),
    (
        "标准限制发文",
        "监测标准已届满，又没有后续依据时不发文。",
        "max(rightsizer_policy_bars_issue)",
        FINE,
        BAD,
    ),
)


def service() -> Dashboard:
    made = board(SERVICE, "服务健康", "采集来源、流水线步骤、存储和服务本身的状态。", hours=6)
    bands = (
        Band(4, [(3, panel) for panel in figures()]),
        Band(8, [(8, samples()), (8, failures()), (8, sources())], "采集"),
        Band(8, [(8, seconds()), (8, runs()), (8, step_table())], "流水线"),
        Band(8, [(6, mails()), (6, tried()), (6, lake()), (6, files())], "邮件与存储"),
        Band(7, [(6, lag()), (6, drift()), (6, snapshot()), (6, requests())], "服务"),
    )
    return arrange(made, bands)


def figures() -> list[Panel]:
    version = About("版本", "程序版本。", "short")
    leader, clock, breaker, reload, barred = (flag(*found) for found in FLAGS)
    shown = figure(version, Query(each("build_info", "version"), "{{version}}"), name=True)
    return [leader, shown, clock, breaker, reload, *validity(), barred]


def flag(title: str, description: str, expr: str, no: Word, yes: Word) -> Panel:
    """A metric of 0 and 1 in words."""
    return figure(About(title, description, "short"), Query(expr), says={"0": no, "1": yes})


def validity() -> list[Panel]:
    """How many days the calendar and the policy hold."""
    calendar = f"min({each('calendar_known_until_timestamp_seconds', 'instance')})"
    policy = f"min({each('policy_valid_until_timestamp_seconds', 'policy')})"
    known = "工作日历已知到最后一日还有多少天；不足45天须导入下一年度。"
    valid = "监测标准的有效期还有多少天；负数为已届满。"
    return [
        figure(
            About("日历已知", known, "suffix: 天", 0),
            Query(f"({calendar} - time()) / {DAY}"),
            steps((45, GREEN), base=RED),
        ),
        figure(
            About("标准有效期", valid, "suffix: 天", 0),
            Query(f"({policy} - time()) / {DAY}"),
            steps((0, YELLOW), (90, GREEN), base=ORANGE),
        ),
    ]


def samples() -> Panel:
    about = About("采样速度", "各来源每秒取得的采样，个。", "cps", 1, (0, None))
    return lines(
        about, [Query("sum by (source) (rate(rightsizer_samples_total[$__rate_interval]))", "{{source}}")]
    )


def failures() -> Panel:
    about = About("采集失败", "每分钟没有取得数据的云主机或者来源，次，按原因。", "short", 1, (0, None))
    failed = "sum by (reason) (rate(rightsizer_collect_failures_total[$__rate_interval])) * 60"
    return lines(about, [Query(failed, "{{reason}}")], REASONS)


def sources() -> Panel:
    asked = [
        Query(f"time() - {each('source_last_success_timestamp_seconds', 'source')}"),
        Query("sum by (source) (increase(rightsizer_samples_total[$__range]))"),
        Query("sum by (source) (increase(rightsizer_collect_failures_total[$__range]))"),
        Query("sum by (source) (increase(rightsizer_invalid_values_total[$__range]))"),
    ]
    columns = [
        Column("source", "来源"),
        Column("Value #A", "距上次成功", "s", decimals=0),
        Column("Value #B", "采样", "short"),
        Column("Value #C", "失败", "short", decimals=0),
        Column("Value #D", "无效值", "short", decimals=0),
    ]
    about = About("采集来源", "各来源上次成功的时间，及所示时段的采样、失败和无效值。", "short")
    return rows(about, asked, columns, "距上次成功")


def seconds() -> Panel:
    about = About("步骤耗时", "流水线各步骤平均每次的耗时。", "s", None, (0, None))
    spent = "sum by (step) (rate(rightsizer_step_seconds_total[$__rate_interval]))"
    ran = "sum by (step) (rate(rightsizer_step_runs_total[$__rate_interval]))"
    return lines(about, [Query(f"{spent} / ({ran} > 0)", "{{step}}")], STEPS)


def runs() -> Panel:
    about = About("步骤失败", "所示时段内流水线各步骤失败的次数。", "short", 0, (0, None))
    ran = "rightsizer_step_runs_total"
    failed = f'sum by (step) (increase({ran}{{outcome="failed"}}[$__range]))'
    none = f"sum by (step) (increase({ran}[$__range])) * 0"
    return bars(about, [Query(f"{failed} or {none}", "{{step}}")], STEPS, RED)


def step_table() -> Panel:
    asked = [
        Query(f"time() - {each('step_last_success_timestamp_seconds', 'step')}"),
        Query('sum by (step) (rightsizer_step_runs_total{outcome="ok"})'),
        Query(
            'sum by (step) (rightsizer_step_runs_total{outcome="failed"})'
            " or sum by (step) (rightsizer_step_runs_total) * 0"
        ),
    ]
    columns = [
        Column("step", "步骤", words=STEPS),
        Column("Value #A", "距上次完成", "s", decimals=0),
        Column("Value #B", "完成", "short", decimals=0),
        Column("Value #C", "失败", "short", decimals=0),
    ]
    about = About("流水线步骤", "各步骤上次完成的时间，及启动以来完成和失败的次数。", "short")
    return rows(about, asked, columns, "距上次完成", descending=False)


def mails() -> Panel:
    about = About("待发邮件", "未发出的邮件按状态，封。", "short", None, (0, None))
    waiting = each('outbox_mails{state!="sent"}', "state")
    return lines(about, [Query(waiting, "{{state}}")], MAILS, stacked=True, stepped=True)


def tried() -> Panel:
    about = About("投递结果", "所示时段内投递邮件的结果，次。", "short", 0, (0, None))
    asked = [Query("sum by (outcome) (increase(rightsizer_mails_tried_total[$__range]))", "{{outcome}}")]
    return bars(about, asked, OUTCOMES)


def lake() -> Panel:
    about = About("存储占用", "监测数据各表与登记簿的大小。", "bytes", None, (0, None))
    asked = [
        Query(each("lake_bytes", "table"), "{{table}}"),
        Query("max(rightsizer_register_bytes)", "register"),
    ]
    return lines(about, asked, {**TABLES, "register": Word("登记簿", ORANGE)})


def files() -> Panel:
    about = About("数据文件与审计日志", "监测数据各表的文件数，及审计日志的条数。", "short", 0, (0, None))
    asked = [
        Query(each("lake_files", "table"), "{{table}}"),
        Query("max(rightsizer_journal_entries_total)", "journal"),
    ]
    return bars(about, asked, {**TABLES, "journal": Word("审计日志", GREY)})


def lag() -> Panel:
    about = About("循环滞后", "服务主循环的节拍晚了多久。", "s", None, (0, None))
    return lines(about, [Query("rightsizer_loop_lag_seconds", "{{instance}}")])


def drift() -> Panel:
    about = About("时钟偏差", "系统时钟与单调时钟之差；超过60秒时钟存疑。", "s")
    return lines(about, [Query("rightsizer_clock_drift_seconds", "{{instance}}")])


def snapshot() -> Panel:
    about = About("指标页", "指标页中全市部分生成的耗时，及距生成的时间。", "s", None, (0, None))
    asked = [
        Query("max(rightsizer_snapshot_seconds)", "seconds"),
        Query("time() - max(rightsizer_snapshot_timestamp_seconds)", "age"),
    ]
    return lines(about, asked, {"seconds": Word("生成耗时", BLUE), "age": Word("距生成", PURPLE)})


def requests() -> Panel:
    about = About(
        "指标页请求", "每秒应答的请求，按路径和状态码；及因同时连接过多拒绝的。", "reqps", None, (0, None)
    )
    asked = [
        Query(
            "sum by (path, code) (rate(rightsizer_exporter_requests_total[$__rate_interval]))",
            "{{path}} {{code}}",
        ),
        Query("sum(rate(rightsizer_exporter_refused_total[$__rate_interval]))", "refused"),
    ]
    return lines(about, asked, {"refused": Word("拒绝", RED)})
