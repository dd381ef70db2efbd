"""The form of the national guide (政务信息资源目录模板): its columns in their order under two rows of
headings, one row for every data item. Read, written and handed out empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog.fields import BY_KEY, FORMAT, ITEM_FIELDS, MODE, OPEN, SHARE, SURVEY, Field
from store.headings import Column

CLASS, PROVIDER, ITEM = "信息资源分类", "信息资源提供方", "信息项信息"
LEVELS = ("class_1", "class_2", "class_3", "class_4")  # 类 项 目 细目
ITEMS = ("item_name", "item_data_type", "item_length", "item_source", "item_personal")
TITLE = "政务信息资源目录"
UNIT = re.compile(r"\(.+\)")


@dataclass(frozen=True, slots=True)
class Place:
    """One column. `group`: the heading above `word`, over all its columns; None: `word` fills both rows."""

    key: str
    word: str
    width: int = 14
    group: str | None = None
    aliases: tuple[str, ...] = ()

    @property
    def column(self) -> Column:
        """As a reader looks for it."""
        known = declared(self.key)
        names = (self.word, *self.aliases) + ((known.heading, *known.aliases) if known else ())
        kinds = (
            {"size"} if self.key.startswith("storage") else {"money"} if self.key.startswith("rec") else ()
        )
        bare = tuple(UNIT.sub("", name) for name in names if UNIT.search(name))
        return Column(
            self.key,
            tuple(dict.fromkeys((*names, *bare))),
            self.key in {"title", "share_type"},
            frozenset(kinds),
        )


def declared(key: str) -> Field | None:
    """What catalog.fields says of a column."""
    items = {f"item_{field.key}": field for field in ITEM_FIELDS}
    return BY_KEY.get(key) or items.get(key)


def heading(key: str) -> str:
    """What people call a column."""
    known = declared(key)
    return known.heading if known else next((place.word for place in PLACES if place.key == key), key)


def of_field(key: str, width: int, group: str | None = None, *aliases: str) -> Place:
    known = declared(key)
    return Place(key, known.heading if known else key, width, group, aliases)


PLACES = (
    Place("class_1", "类", 12, CLASS, ("类名称",)),
    Place("class_2", "项", 12, CLASS, ("项名称",)),
    Place("class_3", "目", 12, CLASS, ("目名称",)),
    Place("class_4", "细目", 12, CLASS, ("细目名称",)),
    of_field("title", 28),
    of_field("resource_code", 17, None, "代码"),
    Place("provider_name", "提供方名称", 18, PROVIDER, ("提供方单位", "信息资源提供方单位", "单位名称")),
    Place("provider_unit", "内部部门", 14, PROVIDER, ("信息资源提供方内部部门",)),
    of_field("provider_code", 22),
    of_field("abstract", 40),
    of_field("format_class", 12, FORMAT, "格式信息分类"),
    of_field("format_type", 12, FORMAT),
    of_field("format_other", 16, FORMAT),
    of_field("storage_total", 10, SURVEY),
    of_field("records_total", 10, SURVEY, "结构化信息记录总数"),
    of_field("storage_shared", 10, SURVEY),
    of_field("records_shared", 10, SURVEY),
    of_field("storage_open", 10, SURVEY),
    of_field("records_open", 10, SURVEY),
    of_field("item_name", 18, ITEM, "信息项信息名称", "信息项信息信息项名称"),
    of_field("item_data_type", 12, ITEM, "信息项信息类型", "信息项数据类型"),
    of_field("item_length", 9, ITEM, "信息项信息长度", "信息项长度", "信息项数据长度"),
    of_field("item_source", 9, ITEM),
    of_field("item_personal", 9, ITEM),
    of_field("share_type", 12, SHARE, "共享属性类型"),
    of_field("share_condition", 24, SHARE, "共享属性条件"),
    of_field("basis", 30, SHARE),
    of_field("share_mode_class", 14, MODE),
    of_field("share_mode_type", 12, MODE),
    of_field("open_type", 12, OPEN, "开放属性是否", "开放属性类型"),
    of_field("open_condition", 24, OPEN, "开放属性条件"),
    of_field("update_period", 10),
    of_field("period_other", 14),
    of_field("published_on", 12),
    of_field("related_codes", 18, None, "关联资源代码类目名称", "关联及类目名称关联资源代码"),
    of_field("use_requirement", 24),
    of_field("secret_flag", 10),
    of_field("contact", 10),
    of_field("phone", 14),
    of_field("link", 24),
)
KEYS = tuple(place.key for place in PLACES)
RESOURCE = tuple(key for key in KEYS if key not in ITEMS)  # one value for all rows of an entry
WANTED = (*(place.column for place in PLACES), Column("class_code", ("分类代码", "目录分类", CLASS)))
IGNORED = ("序号", "问题", "编号", "no", "no.")  # columns that nobody misses


def heading_rows() -> tuple[list[str], list[str]]:
    """Both rows of headings, for a sheet without merged cells: a group stands over its first column."""
    over, under, last = [], [], None
    for place in PLACES:
        over.append(place.word if place.group is None else place.group if place.group != last else "")
        under.append("" if place.group is None else place.word)
        last = place.group
    return over, under
