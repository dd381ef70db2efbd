"""What label values are called on the dashboards, as in the letters and reports, and their colours."""

from __future__ import annotations

from dataclasses import dataclass

BLUE, CYAN, GREEN, YELLOW = "#5794F2", "#56C8D8", "#73BF69", "#F2CC0C"
ORANGE, RED, DARK_RED, PURPLE, GREY = "#FF9830", "#F2495C", "#C4162A", "#B877D9", "#8E8E99"


@dataclass(frozen=True, slots=True)
class Word:
    """A value of a label: what it is called, and its colour."""

    text: str
    color: str = BLUE


VERDICTS = {
    "shrink": Word("核减", ORANGE),
    "expand": Word("扩容", RED),
    "idle": Word("停用核实", PURPLE),
    "keep": Word("保持", GREEN),
    "insufficient": Word("数据不足", GREY),
}
KINDS = {
    "shrink": Word("核减通知", ORANGE),
    "expand": Word("扩容建议函", RED),
    "idle": Word("停用核实函", PURPLE),
    "deploy": Word("部署催办", BLUE),
    "reminder": Word("到期提醒", YELLOW),
    "overdue": Word("逾期催办", DARK_RED),
    "withdrawal": Word("撤销通知", GREY),
    "due": Word("事项到期提醒", YELLOW),
    "late": Word("事项逾期催办", DARK_RED),
}
STATES = {
    "issued": Word("已发出", BLUE),
    "received": Word("已收到", CYAN),
    "objected": Word("有异议", YELLOW),
    "overdue": Word("逾期", RED),
    "escalated": Word("已上报", DARK_RED),
    "adopted": Word("已采纳", PURPLE),
    "done": Word("已办结", GREEN),
    "declined": Word("不采纳", ORANGE),
    "withdrawn": Word("已撤销", GREY),
}
PHASES = {
    "running": Word("计时中", BLUE),
    "due_soon": Word("即将到期", YELLOW),
    "overdue": Word("已逾期", RED),
    "paused": Word("异议暂停", PURPLE),
    "provisional": Word("期限待定", GREY),
}
STAGES = {
    "promised": Word("预计节约", BLUE),
    "realised": Word("已实现节约", GREEN),
    "withdrawn": Word("已撤销的节约", GREY),
}
MAILS = {
    "pending": Word("待发", BLUE),
    "leased": Word("发送中", CYAN),
    "sent": Word("已发", GREEN),
    "unknown": Word("结果不明", YELLOW),
    "held": Word("暂扣", PURPLE),
    "dead": Word("无法送达", RED),
}
CHANNEL = {
    "open": Word("畅通", GREEN),
    "resting": Word("稍后重试", YELLOW),
    "paused": Word("暂停", RED),
    "held": Word("人工扣留", PURPLE),
}
TASKS = {
    "undelivered": Word("文书未送达"),
    "unknown": Word("投递结果不明"),
    "bounce": Word("退信待辨认"),
    "unsendable": Word("邮件无法发送"),
    "address": Word("缺少有效邮箱"),
    "no_department": Word("云主机未登记部门"),
    "channel": Word("邮件通道中断"),
    "breaker": Word("发文熔断待放行"),
    "clock": Word("时钟存疑"),
    "calendar": Word("工作日历缺年度"),
    "policy": Word("监测标准失效"),
    "supervisor": Word("报告督查部门"),
    "letter": Word("文书无法生成"),
    "paper": Word("纸质件待处理"),
    "pdf": Word("PDF无法生成"),
    "seal": Word("文书内容被改动"),
    "failed": Word("跟踪步骤失败"),
    "unseen": Word("调整结果无法监测"),
    "regret": Word("核减后使用率上升"),
    "partial": Word("仅部分调整"),
    "reverted": Word("调整后又恢复"),
    "wrong_direction": Word("调整方向相反"),
    "gone": Word("云主机不再出现"),
}
STEPS = {
    "collect": Word("采集", BLUE),
    "fold": Word("日汇总", CYAN),
    "judge": Word("判定", PURPLE),
    "issue": Word("发文", ORANGE),
    "deliver": Word("投递", GREEN),
    "follow_up": Word("跟踪", YELLOW),
    "retain": Word("清理", GREY),
}
REASONS = {
    "connect": Word("无法连接", ORANGE),
    "timeout": Word("超时", YELLOW),
    "tls": Word("TLS错误", PURPLE),
    "auth": Word("认证失败", RED),
    "status": Word("状态码异常", CYAN),
    "redirect": Word("被重定向", CYAN),
    "forbidden": Word("地址不允许", PURPLE),
    "body_limit": Word("内容过大", BLUE),
    "truncated": Word("内容不完整", BLUE),
    "decode": Word("无法解码", BLUE),
    "parse": Word("无法解析", BLUE),
    "duplicate": Word("序列重复", BLUE),
    "no_data": Word("没有数据", GREY),
    "partial": Word("答复不完整", GREY),
    "unreached": Word("本轮未轮到", GREEN),
    "broken": Word("程序故障", DARK_RED),
}
RULES = {
    "shrink": Word("核减", ORANGE),
    "expand": Word("扩容", RED),
    "idle": Word("停用", PURPLE),
}
RESOURCES = {
    "cpu": Word("CPU", BLUE),
    "memory": Word("内存", PURPLE),
    "disk": Word("硬盘", CYAN),
    "network": Word("网络", GREY),
}
STATISTICS = {
    "p95": Word("95%分位"),
    "periodic_peak": Word("周期性峰值"),
    "max": Word("最高"),
    "last": Word("最近"),
    "mean": Word("平均"),
}
TABLES = {"samples": Word("采样", BLUE), "days": Word("日汇总", PURPLE)}
OUTCOMES = {
    "sent": Word("已送达", GREEN),
    "later": Word("稍后重试", YELLOW),
    "dead": Word("无法送达", RED),
    "unknown": Word("结果不明", PURPLE),
    "pause": Word("通道暂停", DARK_RED),
    "unreachable": Word("无法连接", ORANGE),
    "held": Word("暂扣", GREY),
    "late": Word("逾时结果", CYAN),
}
