"""Cases of the data catalog as facts (arts. 32 to 34): whole, and without how to reach a citizen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from offers import ANSWERER, CIVIL, CLERK, HOUSING, LOW_INCOME, MONDAY, desk, person

from catalog.entries import found
from catalog.events import Dates
from catalog.opening import Application, accept, receive
from catalog.opening_answers import refuse
from catalog.opening_tables import ApplicantKind
from catalog.refusals import Refusal
from catalog.sharing import Form, cancel, draft, submit
from catalog.tickets import Question, TicketKind, ask
from monitor.casefile import case_file
from monitor.cli.audit_case import every_table
from store.tables import Department
from store.workflow import Role

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["cities"]

EDITOR = person("zhang", Role.EDITOR, CIVIL)
ASKED = Application(
    ApplicantKind.CITIZEN, "王小明", "13812345678 wang@example.com", "研究社会救助覆盖面", ("救助金额",)
)


def applied(db: Session) -> None:
    row = receive(db, LOW_INCOME, ASKED, desk(), MONDAY, EDITOR)
    accept(db, row, desk(), EDITOR)
    refuse(db, row, Refusal("safety"), desk(), MONDAY, ANSWERER)


@pytest.mark.parametrize("subject", ["catalog_open:1", "catalog_entry:1"])
def test_how_to_reach_a_citizen_leaves_with_no_case(small: Register, tmp_path: Path, subject: str) -> None:
    with small.write() as db:
        applied(db)
        files = case_file(db, subject, tmp_path).files

    text = b"".join(files.values()).decode()
    assert "rows/catalog_open.json" in files
    assert "救助金额" in text
    for told in ("13812345678", "wang@example.com", "王小明"):
        assert told not in text


def test_a_case_of_the_catalog_has_what_was_decided(small: Register, tmp_path: Path) -> None:
    every_table()
    with small.write() as db:
        applied(db)
        housing = db.get(Department, HOUSING)
        assert housing is not None
        form = Form("核对保障性住房申请人的收入条件", "《公租房管理办法》第七条", (), MONDAY, MONDAY)
        filer = person("li", Role.FILER, HOUSING)
        row = draft(db, LOW_INCOME, housing, form, desk(), filer)
        submit(db, row, desk(), filer)
        cancel(db, row, MONDAY, filer)
        dates = Dates(MONDAY, desk().known, 10)
        ask(db, found(db, LOW_INCOME), Question(TicketKind.VERIFY, "金额有误", "收据12号"), dates, CLERK)
        told = {
            subject: [
                entry["action"]
                for entry in json.loads(case_file(db, subject, tmp_path).files["journal.json"])
            ]
            for subject in ("catalog_open:1", "catalog_share:1", "catalog_ticket:1")
        }

    assert [action for action in told["catalog_open:1"] if action.startswith("open.")] == [
        *("open.receive", "open.accept", "open.refuse", "open.answered"),
    ]
    assert told["catalog_share:1"] == ["share.draft", "share.submit", "share.cancel"]
    assert "ticket.open" in told["catalog_ticket:1"]
