"""The page of a finding, as large as the terminal."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from monitor.cli.conversation import bold
from monitor.cli.output import cell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from monitor.case import Case
    from monitor.installation import Installation
    from notifier.content import Chart

WIDE, HIGH = 100, 50  # columns and rows where no terminal says
SHORTEST = 7  # days of a chart
ASKING = 2  # rows that the question takes


def paper(seen: Case, place: str, drawn: Chart, above: int = 0) -> list[str]:
    """The page, as large as the terminal, of which so many rows `above` are taken."""
    from monitor.chart import LABEL
    from monitor.daily import newest
    from monitor.review_page import Room, page

    size = shutil.get_terminal_size((WIDE, HIGH))
    short = newest(drawn, max(size.columns - LABEL - 2, SHORTEST))
    return page(seen, place, short, Room(size.columns, size.lines - ASKING - above, bold, cell))


def drawings(installation: Installation, names: Sequence[str], as_of: date) -> dict[str, Chart]:
    """A chart of each machine, an empty one where nothing was measured."""
    from monitor.daily import charts, nothing

    return {name: nothing(as_of) for name in names} | dict(charts(installation, names, as_of))
