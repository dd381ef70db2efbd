"""A budget list on paper: the frozen rows of filing/, the letter of notifier/."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from filing.budget_lists import Issue
from notifier.content import Basis
from notifier.letters.fonts import FontError
from notifier.letters.pdf import Press
from notifier.letters.word import docx
from notifier.reports.budget_book import budget_xlsx
from notifier.reports.budget_letter import budget_letter
from notifier.reports.budget_values import BudgetLine, BudgetPaper
from notifier.statement import basis, office
from store.workflow import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from filing.budget_tables import BudgetList
    from monitor.installation import Installation

FINANCE = "市财政局"


def issue_of(house: Installation, year: int, as_of: date, today: date) -> Issue:
    """What an issue cites, by the policy and the settings of the day."""
    cited = basis(house.policy, house.settings.policy, today)
    prefix = house.settings.notices.numbers.budget
    return Issue(year, as_of, prefix, cited.model_dump(mode="json"))


def paper(house: Installation, row: BudgetList) -> BudgetPaper:
    """The list as its letter tells it: what was frozen, and who writes."""
    content: Mapping[str, Any] = row.content
    before = content["previous"]
    return BudgetPaper(
        number=row.number,
        year=row.year,
        as_of=row.as_of,
        issued_on=row.issued_on,
        sha256=row.sha256,
        previous=before["number"] if before else None,
        addressee=FINANCE,
        basis=Basis.model_validate(content["basis"]),
        office=office(house.settings.letters),
        lines=tuple(map(line, content["rows"])),
    )


def line(row: Mapping[str, Any]) -> BudgetLine:
    lifts = row["restores"]
    return BudgetLine(
        place=row["row"],
        system=row["subject"].startswith("filing:"),
        department=row["department"],
        name=row["name"],
        verdict=row["verdict"],
        since=date.fromisoformat(row["since"]) if row["since"] else None,
        article=row["article"],
        fact=row["fact"],
        entries=tuple(row["entries"]),
        budget_fen=row["budget_fen"],
        restores=f"{lifts['list']}第{lifts['row']}项" if lifts else None,
    )


def printed(house: Installation, told: BudgetPaper, form: str) -> bytes:
    """As pdf, docx or xlsx. Raises RefusedError where there is no font, PrintError."""
    if form == "xlsx":
        return budget_xlsx(told)
    text = budget_letter(told)
    if form == "docx":
        return docx(text)
    try:
        press = Press(house.settings.letters.fonts_dir)
    except FontError as error:
        raise RefusedError(
            f"{told.number} cannot be printed: {error}; --docx makes the same letter"
        ) from error
    return press.pdf(text)
