"""The advised size in the words of an approval: whose machines, how many, their use, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.advice import Group

if TYPE_CHECKING:
    from config.policy import Policy
    from rules.advice import Advice, Level, Part

WHOSE = {
    Group.OWN: "本单位{n}台云主机",
    Group.SYSTEM: "其他单位同名系统{n}台云主机",
    Group.ROLE: "同类角色{n}台云主机",
    Group.SIZE: "其他单位同规格{n}台云主机",
}
WHAT = {"cpu": "CPU周期性峰值", "memory": "内存周期性峰值", "disk": "硬盘最高使用率"}
UNIT = {"cpu": "核", "memory": "GB", "disk": "GB"}
CALLED = {"cpu": "CPU", "memory": "内存", "disk": "硬盘"}


def reasons(advice: Advice, policy: Policy) -> list[str]:
    """A sentence for each resource; one where nothing is known of any."""
    if not any(part.levels for part in advice.parts):
        terms = policy.application
        few = f"可比云主机不足{terms.machines}台（每台须有{terms.measured_days}天有效监测数据）"
        return [f"{few}，数据不足，不提建议"]
    return [sentence(part, advice.wanted.role, policy) for part in advice.parts]


def sentence(part: Part, role: str, policy: Policy) -> str:
    unit, asked = UNIT[part.resource], f"申请{part.asked:g}{UNIT[part.resource]}"
    if not part.levels:
        terms = policy.application
        few = f"可比云主机不足{terms.machines}台（每台须有{terms.measured_days}天有效监测数据）"
        return f"{CALLED[part.resource]}：{few}，数据不足，不提建议，{asked}"
    told = "；".join(measured(level, part.resource, policy) for level in part.levels)
    if part.floor is not None:
        told += f"；同类角色（{role}）实测最大用量{part.floor:.1f}{unit}"
    if part.advised is not None:
        return f"{told}，{asked}，建议{part.advised:g}{unit}"
    if part.floor is not None and part.floor > part.asked:
        return f"{told}，{asked}，低于同类角色实测最大用量，请核对是否够用"
    return f"{told}，{asked}，与实测用量相当，按申请"


def measured(level: Level, resource: str, policy: Policy) -> str:
    whose = WHOSE[level.group].format(n=level.machines)
    share = f"{policy.application.share}%的不超过{level.level:.0f}%"
    return f"{whose}{WHAT[resource]}中位数{level.median:.0f}%、{share}（采样完整率最低{level.coverage:.0%}）"
