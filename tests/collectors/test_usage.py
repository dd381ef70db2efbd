"""Usage files: what clouds hand over is understood, and what cannot be is named by its place."""

from __future__ import annotations

import random
import zipfile
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.usage import UsageFile, read_usage
from collectors.usage_cells import localised
from collectors.usage_step import Gaps
from store import cells
from store.lake import SAMPLES
from store.sheets import Percent, SheetError, write_csv, write_xlsx

if TYPE_CHECKING:
    from pathlib import Path

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
JULY = datetime(2026, 7, 1, tzinfo=UTC)
COLUMNS = "machine,time,cpu,memory,disk\n"


def usage(
    path: Path, content: str | bytes | None = None, zone: ZoneInfo = SHANGHAI, **options: Any
) -> UsageFile:
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_usage(path, zone, options.pop("step", None), NOW, **options)


def rows(file: UsageFile) -> list[dict[str, Any]]:
    return [row for batch in file.batches() for row in batch.to_pylist()]


def values(file: UsageFile, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in rows(file)]


def refusal(path: Path, content: str | bytes, zone: ZoneInfo = SHANGHAI, **options: Any) -> str:
    with pytest.raises(SheetError) as caught:
        usage(path, content, zone, **options)
    return str(caught.value)


def test_a_plain_file_becomes_samples(tmp_path: Path) -> None:
    text = (
        "machine,time,cpu,memory,disk,network,vcpus,memory_gib,disk_gib\n"
        "web-01,2026-07-01T00:00:00Z,12.5,30,40,1000.4,8,16,100\n"
        "web-01,2026-07-01T00:05:00Z,,,,,0,,\n"
    )
    file = usage(tmp_path / "a.csv", text)
    batches = list(file.batches())

    assert [batch.schema for batch in batches] == [SAMPLES]
    assert batches[0].to_pylist() == [
        {
            "machine": "web-01",
            "time": JULY,
            "cpu": 12.5,
            "memory": 30.0,
            "disk": 40.0,
            "network": 1000.0,
            "vcpus": 8.0,
            "memory_bytes": 16 << 30,
            "disk_bytes": 100 << 30,
            "step": 300,
        },
        {
            "machine": "web-01",
            "time": JULY + timedelta(minutes=5),
            **dict.fromkeys(("cpu", "memory", "disk", "network", "vcpus", "memory_bytes", "disk_bytes")),
            "step": 300,
        },
    ]
    assert (file.machines, file.steps, file.rows) == (("web-01",), {"web-01": 300}, 2)
    assert (file.invalid, file.skipped, file.problems, file.warnings) == (0, 0, [], [])


