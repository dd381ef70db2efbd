"""The registration card (登记表) of a deployed system: its fields, each declared once (art. 10).

The fields are those of the 部门已建政务信息系统调查表 that departments know. Kept values: text as text, money
in fen, days as ISO 8601 with the precision that was written (2021-03-01, 2021-03, 2021), yes and no as
booleans, choices as the word of the form. A field that is not answered is not in the card.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Card = dict[str, object]
MONEY_IN = "万元"


class Kind(StrEnum):
    LINE = "line"
    TEXT = "text"
    DAY = "day"
    MONEY = "money"
    YES_NO = "yes_no"
    CHOICE = "choice"
    PHONE = "phone"
    SECRECY = "secrecy"


@dataclass(frozen=True, slots=True)
class Field:
    """`heading`: in the form and in what we write. `choices`: word of the form -> how people write it too."""

    key: str
    heading: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    required: bool = False
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def title(self) -> str:
        """The heading with its unit."""
        return f"{self.heading}({MONEY_IN})" if self.kind is Kind.MONEY else self.heading


CATEGORIES = (
    ("应用层", ("应用", "应用系统", "业务应用")),
    ("应用支撑层", ("支撑层", "应用支撑")),
    ("基础设施层", ("基础设施", "基础层")),
)
LEVELS = (
    ("未定级", ("无", "未评级", "未定", "未备案", "0")),
    *(
        (f"{word}级", (f"第{word}级", f"等保{word}级", f"{number}级", str(number), f"等保{number}级", roman))
        for number, word, roman in zip(range(1, 6), "一二三四五", ("I", "II", "III", "IV", "V"), strict=True)
    ),
)
BUILT = (
    ("自建", ("自建有产权", "自建(有产权)", "有产权", "自主建设")),
    ("购买服务", ("购买服务无产权", "购买服务(无产权)", "无产权", "服务外包", "租用")),
)
RUN = (
    ("自主", ("自主运维", "自行运维", "自运维")),
    ("外包", ("外包运维", "委托运维", "购买服务")),
)

FIELDS = (
    Field("name", "系统名称", Kind.LINE, ("信息系统名称", "政务信息系统名称", "系统全称"), True),
    Field("approver", "审批部门", Kind.LINE, ("项目审批部门", "立项审批部门", "批准部门")),
    Field("approved_on", "审批时间", Kind.DAY, ("审批日期", "批准时间", "立项时间", "批复时间")),
    Field("purpose", "业务功能", Kind.TEXT, ("主要功能", "系统功能", "主要业务功能", "功能描述"), True),
    Field("builder", "建设单位", Kind.LINE, ("建设单位名称", "业主单位", "项目建设单位"), True),
    Field("builder_contact", "建设单位联系人", Kind.LINE, ("建设联系人", "单位联系人", "联系人"), True),
    Field(
        "builder_phone",
        "建设单位联系电话",
        Kind.PHONE,
        (
            "建设单位手机",
            "建设单位电话",
            "建设单位联系人手机",
            "建设单位手机号",
            "联系电话",
            "手机",
            "联系人手机",
        ),
        True,
    ),
    Field("contractor", "承建单位", Kind.LINE, ("承建单位名称", "承建商", "开发单位", "承建公司")),
    Field("contractor_contact", "承建单位联系人", Kind.LINE, ("承建联系人",)),
    Field(
        "contractor_phone",
        "承建单位联系电话",
        Kind.PHONE,
        ("承建单位手机", "承建单位电话", "承建单位联系人手机", "承建单位手机号"),
    ),
    Field("maintainer", "运维单位", Kind.LINE, ("运维单位名称", "运维公司", "运行维护单位")),
    Field("maintainer_contact", "运维单位联系人", Kind.LINE, ("运维联系人",)),
    Field(
        "maintainer_phone",
        "运维单位联系电话",
        Kind.PHONE,
        ("运维单位手机", "运维单位电话", "运维单位联系人手机", "运维单位手机号"),
    ),
    Field("built_on", "建成时间", Kind.DAY, ("建成日期", "建设时间", "上线时间", "投入使用时间"), True),
    Field(
        "maintained_until", "运维合同到期时间", Kind.DAY, ("运维合同到期", "运维到期时间", "运维合同到期日期")
    ),
    Field(
        "build_cost",
        "建设金额",
        Kind.MONEY,
        ("建设资金", "建设费用", "建设投资", "建设金额金额", "投资金额", "合同金额"),
        True,
    ),
    Field("build_source", "建设资金来源", Kind.LINE, ("建设金额来源", "资金来源"), True),
    Field("build_mode", "建设方式", Kind.CHOICE, ("建设模式", "建设金额方式"), True, BUILT),
    Field(
        "running_cost",
        "年运维金额",
        Kind.MONEY,
        ("年运维费用", "年度运维金额", "运维金额", "年运维费", "年运维金额金额"),
        True,
    ),
    Field("running_source", "运维资金来源", Kind.LINE, ("年运维金额来源", "运维金额来源")),
    Field("running_mode", "运维方式", Kind.CHOICE, ("运维模式", "年运维金额方式"), True, RUN),
    Field("category", "系统类别", Kind.CHOICE, ("系统分类", "系统类型", "类别"), True, CATEGORIES),
    Field("zombie", "是否僵尸系统", Kind.YES_NO, ("僵尸系统", "是否为僵尸系统"), True),
    Field("users", "使用对象", Kind.LINE, ("用户对象", "服务对象", "使用范围"), True),
    Field("frequency", "使用频度", Kind.LINE, ("使用频率", "使用频次"), True),
    Field("location", "部署位置", Kind.LINE, ("部署地点", "部署环境", "系统部署位置"), True),
    Field("secrecy", "涉密分类", Kind.SECRECY, ("是否涉密", "涉密情况", "涉密类别", "涉密", "密级"), True),
    Field(
        "level",
        "等保级别",
        Kind.CHOICE,
        ("等保定级", "等级保护级别", "安全等级", "等保等级", "等保"),
        True,
        LEVELS,
    ),
    Field("network", "网络类型", Kind.LINE, ("所在网络", "运行网络", "网络环境"), True),
    Field("linked", "是否与其他系统对接", Kind.YES_NO, ("对接", "与其他系统对接", "系统对接", "是否对接")),
    Field("virtual", "是否虚拟化", Kind.YES_NO, ("虚拟化", "是否虚拟化部署")),
    Field("backup", "是否数据备份", Kind.YES_NO, ("数据备份", "是否有数据备份")),
    Field("recovery", "是否应用容灾", Kind.YES_NO, ("应用容灾", "容灾", "是否容灾")),
    Field("postponed", "是否暂缓整合", Kind.YES_NO, ("暂缓整合", "暂缓整合系统")),
    Field("postponed_because", "暂缓整合原因", Kind.TEXT, ("暂缓原因", "暂缓整合的原因")),
    Field("upgrade", "升级需求", Kind.TEXT, ("升级改造需求", "是否有升级需求")),
    Field("remark", "备注", Kind.TEXT, ("说明", "备注说明")),
)
BY_KEY = {field.key: field for field in FIELDS}
