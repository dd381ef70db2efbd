"""The command line's words: English, ready for a Chinese catalogue
(locale/zh_CN/LC_MESSAGES/rightsizer.mo).
"""

from __future__ import annotations

import gettext
from pathlib import Path

LOCALES = Path(__file__).parent / "locale"

_ = gettext.translation("rightsizer", LOCALES, fallback=True).gettext