def test_values_out_of_range_are_counted_and_unknown_but_no_bad_cells(tmp_path: Path) -> None:
    text = COLUMNS + "a,1782864000,154,256000,-1\na,1782864300,nan,NaN,inf\na,1782864600,-0.5,100,1e400\n"
    file = usage(tmp_path / "a.csv", text)

    # cpu 154 is turbo and counts as 100; memory 256000, disk -1, inf, 1e400 = inf and cpu -0.5 are invalid
    assert values(file, "cpu", "memory", "disk") == [(100, None, None), (None, None, None), (None, 100, None)]
    assert file.invalid == 5


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "web-01,2026-07-01,12x,1,1",
            "line 2, column cpu: read '12x', expected a percent such as 12.5 or 12.5%",
        ),
        (
            'web-01,2026-07-01,1,"12,500",1',
            "line 2, column memory: read '12,500', expected a number without a comma",
        ),
        ("web-01,2026-07-01,1,1,(error)", "line 2, column disk: read '(error)', expected a percent"),
        (",2026-07-01,1,1,1", "line 2, column machine: a value; the cell is empty"),
        ("web-01,,1,1,1", "line 2, column time: a value; the cell is empty"),
        ("web-01,soon,1,1,1", "line 2, column time: read 'soon', expected a time such as"),
        ("web-01,46204.5,1,1,1", "line 2, column time: read '46204.5', expected a time such as"),
        ("web-01,-60,1,1,1", "line 2, column time: read '-60', expected a time such as"),
        (
            "web-01,2026-11-22T00:00:01Z,1,1,1",
            "line 2, column time: read '2026-11-22T00:00:01Z', expected a time that is",
        ),
        (
            "web-01,1795996800,1,1,1",
            "column time: read '1795996800', expected a time that is not in the future",
        ),
        ("web-01,1969-12-31 23:00,1,1,1", "column time: read '1969-12-31 23:00', expected a time since 1970"),
        (
            "web-01,2026-10-25 02:30,1,1,1",
            "column time: read '2026-10-25 02:30', expected a time with its offset",
        ),
        (
            "web-01,2026-03-29 02:30,1,1,1",
            "column time: read '2026-03-29 02:30', expected a time that exists",
        ),
        (
            "web\u202e,2026-07-01,1,1,1",
            "line 2, column machine: read 'web\\u202e', expected a text without control",
        ),
        ("web-01,2026-07-01,1,1", "line 2: read 4 cells, expected 5 as in the headings"),
        ("web-01,2026-07-01,1,1,1,1", "line 2: read 6 cells, expected 5 as in the headings"),
        (
            '"web\n01",2026-07-01,1,1,1',
            "line 2, column machine: read 'web\\n01', expected a text without control",
        ),
    ],
)
def test_a_bad_cell_is_named_by_line_and_column_and_nothing_is_taken(
    tmp_path: Path, row: str, said: str
) -> None:
    assert said in refusal(tmp_path / "a.csv", f"{COLUMNS}{row}\nweb-02,2026-07-01,1,1,1\n", BERLIN)
    file = usage(tmp_path / "a.csv", zone=BERLIN, partial=True)

    assert values(file, "machine") == [("web-02",)]
    assert (file.machines, file.problem_count) == (("web-02",), 1)


def test_negative_capacity_is_a_bad_cell_and_zero_is_unknown(tmp_path: Path) -> None:
    head = "machine,time,cpu,vcpus,memory_gib\n"
    file = usage(tmp_path / "a.csv", head + "a,2026-07-01,1,0,0\n")

    assert values(file, "vcpus", "memory_bytes") == [(None, None)]
    assert "line 3, column memory_gib: read '-16', expected a size that is not negative" in refusal(
        tmp_path / "a.csv", f"{head}a,2026-07-01,1,0,0\nb,2026-07-01,1,8,-16\n"
    )


def test_problems_are_counted_beyond_those_that_are_shown(tmp_path: Path) -> None:
    text = COLUMNS + "".join(f"m{i},2026-07-01,x,y,1\n" for i in range(2000))
    said = refusal(tmp_path / "a.csv", text).splitlines()

    assert said[0] == "a.csv: 4000 problems"
    assert said[1].startswith("line 2, column cpu: read 'x'")
    assert said[2].startswith("line 2, column memory: read 'y'")
    assert said[-1] == "... and 3980 more"


