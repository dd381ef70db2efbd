"""The command line's words: English, ready for a Chinese catalogue
(locale/zh_CN/LC_MESSAGES/rightsizer.mo).
"""

from __future__ import annotations

import gettext
import unicodedata
from pathlib import Path

LOCALES = Path(__file__).parent / "locale"

_ = gettext.translation("rightsizer", LOCALES, fallback=True).gettext
STEERING = {"Cc", "Cf"}  # categories of Unicode


def harmless(text: str) -> str:
    """Without what steers a terminal or turns the writing: names and reasons are other people's words."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in STEERING)
