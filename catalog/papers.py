"""Which entry can provide a paper that a service item asks for (art. 26): by its name. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.codes import NOT_SHARED, UNCONDITIONAL
from catalog.legal import ARTICLE, faults
from catalog.metadata import Basis
from catalog.names import item_key, key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from catalog.legal import LawFacts

# What is written around the name of a paper, and around the title of an entry; longer ones first.
BESIDE = (
    *("原件及复印件", "原件和复印件", "原件或复印件", "复印件", "扫描件", "电子版", "原件", "副本", "正本"),
    *("纸质版", "证明材料", "证明文件", "材料", "申请人", "本人", "有效", "加盖公章"),
)
ABOUT = ("基本信息", "登记信息", "信息", "数据", "名单", "目录", "清单", "情况", "平度市", "全市", "我市")
# Papers by the data that says the same. The first name stands for all; titles of entries hold one of them.
SAME = (
    ("身份证", "居民身份", "人口基本", "常住人口", "公民身份"),
    ("户口簿", "户口本", "户口", "户籍", "常住人口"),
    ("营业执照", "企业登记", "企业基本", "市场主体登记", "法人登记", "个体工商户登记"),
    ("结婚证", "离婚证", "婚姻登记", "婚姻状况证明", "婚姻状况"),
    ("不动产权证", "不动产权属证书", "房产证", "不动产登记", "房屋产权"),
    ("残疾证", "残疾人证", "残疾人"),
    ("低保证", "最低生活保障证", "低保对象", "最低生活保障"),
    ("社保缴费证明", "参保证明", "社会保险参保", "社保缴费", "社会保险缴费"),
    ("学历证书", "毕业证书", "毕业证", "学历证明", "学历"),
    ("驾驶证", "机动车驾驶证", "驾驶人"),
    ("行驶证", "机动车行驶证", "机动车登记"),
    ("出生医学证明", "出生证明", "出生证", "新生儿出生"),
    ("死亡证明", "死亡医学证明", "死亡人口", "火化"),
    ("完税证明", "纳税证明", "纳税", "税收缴纳"),
    ("无犯罪记录证明", "无犯罪证明", "犯罪记录"),
    ("事业单位法人证书", "事业单位登记", "事业单位法人"),
    ("社会团体法人登记证书", "社会组织登记", "社会团体登记"),
    ("食品经营许可证", "食品经营许可"),
    ("道路运输经营许可证", "道路运输经营许可"),
)
LEAST = 2  # characters of a name that is looked for


@dataclass(frozen=True, slots=True)
class Provider:
    """A published entry that is shared."""

    entry_id: int
    code: str
    title: str
    department: str
    share_type: str


@dataclass(frozen=True, slots=True)
class Match:
    """Who can provide a paper, and how that is known: `link`, `title` or `synonym`."""

    provider: Provider
    how: str


def core(name: str) -> str:
    """A paper's name without copies, originals and brackets: 身份证（原件及复印件） is 身份证."""
    text = item_key(name)
    for word in BESIDE:
        shorter = text.replace(key(word), "")
        text = shorter if len(shorter) >= LEAST else text
    return text


def about(title: str) -> str:
    """What a title speaks of."""
    text = key(title)
    for word in ABOUT:
        shorter = text.replace(key(word), "")
        text = shorter if len(shorter) >= LEAST else text
    return text


def names_of(paper: str) -> list[str]:
    """The names under which the data of a paper is looked for, beside its own."""
    own = core(paper)
    found: dict[str, None] = {}
    for row in SAME:
        if any(own.endswith(key(name)) for name in row):
            found |= dict.fromkeys(key(name) for name in row)
    found.pop(own, None)
    return list(found)


class Titles:
    """Entries that are shared, found by what their titles speak of; every title is taken apart once."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self.linked = {one.entry_id: one for one in providers if one.share_type != NOT_SHARED}
        self.by_pair: dict[str, list[tuple[Provider, str, str]]] = {}
        for one in self.linked.values():
            whole, spoken = key(one.title), about(one.title)
            for pair in pairs(whole) | pairs(spoken):
                self.by_pair.setdefault(pair, []).append((one, whole, spoken))

    def fitting(self, name: str) -> list[Provider]:
        """Those whose title speaks of the name and of little else."""
        held = self.by_pair.get(name[:LEAST], ()) if len(name) >= LEAST else ()
        return [one for one, whole, spoken in held if fits(name, whole, spoken)]


def pairs(text: str) -> set[str]:
    return {text[i : i + LEAST] for i in range(len(text) - LEAST + 1)}


def match(paper: str, link: int | None, titles: Titles) -> Match | None:
    """The best provider: one that was linked, one that is called so, one that is called alike; of equals the
    one that everybody may use.
    """
    if link in titles.linked:
        return Match(titles.linked[link], "link")
    if titled := titles.fitting(core(paper)):
        return Match(min(titled, key=order), "title")
    alike = [one for name in names_of(paper) for one in titles.fitting(name)]
    return Match(min(alike, key=order), "synonym") if alike else None


def fits(name: str, whole: str, spoken: str) -> bool:
    """Whether a title speaks of it and of little else; what is short must begin it."""
    if len(spoken) > 2 * len(name) + LEAST:
        return False
    return name == spoken or whole.startswith(name) or (len(name) > LEAST and name in whole)


def order(one: Provider) -> tuple[bool, int, str]:
    return one.share_type != UNCONDITIONAL, len(one.title), one.code


def demanded(basis: str | None, laws: Mapping[str, LawFacts], today: date) -> bool:
    """Whether a law in force demands the paper: 除法律、法规另有规定外. An inner order demands nothing."""
    if basis is None or not basis.strip():
        return False
    quoted = re.search(r"《(.+?)》", basis)
    article = ARTICLE.search(basis)
    law = quoted.group(1) if quoted else basis[: article.start()] if article else basis
    return not list(faults(Basis(law, article.group() if article else ""), laws, today))


def by_paper(
    papers: Iterable[tuple[str, int | None]], providers: Sequence[Provider]
) -> dict[tuple[str, int | None], Match | None]:
    """The match of every different paper."""
    titles = Titles(providers)
    return {(name, link): match(name, link, titles) for name, link in dict.fromkeys(papers)}