def test_blank_lines_and_quoted_line_ends_do_not_shift_the_line_of_a_bad_cell(tmp_path: Path) -> None:
    text = 'machine,time,cpu,note\n\na,2026-07-01,1,"two\nlines"\n\n,,,\nb,2026-07-01,x,\n'

    assert "line 7, column cpu: read 'x'" in refusal(tmp_path / "a.csv", text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("machine,tiem,cpu\na,b,c\n", '; found: machine, tiem, cpu; did "tiem" mean "time"?'),
        ("machine,tiem,cpu\na,b,c\n", 'line 1: a column "time" (or'),
        ("machine,time,load\na,b,c\n", "machine, time, load, expected at least one of cpu, memory, disk"),
        ("machine,time,cpu,CPU使用率\na,b,c,d\n", 'read "cpu" (column C) and "CPU使用率" (column D), exp'),
        (COLUMNS, "no rows below the headings"),
        ("", "an empty file (0 bytes)"),
        ("\x00\x01", "a binary file"),
    ],
    ids=["near miss", "missing column", "no resource", "doubled heading", "no rows", "0 bytes", "binary"],
)  # fmt: skip
def test_a_file_without_the_needed_columns_says_what_it_has(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(tmp_path / "a.csv", text)


def test_a_directory_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="a directory"):
        usage(tmp_path)
    with pytest.raises(FileNotFoundError):
        usage(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("time", "moment"),
    [
        ("2026-07-01T08:00", JULY),
        ("2026-07-01 08:00:00", JULY),
        ("2026/7/1 8:00", JULY),
        ("2026年7月1日 8时00分", JULY),
        ("20260701080000", JULY),
        ("2026-07-01T00:00:00Z", JULY),
        ("2026-07-01T02:00:00+02:00", JULY),
        ("1782864000", JULY),
        ("1782864000000", JULY),
        ("1782864000000000", JULY),
        ("1782864000.25", JULY + timedelta(milliseconds=250)),
        ("2026-07-01T08:00:00.123456", JULY + timedelta(microseconds=123456)),
    ],
)
def test_a_time_is_read_alone_and_among_other_forms(tmp_path: Path, time: str, moment: datetime) -> None:
    alone = usage(tmp_path / "a.csv", f"{COLUMNS}a,{time},1,2,3\n")
    among = usage(tmp_path / "b.csv", f"{COLUMNS}a,{time},1,2,3\nb,2026年7月1日,1,2,3\na,1782864000,1,2,3\n")

    assert values(alone, "time") == [(moment,)]
    assert values(among, "time") == [(moment,), (JULY - timedelta(hours=8),), (JULY,)]


def test_times_with_and_without_offset_in_one_file_are_read_with_a_warning(tmp_path: Path) -> None:
    text = COLUMNS + "a,2026-07-01T08:00,1,2,3\nb,2026-07-01T00:00Z,1,2,3\n"
    file = usage(tmp_path / "a.csv", text, step=timedelta(minutes=5))

    assert values(file, "time") == [(JULY,), (JULY,)]
    assert file.warnings == ["times with and without offset; those without are read as Asia/Shanghai"]


def test_the_zone_in_the_heading_of_the_times_holds(tmp_path: Path) -> None:
    utc = usage(tmp_path / "a.csv", "云主机,时间(UTC),cpu\na,2026-07-01 00:00,1\n", BERLIN)
    beijing = usage(tmp_path / "b.csv", "云主机,时间（北京时间）,cpu\na,2026-07-01 08:00,1\n", BERLIN)

    assert values(utc, "time") == values(beijing, "time") == [(JULY,)]


def test_wall_clock_times_become_moments_as_the_single_reader_has_it() -> None:
    walls = [datetime(2026, month, day, hour, minute) for month, day in ((3, 29), (7, 1), (10, 25))  # noqa: DTZ001
             for hour in range(5) for minute in (0, 14, 15, 59)]  # fmt: skip
    micros = np.array([int(wall.replace(tzinfo=UTC).timestamp()) * 1_000_000 for wall in walls])
    found, bad = localised(micros, BERLIN)
    for wall, micro, wrong in zip(walls, found, bad, strict=True):
        try:
            expected: float | None = cells.at(wall, BERLIN).timestamp()
        except ValueError:
            expected = None

        assert (None if wrong else micro / 1e6) == expected, wall


def test_percents_with_a_sign_a_comma_or_missing_marks_are_understood(tmp_path: Path) -> None:
    text = COLUMNS + 'a,2026-07-01,12.5%,"12,5",-\nb,2026-07-01,１２．５％, 7 ,N/A\nc,2026-07-01,无,--,null\n'
    file = usage(tmp_path / "a.csv", text)

    assert values(file, "cpu", "memory", "disk") == [(12.5, 12.5, None), (12.5, 7, None), (None, None, None)]


