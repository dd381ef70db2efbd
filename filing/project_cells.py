"""Cells of the 审核表: sums, budget lines, kinds, yes and no, levels, sizes; else ValueError."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from filing.money import fen
from filing.tables import ProjectKind
from store import cells

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.cells import Cell

LONGEST = 20_000  # characters of a text of the form
KINDS = {
    "开发": ProjectKind.DEVELOP,
    "新建": ProjectKind.DEVELOP,
    "建设": ProjectKind.DEVELOP,
    "维护": ProjectKind.MAINTAIN,
    "运维": ProjectKind.MAINTAIN,
    "运行维护": ProjectKind.MAINTAIN,
    "购买": ProjectKind.PURCHASE,
    "购买服务": ProjectKind.PURCHASE,
    "采购": ProjectKind.PURCHASE,
    "改扩建": ProjectKind.EXTEND,
    "扩建": ProjectKind.EXTEND,
    "改建": ProjectKind.EXTEND,
    "升级改造": ProjectKind.EXTEND,
    **{str(kind): kind for kind in ProjectKind},
}
YES = {"是", "涉密", "√", "y", "yes", "true", "1", "有"}
NO = {"否", "不涉密", "非涉密", "不涉及", "×", "n", "no", "false", "0"}
LINE = re.compile(r"\s*(.+?)\s*[:：=\s]\s*((?:￥|¥)?[\d,.]+\s*(?:亿|万)?元?)\s*")


def money(value: Cell, unit: int) -> int:
    return fen(f"{value:.10f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value), unit)


def lines_of(value: Cell, unit: int) -> tuple[tuple[str, int], ...]:
    """软件开发 80；密码测评 48万元: a line a part."""
    parts = [part for part in re.split(r"[;；\n、]+", cells.folded(value)) if part.strip()]
    found = []
    for part in parts:
        match = LINE.fullmatch(part)
        if match is None:
            raise ValueError("budget lines such as 软件开发 80万元；密码测评 48万元")
        found.append((match[1], fen(match[2], unit)))
    return tuple(found)


def kind_of(value: Cell) -> ProjectKind:
    kind = KINDS.get(cells.folded(value).removesuffix("类").removesuffix("项目").casefold())
    if kind is None:
        raise ValueError("one of 开发, 维护, 购买, 改扩建")
    return kind


def yes(value: Cell) -> bool:
    text = "1" if value is True else "0" if value is False else cells.folded(value).casefold()
    if text not in YES | NO:
        raise ValueError("是 or 否")
    return text in YES


def level(value: Cell) -> int:
    text = cells.folded(value).removeprefix("等保").removeprefix("第").removesuffix("级")
    found = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}.get(text, int(text) if text.isdecimal() else 0)
    if not 1 <= found <= 5:
        raise ValueError("a level of 1 to 5, such as 三级")
    return found


def amount(value: Cell, heading: str, unit: Callable[[str], float | None]) -> float:
    """A size in the unit of the cell, else in that of its heading; 0: none is needed."""
    number, named = cells.quantity(value, unit)
    number *= 1.0 if named else unit(heading) or 1.0
    if not 0 <= number < 1e9:
        raise ValueError("a size of 0 or more")
    return number


def long_text(value: Cell) -> str:
    """A text of several lines, without control characters."""
    text = cells.folded(value)
    if len(text) > LONGEST:
        raise ValueError(f"a text of at most {LONGEST:,} characters")
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())
