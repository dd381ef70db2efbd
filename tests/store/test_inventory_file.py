"""The files of the register: every wrong cell is named by its place, and nothing of a wrong file is taken."""

from __future__ import annotations

import random
from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest

from store import uscc
from store.inventory_file import DepartmentRow, MachineRow, email, read_departments, read_inventory
from store.sheets import SheetError, write_csv, write_xlsx

if TYPE_CHECKING:
    from pathlib import Path

MACHINES = "machine,department,system,address,vcpus,memory_gib,disk_gib,delivered_on,deployed_on\n"
DEPARTMENTS = "code,name,email,contact,phone\n"
VALID = [
    "1137028300428301XT",
    "11370283004283028T",
    "12370283MB0A12342U",
    "13370283501234569Y",
    "N2370283MF1234567T",
    "52370283MJD12345XQ",
]


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_an_inventory_is_read_with_its_sizes_and_days(tmp_path: Path) -> None:
    text = MACHINES + "web-01,财政局,预算系统,10.0.0.5,8,16,100,2026-01-05,2026-01-20\nweb-02,财政局,,,,,,,\n"

    assert read_inventory(written(tmp_path / "a.csv", text)) == [
        MachineRow(
            "web-01", "财政局", "预算系统", "10.0.0.5", 8, 16, 100, date(2026, 1, 5), date(2026, 1, 20), "", 2
        ),
        MachineRow("web-02", "财政局", None, None, None, None, None, None, None, "", 3),
    ]


def test_a_sheet_with_chinese_headings_units_and_sums_is_read(tmp_path: Path) -> None:
    write_xlsx(
        tmp_path / "a.xlsx",
        "云主机清单",
        [
            "序号",
            "使用单位",
            "系统名称",
            "云主机",
            "IP地址",
            "CPU(核)",
            "内存(MB)",
            "磁盘",
            "交付日期",
            "部署日期",
        ],
        [
            [
                1.0,
                "财政局",
                "预算",
                "web-01",
                "10.0.0.5",
                8.0,
                16384.0,
                "0.5TB",
                date(2026, 1, 5),
                "2026年1月20日",
            ],
            ["合计", None, None, None, None, 8.0, 16384.0, None, None, None],
            [2.0, "教育局", "学籍", 1001.0, "::1", "4核", 2048.0, 50.0, datetime(2026, 1, 5, 9), None],  # noqa: DTZ001
        ],
    )

    # 16384 MB = 16 GiB, 0.5 TB = 512 GiB
    assert read_inventory(tmp_path / "a.xlsx") == [
        MachineRow(
            "web-01",
            "财政局",
            "预算",
            "10.0.0.5",
            8,
            16,
            512,
            date(2026, 1, 5),
            date(2026, 1, 20),
            "云主机清单",
            2,
        ),
        MachineRow("1001", "教育局", "学籍", "::1", 4, 2, 50, date(2026, 1, 5), None, "云主机清单", 4),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",财政局,,,,,,,", "line 2, column machine: must not be empty"),
        ("web-01,,,,,,,,", "line 2, column department: must not be empty"),
        ("web-01,财政局,,,-8,,,,", "line 2, column vcpus: read '-8', expected a size greater than 0"),
        ("web-01,财政局,,,0,,,,", "line 2, column vcpus: read '0', expected a size greater than 0"),
        (
            "web-01,财政局,,,,lots,,,",
            "line 2, column memory_gib: read 'lots', expected a number such as 12.5",
        ),
        (
            "web-01,财政局,,,,4 pages,,,",
            "column memory_gib: read '4 pages', expected a number such as 12.5, or one",
        ),
        ("web-01,财政局,,,,nan,,,", None),
        ("web-01,财政局,,,,inf,,,", "line 2, column memory_gib: read 'inf', expected a size greater than 0"),
        (
            "web-01,财政局,,10.0.0.256,,,,,",
            "column address: read '10.0.0.256', expected an IP address or a host name",
        ),
        (
            "web-01,财政局,,http://x,,,,,",
            "column address: read 'http://x', expected an IP address or a host name",
        ),
        ("web-01,财政局,,host.example,,,,,", None),
        (
            "web-01,财政局,,,,,,2026-01-20,2026-01-05",
            "column deployed_on: read '2026-01-05', expected a day not before",
        ),
        ("web-01,财政局,,,,,,2026-01-05,2026-01-05", None),
        (
            "web-01,财政局,,,,,,2026-02-30,",
            "line 2, column delivered_on: read '2026-02-30', expected a day such as",
        ),
        ("web-01,财政局,,,,,,46204,", "line 2, column delivered_on: read '46204', expected a day such as"),
        (
            "web\u202e-01,财政局,,,,,,,",
            "line 2, column machine: read 'web\\u202e-01', expected a text without control",
        ),
        (
            '"web\n01",财政局,,,,,,,',
            "line 2, column machine: read 'web\\n01', expected a text without control",
        ),
        ("web-01,财\x07局,,,,,,,", "column department: read '财\\x07局', expected a text without control"),
    ],
)
def test_a_wrong_cell_of_an_inventory_is_named(tmp_path: Path, row: str, said: str | None) -> None:
    path = written(tmp_path / "a.csv", f"{MACHINES}{row}\n")
    if said is None:
        assert len(read_inventory(path)) == 1
        return
    with pytest.raises(SheetError) as caught:
        read_inventory(path)

    assert said in str(caught.value)
    assert len(caught.value.problems) == 1