def test_chinese_headings_units_and_sums_in_gb18030_are_understood(tmp_path: Path) -> None:
    text = (
        "某某云平台 2026年7月 监控报表;;;;;;;\n"
        "云主机名称;采集时间;CPU使用率（%）;内存利用率;硬盘使用率;网络流量(Mbps);CPU核数;内存大小(MB)\n"
        "web-01;2026/7/1 8:00;12,5;30%;40;0,008;8;16384\n"
        "小计;;12,5;;;;;\n"
        "合计：;;;;;;;\n"
        ";;;;;;;\n"
    )
    file = usage(tmp_path / "a.csv", text.encode("gb18030"))

    # 0.008 Mbps = 1000 B/s; 16384 MB = 16 GiB
    assert values(file, "machine", "time", "cpu", "memory", "disk", "network", "vcpus", "memory_bytes") == [
        ("web-01", JULY, 12.5, 30.0, 40.0, 1000.0, 8.0, 16 << 30)
    ]
    assert file.skipped == 2


def test_a_sum_in_the_first_column_of_a_row_without_machine_is_skipped(tmp_path: Path) -> None:
    file = usage(tmp_path / "a.csv", "序号,machine,time,cpu\n1,a,2026-07-01,5\n合计,,,5\n")

    assert (file.rows, file.skipped, file.machines) == (1, 1, ("a",))


def test_shares_in_a_text_are_read_as_percent_with_a_warning_and_as_shares_on_request(tmp_path: Path) -> None:
    text = COLUMNS + "a,2026-07-01,0.13,0,50%\nb,2026-07-01,0.5,1,60%\n"
    file = usage(tmp_path / "a.csv", text, step=timedelta(minutes=5))
    shares = usage(tmp_path / "a.csv", step=timedelta(minutes=5), ratio=True)
    silent = usage(tmp_path / "a.csv", step=timedelta(minutes=5), ratio=False)

    assert file.warnings == ["every value of cpu lies between 0 and 1; read as percent, not as shares"]
    assert values(file, "cpu", "memory", "disk") == [(pytest.approx(0.13), 0, 50), (0.5, 1, 60)]
    assert values(shares, "cpu", "memory", "disk") == [(13, 0, 50), (50, 100, 60)]
    assert silent.warnings == []


