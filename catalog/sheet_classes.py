"""The class of a row of the form: 类, 项, 目 and 细目 by their names, their digits or both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import select

from catalog.names import key
from catalog.tables import ClassNode
from store.cells import folded, is_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from store.cells import Cell

DIGITS = (1, 2, 3, 0)  # of each level; as many as there are in the last
LEADING = re.compile(r"(\d+)\s*(.*)", re.DOTALL | re.ASCII)


class Tree:
    """The classes of the register: their names, and what stands below each."""

    def __init__(self, db: Session) -> None:
        self.names: dict[str, str] = {}
        self.below: dict[str, list[str]] = {}
        found = select(ClassNode.code, ClassNode.name, ClassNode.parent).order_by(ClassNode.code)
        for code, name, parent in db.execute(found):
            self.names[code] = name
            self.below.setdefault(parent or "", []).append(code)
        self.known: dict[tuple[str, ...], str | int] = {}

    def find(self, levels: Sequence[Cell]) -> str | int:
        """The code of the class that four cells name; the index of the first cell that names none."""
        texts = tuple("" if is_missing(cell) else folded(cell) for cell in levels)
        if texts not in self.known:
            self.known[texts] = self.walk(texts)
        return self.known[texts]

    def walk(self, texts: Sequence[str]) -> str | int:
        code = ""
        for level, text in enumerate(texts):
            if not text:
                return level if any(texts[level:]) else code
            found = self.child(code, text, level)
            if found is None:
                return level
            code = found
        return code

    def child(self, above: str, text: str, level: int) -> str | None:
        """The class below `above`: `07`, `7`, `307`, its name, or `07 市民政局` where both must agree."""
        match = LEADING.fullmatch(text)
        below = self.below.get(above, ())
        if match is None:
            named = [code for code in below if key(self.names[code]) == key(text)]
            return named[0] if len(named) == 1 else None
        digits, name = match[1], match[2]
        own = digits.zfill(DIGITS[level])
        code = next((code for code in below if code in {above + own, digits}), None)
        if code is None:
            return next((code for code in below if key(self.names[code]) == key(text)), None)
        return code if not name or key(name) == key(self.names[code]) else None

    def cells(self, code: str) -> list[str | None]:
        """Four cells for a class, each with its digits and its name, which `find` reads back."""
        path: list[str] = []
        while len(path) < len(DIGITS):
            deeper = [c for c in self.below.get(path[-1] if path else "", ()) if code.startswith(c)]
            if not deeper:
                break
            path.append(max(deeper, key=len))
        above = ["", *path]
        texts = [f"{c[len(a) :]} {self.names[c]}" for a, c in zip(above, path, strict=False)]
        return [*texts, *[None] * (len(DIGITS) - len(texts))]
