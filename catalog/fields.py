"""The metadata of an entry by the national guide (政务信息资源目录), every field declared once: for rules,
forms, imports, exports and pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from catalog.codes import TABLES
from catalog.names import key as folded

if TYPE_CHECKING:
    from catalog.codes import CodeTable

Cardinality = Literal["M", "C", "O"]
Kind = Literal["text", "code", "type", "day", "number", "codes", "items", "basis"]
# Where a value lives: `entry` is the identity, `given` comes from the department or the program.
Place = Literal["entry", "version", "survey", "given"]


@dataclass(frozen=True, slots=True)
class Field:
    """`key`: of Metadata, of JSON and of a column of the version. `group`: the heading above it in the forms
    of two heading rows. `length`: most characters, after cleaning.
    """

    key: str
    heading: str
    label: str
    cardinality: Cardinality
    kind: Kind = "text"
    place: Place = "version"
    length: int | None = None
    group: str | None = None
    aliases: tuple[str, ...] = ()

    @property
    def table(self) -> CodeTable | None:
        return TABLES.get(self.key)


FORMAT, SHARE, MODE, OPEN, SURVEY = (
    "信息资源格式",
    "共享属性",
    "共享方式",
    "开放属性",
    "信息资源大普查",
)
FIELDS = (
    Field("class_code", "信息资源分类", "Class", "M", place="entry", aliases=("分类代码", "目录分类")),
    Field("title", "信息资源名称", "Title", "M", length=128, aliases=("资源名称", "目录名称", "名称")),
    Field("resource_code", "信息资源代码", "Code", "M", place="given", aliases=("资源代码", "目录代码")),
    Field(
        "provider_name",
        "信息资源提供方",
        "Provider",
        "M",
        place="given",
        aliases=("提供方", "提供单位", "单位"),
    ),
    Field(
        "provider_unit", "提供方内部部门", "Unit", "O", length=100, aliases=("内部部门", "提供方处室", "处室")
    ),
    Field(
        "provider_code", "信息资源提供方代码", "Provider's code", "M", place="given", aliases=("提供方代码",)
    ),
    Field("abstract", "信息资源摘要", "Abstract", "M", length=1000, aliases=("资源摘要", "摘要")),
    Field(
        "format_class",
        "信息资源格式分类",
        "Format",
        "M",
        "code",
        group=FORMAT,
        aliases=("格式分类", "资源格式"),
    ),
    Field(
        "format_type", "信息资源格式类型", "Type", "M", "type", length=32, group=FORMAT, aliases=("格式类型",)
    ),
    Field(
        "format_other",
        "其他类型资源格式描述",
        "Other format",
        "C",
        length=200,
        group=FORMAT,
        aliases=("格式描述", "其他描述", "其他格式描述"),
    ),
    Field("storage_total", "数据存储总量(G)", "Stored, GB", "O", "number", "survey", group=SURVEY),
    Field(
        "records_total", "结构化信息记录总数(万)", "Records, 10,000", "O", "number", "survey", group=SURVEY
    ),
    Field("storage_shared", "已共享的数据存储量(G)", "Shared, GB", "O", "number", "survey", group=SURVEY),
    Field(
        "records_shared", "已共享的结构化记录数(万)", "Shared records", "O", "number", "survey", group=SURVEY
    ),
    Field("storage_open", "已开放的数据存储量(G)", "Open, GB", "O", "number", "survey", group=SURVEY),
    Field("records_open", "已开放的结构化记录数(万)", "Open records", "O", "number", "survey", group=SURVEY),
    Field("items", "信息项信息", "Items", "C", "items", aliases=("信息项", "数据项")),
    Field("share_type", "共享类型", "Sharing", "M", "code", group=SHARE),
    Field("share_condition", "共享条件", "Condition of sharing", "C", length=500, group=SHARE),
    Field(
        "basis", "共享依据", "Basis", "C", "basis", group=SHARE, aliases=("不予共享依据", "法律依据", "依据")
    ),
    Field(
        "share_mode_class", "共享方式分类", "Way of sharing", "C", "code", group=MODE, aliases=("共享方式",)
    ),
    Field("share_mode_type", "共享方式类型", "By", "C", "code", group=MODE),
    Field("use_requirement", "使用要求", "Use", "M", length=500, aliases=("数据使用要求",)),
    Field(
        "open_type", "是否向社会开放", "Opening", "M", "code", group=OPEN, aliases=("开放类型", "是否开放")
    ),
    Field("open_condition", "开放条件", "Condition of opening", "C", length=500, group=OPEN),
    Field("update_period", "更新周期", "Updated", "M", "code", aliases=("更新频率", "更新时限")),
    Field("period_other", "更新周期说明", "Other period", "C", length=100, aliases=("其他更新周期",)),
    Field(
        "published_on", "发布日期", "Published", "O", "day", aliases=("发布时间",)
    ),  # filled in by publishing
    Field(
        "related_codes",
        "关联资源代码",
        "Related",
        "O",
        "codes",
        aliases=("关联信息资源代码", "关联及类目名称"),
    ),
    Field("secret_flag", "涉密属性", "Secret", "M", "code", aliases=("是否涉密", "涉密标识")),
    Field("contact", "联系人", "Contact", "O", length=100, aliases=("共享咨询联系人",)),
    Field("phone", "联系电话", "Phone", "O", length=64, aliases=("电话",)),
    Field("link", "在线资源链接地址", "Link", "O", length=500, aliases=("链接地址",)),
)
BY_KEY = {field.key: field for field in FIELDS}
ITEM_FIELDS = (
    Field(
        "name", "信息项名称", "Item", "M", length=128, group="信息项信息", aliases=("数据项名称", "字段名称")
    ),
    Field(
        "data_type", "数据类型", "Type", "M", "code", group="信息项信息", aliases=("信息项类型", "字段类型")
    ),
    Field("length", "数据长度", "Length", "O", length=16, group="信息项信息", aliases=("长度", "字段长度")),
    Field("source", "是否数源", "Source", "O", group="信息项信息", aliases=("数源", "数源标识")),
    Field("personal", "是否个人信息", "Personal", "O", group="信息项信息", aliases=("个人信息", "敏感属性")),
)
SHARES = (("storage_shared", "storage_total"), ("records_shared", "records_total"))
OPENED = (("storage_open", "storage_total"), ("records_open", "records_total"))


def named(heading: str) -> Field | None:
    """The field of a heading of a form: its key, its words or another writing of them."""
    wanted = folded(heading)
    for field in FIELDS:
        if wanted in {folded(name) for name in (field.key, field.heading, *field.aliases)}:
            return field
    return None
