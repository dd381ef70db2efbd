"""`rightsizer department`: what an operator types about bodies and their people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from operating import Place, placed

if TYPE_CHECKING:
    from pathlib import Path

REAL = "1137028300428301XT"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return placed(tmp_path / "place")


def test_a_department_is_added_changed_and_shown(place: Place) -> None:
    refused = place.call("department", "add", "1137028300428301XU", "市教育局")
    added = place.call("department", "add", REAL, "市教育局", "--email", "jyj@pd.gov.cn", "-m", "新")
    changed = place.call(
        "department", "change", "市教育局", "--phone", "0532-1234567", "--standing", "by_reference"
    )
    (shown,) = place.json("department", "show", REAL)

    assert (refused.code, "the check character T" in refused.err) == (1, True)
    assert added.err == f"市教育局 ({REAL}): added\n"
    assert "phone - -> 0532-1234567" in changed.err
    assert (shown["email"], shown["standing"], shown["machines"]) == ("jyj@pd.gov.cn", "by_reference", 0)
    assert "standing: 参照" in place.call("department", "show", "市教育局").out


def test_an_internal_code_without_a_reason_is_refused_and_an_old_one_pointed_out(
    place: Place, tmp_path: Path
) -> None:
    file = tmp_path / "old.csv"
    file.write_text("code,name\nN-7,街道办\n", "utf-8")
    assert "--no-code-reason" in place.call("department", "add", "N-8", "园区").err
    assert place.call("department", "import", str(file)).code == 0

    (row,) = place.json("department", "list")
    assert "without a reason" in row["look_at"][0]
    assert "街道办" in place.call("doctor").out
    assert place.call("department", "change", "N-7", "--no-code-reason", "内设机构").code == 0
    assert place.json("department", "list")[0]["look_at"] == []


def test_contacts_are_added_listed_and_removed(place: Place) -> None:
    place.call("department", "add", REAL, "市教育局")
    who = ("市教育局", "王强", "--duty", "filer")

    assert place.call("department", "contact", "add", *who, "--phone", "13812345678").code == 0
    assert place.call("department", "contact", "add", *who, "--email", "x").code == 2
    assert [row["phone"] for row in place.json("department", "contact", "list", REAL)] == ["13812345678"]
    assert place.call("department", "contact", "remove", *who, "-m", "调离").code == 0
    assert place.json("department", "contact", "list") == []
    assert "Near: 市教育局" in place.call("department", "contact", "list", "教育局").err