def test_a_machine_that_stands_twice_is_named_with_both_places(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", f"{MACHINES}web-01,a,,,,,,,\nweb-02,a,,,,,,,\nweb-01,b,,,,,,,\n")

    with pytest.raises(SheetError) as caught:
        read_inventory(path)

    assert str(caught.value) == (
        "a.csv: line 4, column machine: read 'web-01', expected every machine once; "
        "this one is also at line 2, column machine"
    )


def test_every_wrong_cell_is_named_at_once_by_its_address_in_a_workbook(tmp_path: Path) -> None:
    write_xlsx(
        tmp_path / "a.xlsx", "清单", ["machine", "department", "vcpus"], [["a", None, -1.0], ["a", "b", "x"]]
    )

    with pytest.raises(SheetError) as caught:
        read_inventory(tmp_path / "a.xlsx")

    assert [problem.place for problem in caught.value.problems] == [
        "清单!B2",
        "清单!C2",
        "清单!C3",
        "清单!A3",
    ]


def test_departments_are_read_with_either_kind_of_code(tmp_path: Path) -> None:
    text = (
        f"{DEPARTMENTS}{VALID[0].lower()},财政局,Office@CZJ.example.gov.cn,王,0532-1234567\nN-7,街道办,,,\n"
    )

    assert read_departments(written(tmp_path / "a.csv", text)) == [
        DepartmentRow(VALID[0], "财政局", "Office@czj.example.gov.cn", "王", "0532-1234567", "", 2),
        DepartmentRow("N-7", "街道办", None, None, None, "", 3),
    ]


def test_departments_with_chinese_headings_are_read(tmp_path: Path) -> None:
    write_csv(
        tmp_path / "a.csv",
        ["统一社会信用代码", "单位", "邮箱", "联系人", "电话"],
        [[VALID[1], "局", "a@b.cn", "王", "110"]],
    )

    assert read_departments(tmp_path / "a.csv") == [
        DepartmentRow(VALID[1], "局", "a@b.cn", "王", "110", "", 2)
    ]


@pytest.mark.parametrize("between", [",", ", ", ";", "；", "、", " "])
def test_a_department_may_have_several_addresses(between: str) -> None:
    assert email(f"a@b.cn{between}c@d.cn{between}a@b.cn") == "a@b.cn, c@d.cn"


@pytest.mark.parametrize(
    "address",
    [
        "x",
        "x@",
        "@b.cn",
        "a b@c.cn",
        "a@b c.cn",
        "a@b",
        "a@b..cn",
        "a@-b.cn",
        "a@10.0.0.1",
        "a@b.cn,c@d",
        "a..b@c.cn",
        "A <a@b.cn>",
        "a@b_c.cn",
        "a\u202e@b.cn",
        "a@b.cn\x00",
        "a@b.cn\r\nBcc: e@y.cn",
        f"a@{'b' * 64}.cn",
        f"{'a' * 65}@b.cn",
        "张@b.cn",
    ],
)
def test_a_bad_mail_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"one e-mail address|control or invisible"):
        email(address)


def test_a_bad_mail_address_is_named_by_its_place(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", f'{DEPARTMENTS}N-7,局,"a@b.cn\r\nBcc: e@y.cn",,\n')

    with pytest.raises(
        SheetError, match=r"line 2, column email: read 'a@b.cn\\nBcc: e@y.cn', expected a text without"
    ):
        read_departments(path)


def test_a_mail_address_in_an_international_domain_is_kept_in_ascii(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", f"{DEPARTMENTS}N-7,局,a@例子.中国,,\n")

    assert read_departments(path)[0].email == "a@xn--fsqu00a.xn--fiqs8s"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("113702830042830101", r"to end with X \(place 17\)"),
        ("1137028300428301XQ", r"the check character T \(place 18\)"),
        ("11A7028300428301XT", "six digits of a region"),
        ("a b", "without blanks"),
        ("x" * 65, "at most 64 characters"),
    ],
)
def test_a_wrong_code_says_what_is_wrong(tmp_path: Path, code: str, said: str) -> None:
    with pytest.raises(SheetError, match=said):
        read_departments(written(tmp_path / "a.csv", f"{DEPARTMENTS}{code},局,,,\n"))


def test_valid_codes_pass_and_every_single_wrong_character_is_found() -> None:
    random.seed(20200001)
    for code in [*VALID, "11100000000013127D"]:
        assert uscc.fault(code) == ""
        for place in range(uscc.LENGTH):
            other = random.choice(uscc.ALPHABET.replace(code[place], ""))
            wrong = code[:place] + other + code[place + 1 :]

            assert uscc.fault(wrong) != "", wrong


def test_a_department_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", f"{DEPARTMENTS}{VALID[0]},a,,,\n{VALID[0].lower()},b,,,\n")

    with pytest.raises(SheetError, match="every code once; this one is also at line 2, column code"):
        read_departments(path)
