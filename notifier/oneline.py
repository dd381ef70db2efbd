"""Text from outside as one line that cannot act: no line end, no control, nothing that turns the reading."""

from __future__ import annotations

import re
import unicodedata

LIMIT = 200
SPACES = re.compile(r"\s+")
DROPPED = frozenset({"Cc", "Cf", "Cs"})  # controls; formats (U+202E and its like, zero widths); half pairs


def one_line(text: str, limit: int = LIMIT) -> str:
    """At most `limit` characters, an ellipsis the last of them where the text was longer."""
    spaced = SPACES.sub(" ", text[: 20 * limit])  # a line end is a space, not nothing
    kept = "".join(char for char in spaced if not dropped(char))
    line = SPACES.sub(" ", kept).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def dropped(char: str) -> bool:
    """Noncharacters too, which XML refuses. What Unicode will name later is kept: it may be a rare hanzi."""
    code = ord(char)
    return unicodedata.category(char) in DROPPED or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
