"""Marks of secrecy (密级标志) in what is typed in: state secrets are not registered here (art. 2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MARK = re.compile(r"(绝\s*密|机\s*密|秘\s*密)\s*[★☆]")


def marked(texts: Iterable[object]) -> bool:
    """Whether one of them bears a mark; what is no text bears none."""
    return any(isinstance(text, str) and MARK.search(text) is not None for text in texts)
