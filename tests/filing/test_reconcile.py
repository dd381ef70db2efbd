"""Reconciliation: what runs against what is filed, by name and number; what is unknown accuses nobody."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from filing_city import CALENDAR, CLERK, REVIEWER, TODAY, WHOLE, department, furnish, people, system
from sqlalchemy import func, select

from filing.clocks import ARTICLE
from filing.filings import accept, add, deregister, link, send_back, submit
from filing.ground import ground
from filing.names import normal
from filing.reconcile import Discrepancy, Found, reconcile
from filing.recording import record
from filing.tables import Filing, FilingState
from store.deadlines import standing
from store.tables import JournalEntry, Machine, System
from store.workflow import RefusedError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers"]

CITY = {
    "vm-1": ("市教育局", "学籍管理系统"),
    "vm-2": ("市教育局", "学籍管理系统"),
    "vm-3": ("市司法局", "公证"),
    "vm-4": ("市司法局", None),
}
UNTIL = date(2026, 12, 31)


def filed(db: Session, owner: str, name: str, **card: object) -> Filing:
    row = add(db, department(db, owner), None, {**WHOLE, "name": name, **card}, CLERK, TODAY)
    submit(db, row, CLERK, TODAY)
    accept(db, row, REVIEWER, TODAY)
    return row


def of(db: Session, kind: Discrepancy) -> list[Found]:
    return [found for found in reconcile(ground(db)) if found.kind is kind]


@pytest.mark.parametrize(
    "name",
    ["学籍管理系统", "学籍管理平台", "学籍管理", " 学籍 管理－系统", "学籍管理系统平台", "学籍（管理）系统"],
)
def test_names_are_one_without_their_endings_widths_and_marks(name: str) -> None:
    assert normal(name) == "学籍管理"


def test_a_name_of_nothing_but_an_ending_stays() -> None:
    assert normal("平台") == "平台"
    assert normal("ＯＡ系统") == "oa"


def test_a_system_with_machines_and_without_a_filing_runs_unfiled(sqlite: Register) -> None:
    with sqlite.write() as db:
        furnish(db, CITY, measured=("vm-1",))
        filed(db, "市司法局", "公证平台")  # the same as 公证 in the inventory

        (found,) = of(db, Discrepancy.UNFILED)
        assert (found.department, found.name, found.machines, found.measured) == (
            "市教育局",
            "学籍管理系统",
            2,
            1,
        )
        assert found.note == "1 of 2 measured"


def test_a_machine_that_was_never_measured_is_said_to_be_so(sqlite: Register) -> None:
    with sqlite.write() as db:
        furnish(db, CITY)

        assert {found.note for found in of(db, Discrepancy.UNFILED)} == {"in the inventory, never measured"}
        (loose,) = of(db, Discrepancy.NO_SYSTEM)
        assert (loose.name, loose.note) == ("vm-4", "in the inventory, never measured")


def test_a_noted_system_still_runs_unfiled_until_it_is_submitted(sqlite: Register) -> None:
    with sqlite.write() as db:
        furnish(db, CITY)
        row = add(db, department(db, "市司法局"), None, {**WHOLE, "name": "公证"}, CLERK, TODAY)

        assert [found.filings for found in of(db, Discrepancy.UNFILED)] == [(row.id,), ()]
        submit(db, row, CLERK, TODAY)
        assert [found.name for found in of(db, Discrepancy.UNFILED)] == ["学籍管理系统"]


def test_what_was_deregistered_and_runs_is_a_matter_of_its_own(sqlite: Register) -> None:
    with sqlite.write() as db:
        furnish(db, CITY)
        deregister(db, filed(db, "市司法局", "公证"), CLERK, TODAY)

        (found,) = of(db, Discrepancy.ENDED)
        assert found.name == "公证"
        assert "ended on 2026-11-02" in found.note
        assert [made.name for made in record(db, CALENDAR, UNTIL, CLERK, TODAY)[0]] == ["学籍管理系统"]


def test_a_filed_system_without_a_machine_may_run_elsewhere(sqlite: Register) -> None:
    with sqlite.write() as db:
        furnish(db, CITY)
        filed(db, "市司法局", "法援")
        filed(db, "市司法局", "矫正", location="本单位机房")

        assert {found.name: found.note for found in of(db, Discrepancy.NO_MACHINE)} == {
            "法援": "no machine in the inventory",
            "矫正": "by its card it runs elsewhere: 本单位机房",
        }


def test_without_an_inventory_no_filing_is_said_to_have_no_machine(sqlite: Register) -> None:
    with sqlite.write() as db:
        furnish(db, {})
        filed(db, "市司法局", "法援")

        assert reconcile(ground(db)) == []


def test_one_name_twice_is_found_within_and_across_departments(sqlite: Register) -> None:
    with sqlite.write() as db:
        furnish(db, CITY)
        first = filed(db, "市司法局", "ＯＡ系统")
        second = filed(db, "市司法局", "OA平台")
        third = filed(db, "市教育局", "oa")
        linked = filed(db, "市教育局", "学籍一号")
        link(db, linked, system(db, "学籍管理系统"), CLERK)
        db.flush()
        other = filed(db, "市教育局", "学籍二号")
        other.system_id = linked.system_id  # as an older register may have it
        db.flush()

        found = {one.filings: one.note for one in of(db, Discrepancy.TWICE)}
        assert found == {
            (
                first.id,
                second.id,
                third.id,
            ): "one name in 2 departments: it may be one system, or as many of one name",
            (linked.id, other.id): "all for the system 学籍管理系统",
        }


def test_machines_of_another_department_than_the_filings_are_named(sqlite: Register) -> None:
    with sqlite.write() as db:
        furnish(db, CITY)
        row = filed(db, "市教育局", "学籍管理系统")
        machine = system(db, "学籍管理系统")
        moved = db.scalars(select(Machine).where(Machine.name == "vm-2")).one()
        moved.department = department(db, "市司法局")
        db.flush()

        (found,) = of(db, Discrepancy.OTHER_DEPARTMENT)
        assert (found.filings, found.machines) == ((row.id,), 1)
        assert found.note == "vm-2: of 市司法局 in the inventory"
        assert machine.department.name == "市教育局"


def test_recording_makes_filings_with_a_deadline_and_again_none(register: Register) -> None:
    with register.write() as db:
        furnish(db, CITY)
        made, left = record(db, CALENDAR, UNTIL, CLERK, TODAY)

        assert ([(row.name, row.state) for row in made], left) == (
            [("公证", FilingState.UNFILED), ("学籍管理系统", FilingState.UNFILED)],
            0,
        )
        clocks = standing(db, [f"filing:{row.id}" for row in made], ARTICLE).values()
        assert {(row.due_on, row.title) for row in clocks} == {
            (UNTIL, "公证：提交全口径备案登记表"),
            (UNTIL, "学籍管理系统：提交全口径备案登记表"),
        }
        entries = db.scalar(select(func.count(JournalEntry.id)))
        assert record(db, CALENDAR, UNTIL, CLERK, TODAY) == ([], 0)
        assert db.scalar(select(func.count(JournalEntry.id))) == entries


def test_the_deadline_to_file_is_met_by_submitting_and_runs_again_after_a_return(sqlite: Register) -> None:
    with sqlite.write() as db:
        furnish(db, CITY)
        row = record(db, CALENDAR, UNTIL, CLERK, TODAY)[0][0]
        row.card = {**WHOLE, "name": row.name}
        db.flush()
        clock = standing(db, [f"filing:{row.id}"], ARTICLE)[f"filing:{row.id}"]

        submit(db, row, CLERK, TODAY)
        assert clock.met_on == TODAY
        send_back(db, row, REVIEWER, TODAY)
        assert clock.met_on is None


def test_only_an_operator_records_and_not_into_the_past(sqlite: Register) -> None:
    with sqlite.write() as db:
        furnish(db, CITY)
        wang, _sun = people(db)

        with pytest.raises(RefusedError, match="operator"):
            record(db, CALENDAR, UNTIL, wang, TODAY)
        with pytest.raises(RefusedError, match="today or later"):
            record(db, CALENDAR, date(2026, 11, 1), CLERK, TODAY)


def test_a_system_whose_machines_were_released_does_not_run_unfiled(register: Register) -> None:
    with register.write() as db:
        furnish(db, CITY)
        for machine in db.scalars(select(Machine).join(Machine.system).where(System.name == "公证")):
            machine.released_on = TODAY

        assert [found.name for found in of(db, Discrepancy.UNFILED)] == ["学籍管理系统"]
        assert [row.name for row in record(db, CALENDAR, UNTIL, CLERK, TODAY)[0]] == ["学籍管理系统"]
