"""Departments one by one: codes, how art. 35 binds them, and their people."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from store.departments import (
    DepartmentError,
    add_contact,
    add_department,
    change_department,
    checked_code,
    contacts,
    remove_contact,
    to_look_at,
)
from store.inventory import import_departments
from store.inventory_file import read_departments
from store.journal import verify
from store.sheet_error import SheetError
from store.tables import Contact, Department, JournalEntry, Protection, Standing
from store.workflow import Act, Role

if TYPE_CHECKING:
    from pathlib import Path

    from store.database import Register

pytest_plugins = ["registers"]

NOW = datetime(2026, 11, 2, tzinfo=UTC)
ACT = Act("li", Role.OPERATOR, NOW, "asked")
REAL, OTHER, COMPANY = "1137028300428301XT", "N2370283MF1234567T", "91370283MA3C4567XA"


@pytest.mark.parametrize("code", [REAL, OTHER, "52370283MJD12345XQ", " 1137028300428301xt "])
def test_valid_codes_are_taken_also_those_that_begin_with_a_letter(code: str) -> None:
    assert checked_code(code) == code.strip().upper()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1137028300428301XU", "the check character T"),
        ("113702830042830101", "to end with X"),
        ("113702830O428301XT", r"no I, O, S, V, Z: look at O \(place 10\)"),
        ("有 空格", "without blanks"),
    ],
    ids=["last character", "inner character", "the letter O", "blanks"],
)
def test_what_looks_like_a_code_and_is_none_is_refused_with_what_is_wrong(code: str, said: str) -> None:
    with pytest.raises(DepartmentError, match=said):
        checked_code(code)


def test_an_internal_code_needs_its_reason_and_a_real_one_has_none(sqlite: Register) -> None:
    with sqlite.write() as db:
        with pytest.raises(DepartmentError, match="say why"):
            add_department(db, {"code": "N-7", "name": "街道办"}, ACT)
        with pytest.raises(DepartmentError, match="no reason to give"):
            add_department(db, {"code": REAL, "name": "局", "no_code_reason": "x"}, ACT)
        row = add_department(db, {"code": "N-7", "name": "街道办", "no_code_reason": "内设机构"}, ACT)

        assert to_look_at(row) == []
        row.no_code_reason = None  # as older registers have it
        assert "without a reason" in to_look_at(row)[0]


def test_a_company_that_is_said_to_be_bound_is_pointed_out(sqlite: Register) -> None:
    from store.uscc import check, inner_check

    seventeen = COMPANY[:16] + inner_check(COMPANY)
    code = seventeen + check(seventeen)
    with sqlite.write() as db:
        row = add_department(db, {"code": code, "name": "水务公司"}, ACT)
        assert "参照" in to_look_at(row)[0]

        change_department(db, row, {"standing": Standing.BY_REFERENCE}, ACT)
        assert to_look_at(row) == []


def test_names_and_codes_belong_to_one_department(sqlite: Register) -> None:
    with sqlite.write() as db:
        add_department(db, {"code": REAL, "name": "市教育局"}, ACT)
        other = add_department(db, {"code": OTHER, "name": "村集体"}, ACT)

        with pytest.raises(DepartmentError, match="belongs to 市教育局"):
            add_department(db, {"code": "N-1", "name": "市教育局", "no_code_reason": "x"}, ACT)
        with pytest.raises(DepartmentError, match="belongs to 市教育局"):
            change_department(db, other, {"name": REAL}, ACT)


def test_a_body_that_gets_its_code_loses_the_reason_and_keeps_its_protections(register: Register) -> None:
    with register.write() as db:
        row = add_department(db, {"code": "N-7", "name": "街道办", "no_code_reason": "内设机构"}, ACT)
        day = {"since": date(2026, 1, 1), "until": date(2026, 12, 31), "made_at": NOW, "made_by": "li"}
        for scope, subject in (("department", "N-7"), ("system", "N-7/网格"), ("machine", "N-7")):
            db.add(Protection(scope=scope, subject=subject, reason="x", approver="y", **day))
        changed = change_department(db, row, {"code": REAL}, ACT)

        assert changed == {"code": ("N-7", REAL), "no_code_reason": ("内设机构", None)}
        assert list(db.scalars(select(Protection.subject).order_by(Protection.id))) == [
            REAL,
            f"{REAL}/网格",
            "N-7",
        ]
        assert change_department(db, row, {"code": REAL}, ACT) == {}
        assert list(db.scalars(select(JournalEntry.action))) == ["department.added", "department.changed"]
        assert verify(db)[1] is None


def test_an_empty_text_takes_a_value_out_but_never_the_name_nor_the_code(sqlite: Register) -> None:
    with sqlite.write() as db:
        row = add_department(db, {"code": REAL, "name": "局", "email": "a@b.cn"}, ACT)

        assert change_department(db, row, {"email": "", "name": None}, ACT) == {"email": ("a@b.cn", None)}
        with pytest.raises(DepartmentError, match="keeps a name"):
            change_department(db, row, {"name": ""}, ACT)
        with pytest.raises(DepartmentError, match="keeps a code"):
            change_department(db, row, {"code": ""}, ACT)


def test_a_contact_is_added_once_brought_up_to_date_and_removed(sqlite: Register) -> None:
    with sqlite.write() as db:
        row = add_department(db, {"code": REAL, "name": "局"}, ACT)

        assert add_contact(db, row, "王强", "filer", {"phone": "13812345678"}, ACT)
        assert not add_contact(db, row, "王强", "filer", {"email": "w@b.cn"}, ACT)
        assert not add_contact(db, row, "王强", "filer", {"email": "w@b.cn"}, ACT)
        assert [(one.phone, one.email) for one in contacts(db, row)] == [("13812345678", "w@b.cn")]
        with pytest.raises(DepartmentError, match="to be reached"):
            add_contact(db, row, "李", "signer", {}, ACT)
        with pytest.raises(DepartmentError, match="no signer"):
            remove_contact(db, row, "王强", "signer", ACT)
        remove_contact(db, row, "王强", "filer", ACT)
        assert db.scalars(select(Contact)).all() == []
        assert len(db.scalars(select(JournalEntry)).all()) == 4


def test_a_file_may_say_how_a_department_is_bound_and_why_it_has_no_code(
    sqlite: Register, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "单位代码,单位名称,适用方式,无代码原因\nN-7,街道办,执行,内设机构\nN-8,水务,参照,未办\n", "utf-8"
    )
    with sqlite.write() as db:
        import_departments(db, read_departments(path), "li", NOW)
        again = import_departments(db, read_departments(path), "li", NOW)

        assert again.unchanged == 2
        found = db.execute(select(Department.standing, Department.no_code_reason).order_by(Department.code))
        assert [tuple(row) for row in found] == [("bound", "内设机构"), ("by_reference", "未办")]


def test_a_standing_that_is_none_is_named_by_its_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code,name,standing\nN-7,街道办,随意\n", "utf-8")

    with pytest.raises(SheetError, match="expected 执行 or 参照"):
        read_departments(path)