def workbook(path: Path, cpu: list[tuple[float, str | None]], heading: str = "cpu") -> Path:
    """A workbook with numbers in the given number formats."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("使用率")
        sheet.write_row(0, 0, ["machine", "time", heading])
        for row, (value, shown) in enumerate(cpu, 1):
            look = book.add_format({"num_format": shown}) if shown else None
            sheet.write_row(row, 0, ["web-01", 46204 + row / 288])
            sheet.write_number(row, 2, value, look)
    return path


@pytest.mark.parametrize("shown", ["0%", "0.00%", "0.0%;-0.0%", '0.0" "%'])
def test_a_number_shown_as_a_percent_is_one(tmp_path: Path, shown: str) -> None:
    file = usage(workbook(tmp_path / "a.xlsx", [(0.125, shown), (0.5, shown)]))

    # serial 46204 + 1/288 is 2026-07-01 00:05 in Shanghai
    assert values(file, "time", "cpu") == [
        (JULY + timedelta(hours=-8, minutes=5), 12.5),
        (JULY + timedelta(hours=-8, minutes=10), 50),
    ]


def test_a_number_with_a_percent_sign_that_is_only_text_in_its_format_is_refused_as_unclear(
    tmp_path: Path,
) -> None:
    path = workbook(tmp_path / "a.xlsx", [(0.13, '0.0"%"')])

    with pytest.raises(
        SheetError, match=r"使用率!C1 \(cpu\): --unit percent or --unit ratio: every value lies between"
    ):
        usage(path)
    assert values(usage(path, ratio=True), "cpu") == [(13,)]
    assert values(usage(path, ratio=False), "cpu") == [(pytest.approx(0.13),)]


def test_percents_with_and_without_the_format_in_one_column_are_each_taken_as_shown(tmp_path: Path) -> None:
    file = usage(workbook(tmp_path / "a.xlsx", [(0.125, "0.0%"), (25, None)]))

    assert values(file, "cpu") == [(12.5,), (25,)]


@pytest.mark.parametrize("cpu", [[0.0, 1.0], [0.5, 3.0]], ids=["only 0 and 1", "one above 1"])
def test_a_workbook_whose_numbers_cannot_be_shares_is_read_as_percent(
    tmp_path: Path, cpu: list[float]
) -> None:
    file = usage(workbook(tmp_path / "a.xlsx", [(value, None) for value in cpu]))

    assert values(file, "cpu") == [(value,) for value in cpu]


def test_a_sheet_of_a_cloud_with_merged_headings_dates_and_sums_is_understood(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        date = book.add_format({"num_format": "yyyy/m/d h:mm"})
        sheet = book.add_worksheet("7月")
        sheet.merge_range("A1:G1", "云主机资源使用情况")
        sheet.merge_range("A2:A3", "云主机名称")
        sheet.merge_range("B2:B3", "监控时间")
        sheet.merge_range("C2:E2", "使用率（%）")
        sheet.merge_range("F2:G2", "规格")
        sheet.write_row(2, 2, ["CPU", "内存", "磁盘", "CPU", "内存(GB)"])
        sheet.merge_range("A4:A5", "web-01")
        for row in (3, 4):
            sheet.write_datetime(row, 1, datetime(2026, 7, 1, 8, 5 * row), date)  # noqa: DTZ001
            sheet.write_row(row, 2, [10, "20%", 30, 8, 16])
        sheet.merge_range("A6:B6", "合计")
        sheet.write_row(5, 2, [10, 20, 30, 8, 16])
    file = usage(tmp_path / "a.xlsx")

    assert values(file, "machine", "time", "cpu", "memory", "disk", "vcpus", "memory_bytes", "step") == [
        ("web-01", JULY + timedelta(minutes=15), 10, 20, 30, 8, 16 << 30, 300),
        ("web-01", JULY + timedelta(minutes=20), 10, 20, 30, 8, 16 << 30, 300),
    ]
    assert file.skipped == 1


def test_a_bad_cell_of_a_workbook_is_named_by_its_address(tmp_path: Path) -> None:
    write_xlsx(
        tmp_path / "a.xlsx",
        "七月",
        ["machine", "time", "cpu"],
        [["web-01", datetime(2026, 7, 1), "12x"], [None, "soon", True]],  # noqa: DTZ001
    )
    with pytest.raises(SheetError) as caught:
        usage(tmp_path / "a.xlsx")

    assert str(caught.value) == (
        "a.xlsx: 4 problems\n"
        "七月!C2 (cpu): read '12x', expected a percent such as 12.5 or 12.5%\n"
        "七月!A3 (machine): a value; the cell is empty\n"
        f"七月!B3 (time): read 'soon', expected {cells.A_TIME}\n"
        "七月!C3 (cpu): read 'True', expected a percent such as 12.5 or 12.5%"
    )


def test_several_sheets_are_read_one_after_the_other(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        for name, machine in (("六月", "a"), ("七月", 1001)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["machine", "time", "cpu"])
            sheet.write_row(1, 0, [machine, "2026-07-01 08:00", 5])
        book.add_worksheet("说明").write_row(0, 0, ["x", "y"])
    file = usage(tmp_path / "a.xlsx", step=timedelta(minutes=5))

    assert values(file, "machine", "time") == [("a", JULY), ("1001", JULY)]
    assert file.warnings == ["sheet 说明 was not read"]


@pytest.mark.parametrize(
    ("times", "type_"),
    [
        ([1782864000, 1782864300], pa.int64()),
        ([1782864000.0, 1782864300.0], pa.float64()),
        ([1782864000_000, 1782864300_000], pa.timestamp("ms", "UTC")),
        ([1782864000, 1782864300], pa.timestamp("s", "America/New_York")),
        ([1782892800, 1782893100], pa.timestamp("s")),
        ([1782864000_000_000_000, 1782864300_000_000_000], pa.timestamp("ns", "UTC")),
        (["2026-07-01T08:00", "2026-07-01T08:05"], pa.large_string()),
    ],
    ids=["seconds", "float seconds", "ms", "other zone", "naive is local", "ns", "text"],
)
def test_parquet_is_read_with_every_kind_of_time(
    tmp_path: Path, times: list[Any], type_: pa.DataType
) -> None:
    machines = pa.array(["a", "a"]).dictionary_encode()
    cpu = pa.array([1.5, None], pa.float32())
    disk = pa.array([7, 8], pa.int16())
    pq.write_table(
        pa.table({"vm": machines, "ts": pa.array(times, type_), "cpu": cpu, "disk": disk}),
        tmp_path / "a.parquet",
    )
    file = usage(tmp_path / "a.parquet")

    assert values(file, "machine", "time", "cpu", "disk") == [
        ("a", JULY, 1.5, 7),
        ("a", JULY + timedelta(minutes=5), None, 8),
    ]


def test_bad_cells_of_parquet_are_named_by_row(tmp_path: Path) -> None:
    columns = {
        "machine": ["a", None, "c"],
        "time": pa.array([JULY, JULY, datetime(2027, 1, 1, tzinfo=UTC)], pa.timestamp("us", "UTC")),
        "cpu": ["1", "x", "3%"],
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    with pytest.raises(SheetError) as caught:
        usage(tmp_path / "a.parquet")
    said = str(caught.value)

    assert "row 2, column machine: a value; the cell is empty" in said
    assert "row 2, column cpu: read 'x', expected a percent" in said
    assert (
        "row 3, column time: read '2027-01-01 00:00:00.000000Z', expected a time that is not in the future"
        in said
    )


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"machine": ["a"], "time": [1], "cpu": [[1]]}, "column cpu of type list"),
        ({"machin": ["a"], "time": [1], "cpu": [1.0]}, 'did "machin" mean "machine"?'),
        ({"machine": ["a"], "time": [1], "cpu": [1.0], "CPU使用率": [1.0]}, "one column for cpu"),
    ],
)
def test_parquet_that_is_no_usage_file_is_refused(tmp_path: Path, columns: dict[str, Any], said: str) -> None:
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")

    with pytest.raises(SheetError) as caught:
        usage(tmp_path / "a.parquet")
    assert said in str(caught.value)


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"machine": ["a"], "time": [1], "cpu": [1.0]}), tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()

    assert "a damaged Parquet file" in refusal(tmp_path / "a.parquet", whole[: len(whole) // 2])


def spoiled(data: bytes, chance: random.Random) -> bytes:
    """The data with a few bytes changed, put in or taken out."""
    spoilt = bytearray(data)
    for _ in range(chance.choice([1, 2, 5])):
        at = chance.randrange(len(spoilt))
        kind = chance.randrange(3)
        if kind == 0:
            spoilt[at] = chance.randrange(256)
        elif kind == 1:
            spoilt[at:at] = bytes(chance.choices(b'0123456789<>"/=,;%\n\x00\xff- ', k=3))
        else:
            del spoilt[at : at + chance.randrange(1, 20)]
    return bytes(spoilt)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.parquet", "parts of a.xlsx"])
def test_a_spoiled_file_is_read_or_refused_but_never_breaks_the_reader(tmp_path: Path, name: str) -> None:
    path = tmp_path / name.rpartition(" ")[2]
    table: list[list[cells.Cell]] = [[f"m{i}", f"2026-07-01 {i:02d}:00", Percent(i / 100)] for i in range(20)]
    if path.suffix == ".parquet":
        pq.write_table(pa.table({"machine": ["a", "b"], "time": [0, 300], "cpu": [1.0, 2.0]}), path)
    elif path.suffix == ".csv":
        write_csv(path, ["machine", "time", "cpu"], table)
    else:
        write_xlsx(path, "data", ["machine", "time", "cpu"], table)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) if path.suffix == ".xlsx" else nullcontext() as book:
        parts = {part: book.read(part) for part in book.namelist()} if book else {}
    chance = random.Random(name)
    ends = {"read": 0, "refused": 0}
    for _ in range(150):
        if name.startswith("parts"):
            chosen = chance.choice(list(parts))
            with zipfile.ZipFile(path, "w") as out:
                for part, data in parts.items():
                    out.writestr(part, spoiled(data, chance) if part == chosen else data)
        else:
            path.write_bytes(spoiled(whole, chance))
        try:
            rows(usage(path))
            ends["read"] += 1
        except SheetError:
            ends["refused"] += 1

    assert ends["refused"] > 10, ends


def test_the_step_is_the_median_gap_to_the_minute_whatever_the_order(tmp_path: Path) -> None:
    at = {"a": [0, 298, 604, 900, 9000, 900], "b": [0, 10, 21], "c": [7], "d": [600, 0, 1800]}
    lines = [
        f"{machine},{1782864000 + second},1,2,3\n" for machine, seconds in at.items() for second in seconds
    ]
    file = usage(tmp_path / "a.csv", COLUMNS + "".join(reversed(lines)))

    # a: gaps 298 306 296 8100, median 302 -> 300; b: 10 11, less than a minute; d: 600 1200, median 900
    # c has one sample: the median of all gaps 10 11 296 298 306 600 1200 8100 is 302 -> 300
    assert file.steps == {"d": 900, "c": 300, "b": 60, "a": 300}


def test_a_given_step_holds_for_every_machine(tmp_path: Path) -> None:
    file = usage(
        tmp_path / "a.csv", f"{COLUMNS}a,0,1,2,3\na,60,1,2,3\nb,0,1,2,3\n", step=timedelta(minutes=10)
    )

    assert file.steps == {"a": 600, "b": 600}
    assert values(file, "step") == [(600,)] * 3


def test_machines_with_one_sample_each_get_five_minutes_and_a_warning(tmp_path: Path) -> None:
    file = usage(tmp_path / "a.csv", f"{COLUMNS}a,0,1,2,3\nb,0,1,2,3\n")

    assert file.steps == {"a": 300, "b": 300}
    assert file.warnings == ["no machine has two samples; a step of 300 s is assumed, --step sets another"]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5000)), max_size=60))
def test_steps_are_those_that_a_simple_reading_gives(samples: list[tuple[int, int]]) -> None:
    gaps = Gaps(1)
    for machine, second in samples:
        gaps.add(np.array([machine]), np.array([second * 1_000_000]))
    apart = {
        m: np.diff(sorted({second for machine, second in samples if machine == m})).tolist() for m in range(4)
    }
    every = [gap for gaps in apart.values() for gap in gaps]
    whole = float(np.median(every)) if every else 300.0

    assert gaps.steps("abcd") == {
        "abcd"[m]: max(60, int(float(np.median(own) if own else whole) / 60 + 0.5) * 60)
        for m, own in apart.items()
    }


def test_rows_keep_the_order_of_the_file_so_that_the_later_of_two_wins(tmp_path: Path) -> None:
    file = usage(tmp_path / "a.csv", f"{COLUMNS}a,60,1,2,3\nb,60,1,2,3\na,60,9,2,3\na,0,1,2,3\n")

    assert values(file, "machine", "cpu") == [("a", 1), ("b", 1), ("a", 9), ("a", 1)]


def test_a_file_that_changes_after_it_was_checked_is_not_read(tmp_path: Path) -> None:
    file = usage(tmp_path / "a.csv", f"{COLUMNS}a,60,1,2,3\n")
    (tmp_path / "a.csv").write_text(f"{COLUMNS}a,60,1,2,3\nb,60,1,2,3\n", "utf-8")

    with pytest.raises(SheetError, match="changed while it was read"):
        rows(file)


def test_progress_goes_up_to_the_end_over_both_passes(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    text = COLUMNS + "".join(f"m-{i % 50:04d},{1782000000 + i},{i % 100},50.25,3\n" for i in range(600_000))
    file = usage(tmp_path / "a.csv", text, progress=lambda done, total: seen.append((done, total)))
    taken = sum(batch.num_rows for batch in file.batches())

    assert taken == file.rows == 600_000
    assert len(seen) >= 4
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1]


def test_a_bad_cell_far_into_a_large_file_is_found_at_its_line(tmp_path: Path) -> None:
    lines = [f"m-{i % 50:04d},{1782000000 + i},{i % 100},50.25,3" for i in range(600_000)]
    lines[512_345] = "m-0001,1782000000,1,50..25,3"

    said = refusal(tmp_path / "a.csv", COLUMNS + "\n".join(lines))

    assert (
        said == "a.csv: line 512347, column memory: read '50..25', expected a percent such as 12.5 or 12.5%"
    )


MACHINE = st.text(st.sampled_from("ab-1=+云 _主@'\"，,;"), min_size=1, max_size=8).map(
    lambda text: "m" + cells.folded(text)
)
SAMPLE = st.tuples(
    MACHINE,
    st.integers(0, 5000).map(lambda minutes: JULY + timedelta(minutes=minutes)),
    *[st.none() | st.integers(0, 10000).map(lambda hundredths: hundredths / 100)] * 3,
    st.none() | st.integers(0, 10**9).map(float),
    st.none() | st.integers(1, 256).map(float),
)
WIDE = ["machine", "time", "cpu", "memory", "disk", "network", "vcpus"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(SAMPLE, min_size=1, max_size=12))
def test_the_same_samples_come_from_csv_xlsx_and_parquet(
    tmp_path: Path, table: list[tuple[Any, ...]]
) -> None:
    shares = [(*r[:2], *(None if v is None else Percent(v / 100) for v in r[2:5]), *r[5:]) for r in table]
    write_csv(tmp_path / "a.csv", WIDE, table)
    write_xlsx(tmp_path / "a.xlsx", "data", WIDE, shares)
    pq.write_table(
        pa.table({name: [r[i] for r in table] for i, name in enumerate(WIDE)}), tmp_path / "a.parquet"
    )
    expected = [
        (r[0], r[1], *(None if v is None else pytest.approx(v, abs=1e-4) for v in r[2:5]), *r[5:])
        for r in table
    ]
    for name in ("a.csv", "a.xlsx", "a.parquet"):
        file = usage(tmp_path / name, ratio=False)

        assert values(file, *WIDE) == expected, name
        assert file.invalid == 0


def test_real_measurements_are_read_as_they_are(shared: Path, tmp_path: Path) -> None:
    frame = pq.read_table(
        shared / "data" / "1_fleet_mem" / "alibaba2018_16m.parquet", columns=["vm", "ts", "mem_pct"]
    )
    pq.write_table(frame.rename_columns(["vm", "ts", "memory"]), tmp_path / "a.parquet")
    file = usage(tmp_path / "a.parquet")
    found = pa.concat_tables(file.batches())
    memory = frame["mem_pct"].to_numpy()

    assert found.num_rows == frame.num_rows == 54_679
    assert file.invalid == int(((memory < 0) | (np.rint(memory * 100.0) / 100.0 > 100)).sum())
    assert found["machine"].to_pylist() == frame["vm"].to_pylist()
    assert np.nansum(found["memory"].to_numpy()) == pytest.approx(
        float(memory[(memory >= 0) & (memory <= 100)].sum())
    )
