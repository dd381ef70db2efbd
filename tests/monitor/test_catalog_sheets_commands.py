"""`catalog import`, `catalog export` and `catalog template` as a person calls them."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from operating import Place, placed

if TYPE_CHECKING:
    from pathlib import Path

HEAD = ["类", "项", "目", "信息资源名称", "提供方", "共享类型", "更新周期", "涉密属性"]
CLASSES = "code,name\n3,部门\n307,省及以下\n307003,民政\n"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """One department and a class that entries may stand in."""
    made = placed(tmp_path / "house")
    (tmp_path / "departments.csv").write_text("code,name\n11370283004283028T,市民政局\n", "utf-8")
    (tmp_path / "classes.csv").write_text(CLASSES, "utf-8")
    assert made.call("department", "import", str(tmp_path / "departments.csv")).code == 0
    assert made.call("catalog", "classes", "import", str(tmp_path / "classes.csv")).code == 0
    return made


def sheet(path: Path, *rows: list[str]) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    return str(path)


def good(title: str) -> list[str]:
    return ["3", "07", "民政", title, "市民政局", "无条件共享", "每月", "否"]


def test_entries_are_imported_once_and_said_what_they_lack(place: Place, tmp_path: Path) -> None:
    file = sheet(tmp_path / "a.csv", good("低保对象信息"), good("低保家庭信息"))

    first, again = place.call("catalog", "import", file), place.call("catalog", "import", file)

    assert first.code == again.code == 0
    assert "2 added, 0 changed, 0 new versions, 0 unchanged" in first.err
    assert "line 2, column 信息资源名称: a draft, " in first.err
    assert "0 added, 0 changed, 0 new versions, 2 unchanged" in again.err


def test_a_dry_run_changes_nothing(place: Place, tmp_path: Path) -> None:
    file = sheet(tmp_path / "a.csv", good("低保对象信息"))

    said = place.call("catalog", "import", file, "--dry-run")

    assert said.code == 0
    assert "would be: 1 added" in said.err
    assert place.json("catalog", "list") == []


def test_a_bad_row_keeps_all_out_unless_partial_and_a_copy_says_why(place: Place, tmp_path: Path) -> None:
    bad = [*good("低保家庭信息")[:5], "2", "每月", "否"]
    file, copy = sheet(tmp_path / "a.csv", good("低保对象信息"), bad), tmp_path / "copy.csv"

    whole = place.call("catalog", "import", file, "--annotate", str(copy))
    part = place.call("catalog", "import", file, "--partial")

    assert (whole.code, part.code) == (1, 0)
    assert "nothing was taken" in whole.err
    assert "line 3, column 共享类型: read '2'" in whole.err
    assert "1 added, 0 changed, 0 new versions, 0 unchanged; 1 bad" in part.err
    rows = list(csv.reader(copy.open(encoding="utf-8-sig")))
    assert [bool(row[-1]) for row in rows] == [True, False, True]
    assert "共享类型: one of 无条件共享" in rows[2][-1]


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_what_is_exported_is_imported_unchanged(place: Place, tmp_path: Path, ending: str) -> None:
    place.call("catalog", "import", sheet(tmp_path / "a.csv", good("=1+1"), good("低保家庭信息")))

    out = place.call("catalog", "export", str(tmp_path / f"b.{ending}"))
    back = place.call("catalog", "import", str(tmp_path / f"b.{ending}"))

    assert "2 entries written" in out.err
    assert "0 added, 0 changed, 0 new versions, 2 unchanged" in back.err


def test_an_export_to_another_kind_of_file_or_department_is_refused(place: Place, tmp_path: Path) -> None:
    assert "ends with .xlsx or .csv" in place.call("catalog", "export", str(tmp_path / "b.pdf")).err
    said = place.call("catalog", "export", str(tmp_path / "b.csv"), "--department", "某局")
    assert "no department '某局'" in said.err


def test_the_empty_form_is_no_import(place: Place, tmp_path: Path) -> None:
    form = tmp_path / "form.xlsx"

    assert place.call("catalog", "template", str(form)).code == 0
    said = place.call("catalog", "import", str(form))

    assert "0 added" in said.err
    assert "left out: 政务信息资源目录!E3: an example" in said.err


def test_no_file_that_lies_there_is_written_over(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "总表.xlsx"
    file.write_text("三年的工作")

    assert "lies there already" in place.call("catalog", "export", str(file)).err
    assert "lies there already" in place.call("catalog", "template", str(file)).err
    assert "lies there already" in place.call("catalog", "import", "a.csv", "--annotate", str(file)).err
    assert "lies there already" in place.call("project", "import", "a.csv", "--annotate", str(file)).err
    assert file.read_text() == "三年的工作"
    assert place.call("catalog", "template", str(file), "--force").code == 0


def test_a_folder_that_is_not_there_is_named_before_anything_is_imported(
    place: Place, tmp_path: Path
) -> None:
    copy = str(tmp_path / "none" / "问题.xlsx")

    assert "no such folder" in place.call("catalog", "import", "a.csv", "--partial", "--annotate", copy).err
