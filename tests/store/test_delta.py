"""The lake on disk: whole commits, the later sample, days that are folded again, two writers at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from store.day_samples import CROWD
from store.delta import STORED_DAYS, STORED_SAMPLES, Lake, LakeError, local_day, midnight
from store.lake import DAYS, SAMPLES
from store.layout import LakeFullError
from store.samples import samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.day_samples import DaySamples

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 21)
STORED = datetime(2026, 11, 22, 9, tzinfo=UTC)
OTHER = """
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo
sys.path.insert(0, sys.argv[2])
from test_delta import DAY, STORED, at, folded, rows_of
from store.delta import Lake
lake = Lake(Path(sys.argv[1]), ZoneInfo("Asia/Shanghai"))
"""
APPEND = (
    OTHER
    + """
for number in range(20):
    lake.append([at(60 * number, machine=sys.argv[3])], STORED)
"""
)
FOLD = (
    OTHER
    + """
for _ in range(20):
    for day in lake.pending(before=DAY + timedelta(days=1)):
        found = lake.tidy(day)
        lake.replace_day(day, folded(rows_of(found), day), found.fingerprint)
"""
)


def at(*seconds: float, machine: str = "web-1", cpu: float = 5.0, day: date = DAY) -> pa.Table:
    """Samples of a machine so many seconds after local midnight of a day."""
    times = [midnight(day, SHANGHAI) + timedelta(seconds=s) for s in seconds]
    count = len(times)
    columns = {"machine": [machine] * count, "time": times, "step": [300] * count, "cpu": np.full(count, cpu)}
    return samples(columns)[0]


def folded(rows: pa.Table, day: date) -> pa.Table:
    """A fold small enough to be read at a glance: known samples and mean, the rest unknown."""
    groups = rows.group_by("machine").aggregate([("cpu", "count"), ("cpu", "mean")]).sort_by("machine")
    count = len(groups)
    columns: dict[str, Any] = {field.name: pa.nulls(count, field.type) for field in DAYS}
    columns |= {"machine": groups["machine"], "day": pa.repeat(pa.scalar(day), count)}
    columns |= {"known": groups["cpu_count"].cast(pa.int32()), "cpu_mean": groups["cpu_mean"]}
    histogram = pa.array([[1] * 101] * count, DAYS.field("cpu_histogram").type)
    return pa.table({**columns, "cpu_histogram": histogram}).select(DAYS.names).cast(DAYS)


def rows_of(found: DaySamples) -> pa.Table:
    return pa.concat_tables(found.ranges())


def fold(lake: Lake, day: date = DAY) -> None:
    found = lake.tidy(day)
    lake.replace_day(day, folded(rows_of(found), day), found.fingerprint)


def every_day(lake: Lake) -> list[dict[str, Any]]:
    days = lake.days(DAY - timedelta(days=400), DAY, date.min, ("web-1", "web-2"))
    rows: list[dict[str, Any]] = days.to_pylist()
    return rows


def sample_files(lake: Lake) -> list[Path]:
    return sorted((lake.folder / "samples").glob("day=*/*.parquet"))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", SHANGHAI)


def test_a_lake_that_is_not_there_is_empty_and_is_not_made(lake: Lake) -> None:
    assert lake.samples(DAY).num_rows == 0
    assert (lake.pending(DAY), lake.sample_days(), lake.folded(), lake.newest()) == ([], [], {}, {})
    assert every_day(lake) == []
    lake.forget(DAY, DAY)
    assert not lake.folder.exists()


def test_samples_come_back_as_they_were_put_in(lake: Lake) -> None:
    first, second = at(0, 300, machine="b"), at(300, machine="a", cpu=7.25)
    lake.append([first, second], STORED)

    found = lake.samples(DAY)

    assert found.select(SAMPLES.names).cast(SAMPLES).to_pylist() == [*second.to_pylist(), *first.to_pylist()]
    assert sorted(found["stored"].unique().to_pylist()) == [STORED, STORED + timedelta.resolution]


def test_the_sample_stored_later_counts(lake: Lake) -> None:
    lake.append([at(0, 300, cpu=5.0)], STORED)
    lake.append([at(300, cpu=9.0)], STORED + timedelta(seconds=1))
    lake.append([at(0, cpu=1.0)], STORED - timedelta(days=1))

    assert lake.samples(DAY)["cpu"].to_pylist() == [5.0, 9.0]


def broken(rows: pa.Table) -> Iterator[pa.Table]:
    yield rows
    raise ConnectionResetError("the source went away")


def test_of_two_rows_of_one_file_the_later_counts(lake: Lake) -> None:
    twice = pa.concat_tables([at(0, cpu=9.0), at(0, cpu=5.0)])
    lake.append([twice, at(300, cpu=9.0), at(300, cpu=7.0)], STORED)

    assert lake.samples(DAY)["cpu"].to_pylist() == [5.0, 7.0]


def test_a_source_that_fails_half_way_leaves_nothing(lake: Lake) -> None:
    lake.append([at(0)], STORED)

    with pytest.raises(ConnectionResetError, match="the source went away"):
        lake.append(broken(at(300, day=DAY - timedelta(days=1))), STORED)
    assert lake.sample_days() == [DAY]
    assert lake.samples(DAY).num_rows == 1


def test_a_source_that_fails_at_once_leaves_an_empty_lake(lake: Lake) -> None:
    with pytest.raises(ConnectionResetError):
        lake.append(broken(at(300)), STORED)

    assert (lake.sample_days(), lake.pending(DAY + timedelta(days=1)), lake.newest()) == ([], [], {})
    lake.append([at(0)], STORED)
    assert lake.samples(DAY).num_rows == 1


def test_no_samples_are_added_without_harm(lake: Lake) -> None:
    lake.append([], STORED)
    lake.append([at()], STORED)

    assert lake.sample_days() == []


def test_a_time_without_its_zone_is_refused(lake: Lake) -> None:
    with pytest.raises(ValueError, match="a time with its zone"):
        lake.append([at(0)], STORED.replace(tzinfo=None))


def test_a_day_is_pending_until_it_is_folded_and_again_when_late_samples_come(lake: Lake) -> None:
    lake.append([at(0, 300), at(0, day=DAY - timedelta(days=1))], STORED)
    assert lake.pending(DAY + timedelta(days=1)) == [DAY - timedelta(days=1), DAY]
    assert lake.pending(DAY) == [DAY - timedelta(days=1)], "the day itself is not over"

    fold(lake)
    assert lake.pending(DAY + timedelta(days=1)) == [DAY - timedelta(days=1)]

    lake.append([at(600, cpu=11.0)], STORED)
    assert lake.pending(DAY + timedelta(days=1)) == [DAY - timedelta(days=1), DAY]
    fold(lake)
    # (5 + 5 + 11) / 3
    assert every_day(lake)[0]["cpu_mean"] == 7.0
    assert lake.pending(DAY + timedelta(days=1)) == [DAY - timedelta(days=1)]


def test_a_day_folded_twice_gives_the_same_rows(lake: Lake) -> None:
    for second in (0, 300, 600):
        lake.append([at(second, machine="web-1", cpu=second / 10), at(second, machine="web-2")], STORED)
    fold(lake)
    first = every_day(lake)

    fold(lake)
    assert every_day(lake) == first
    lake.append([at(300, machine="web-1", cpu=30.0)], STORED)
    fold(lake)
    assert every_day(lake) == first, "the same sample once more is the same sample"
    assert [row["known"] for row in first] == [3, 3]


def test_folding_makes_one_sorted_file_of_a_day(lake: Lake) -> None:
    for second in (600, 0, 300):
        lake.append([at(second)], STORED)

    rows = rows_of(lake.tidy(DAY))

    assert len(lake.sample_files()[DAY]) == 1
    assert rows["time"].to_pylist() == sorted(rows["time"].to_pylist())
    assert rows.equals(lake.samples(DAY))


def crowded(lake: Lake, count: int = CROWD) -> None:
    """An open day of `count` appends of two machines, the second of them late and out of order."""
    for number in range(count):
        batch = pa.concat_tables([at(60.0 * number, machine="web-2"), at(300.0 * number)])
        lake.append([batch], STORED + timedelta(seconds=15 * number))


def test_many_small_files_of_an_open_day_are_joined_and_the_day_stays_the_same(lake: Lake) -> None:
    crowded(lake, CROWD - 1)
    before = lake.samples(DAY)

    assert not lake.gather(DAY)  # few as yet
    lake.append([at(0, cpu=7.0)], STORED + timedelta(hours=1))  # again, and stored later
    assert lake.gather(DAY)
    assert not lake.gather(DAY)
    live = lake.sample_files()[DAY]
    after = lake.samples(DAY)
    assert len(live) == 1
    assert after.slice(1) == before.slice(1)
    assert (before["cpu"][0].as_py(), after["cpu"][0].as_py()) == (5.0, 7.0)
    # machine by machine, so that a reader of some skips the others
    assert pq.read_table(lake.folder / "samples" / live[0])["machine"].to_pylist() == sorted(
        after["machine"].to_pylist()
    )


def test_what_was_joined_is_joined_again_with_what_came_later(lake: Lake) -> None:
    crowded(lake)
    lake.gather(DAY)
    for number in range(CROWD):
        lake.append([at(86_000.0 + number)], STORED + timedelta(hours=1, seconds=number))
    lake.gather(DAY)

    assert len(lake.sample_files()[DAY]) == 1
    assert lake.samples(DAY).num_rows == 3 * CROWD


def test_a_day_is_read_in_ranges_of_whole_machines(lake: Lake) -> None:
    machines = [f"web-{number}" for number in range(7)]
    for second in (600, 0, 300):
        lake.append([at(second, machine=machine) for machine in machines], STORED)
    found = lake.tidy(DAY)

    parts = [part["machine"].to_pylist() for part in found.ranges(size=5)]
    assert parts == [[m] * 3 + [n] * 3 for m, n in zip(machines[0:6:2], machines[1:6:2], strict=True)] + [
        ["web-6"] * 3
    ]
    assert pa.concat_tables(found.ranges(size=5)).equals(pa.concat_tables(found.ranges()))


def test_what_delta_remembers_of_commits_is_forgotten_after_a_day(lake: Lake) -> None:
    crowded(lake)
    lake.gather(DAY)
    log = lake.folder / "samples" / "_delta_log"
    earlier = (datetime.now(UTC) - timedelta(hours=25)).timestamp()
    for file in log.iterdir():
        os.utime(file, (earlier, earlier))
    lake.append([at(86_000.0)], STORED + timedelta(hours=1))
    before = lake.samples(DAY)

    lake.forget(DAY - timedelta(days=40), DAY - timedelta(days=400))

    assert len(list(log.glob("*.json"))) == 1
    assert lake.samples(DAY).equals(before)


JOIN = (
    OTHER
    + """
while True:
    for number in range(40):
        lake.append([at(number)], STORED + timedelta(seconds=number))
    lake.gather(DAY)
"""
)


@pytest.mark.parametrize("wait", [0.5, 1.0, 1.5, 2.0])
def test_a_joining_that_is_killed_loses_nothing(lake: Lake, wait: float) -> None:
    crowded(lake)
    whole = lake.samples(DAY).num_rows
    other = run(JOIN, lake)
    with pytest.raises(subprocess.TimeoutExpired):
        other.wait(wait + 1.0)
    other.kill()
    other.communicate()
    kept = lake.samples(DAY)

    assert kept.num_rows >= whole
    lake.append([at(0, machine="web-3")], STORED)
    lake.gather(DAY)
    assert lake.samples(DAY).num_rows == kept.num_rows + 1


def test_machines_whose_samples_are_gone_keep_their_folded_day(lake: Lake) -> None:
    lake.append([at(0, machine="web-1"), at(0, machine="web-2", cpu=50.0)], STORED)
    fold(lake)
    lake.forget(samples_before=DAY + timedelta(days=1), days_before=DAY - timedelta(days=400))
    assert lake.sample_days() == []

    # Long after, the history of one machine is imported once more.
    lake.append([at(0, 300, machine="web-1", cpu=20.0)], STORED)
    fold(lake)

    assert [(row["machine"], row["cpu_mean"]) for row in every_day(lake)] == [
        ("web-1", 20.0),
        ("web-2", 50.0),
    ]


@pytest.mark.parametrize(("dropped", "known"), [(True, 3), (False, 1)], ids=["dropped", "still there"])
def test_a_late_sample_makes_no_day_poorer_whose_samples_were_dropped(
    lake: Lake, dropped: bool, known: int
) -> None:
    lake.replace_day(DAY, folded(at(0, 300, 600), DAY), "as measured")
    lake.replace_day(DAY, folded(at(900), DAY), "one late sample", dropped=dropped)

    days = lake.days(DAY, DAY, DAY, ["web-1"])
    assert days["known"].to_pylist() == [known]


def test_what_is_older_than_it_is_kept_is_forgotten(lake: Lake) -> None:
    days = [DAY - timedelta(days=n) for n in range(4)]
    lake.append([at(0, day=day) for day in days], STORED)
    for day in days:
        fold(lake, day)

    lake.forget(samples_before=DAY - timedelta(days=1), days_before=DAY - timedelta(days=2))

    assert lake.sample_days() == [DAY - timedelta(days=1), DAY]
    assert [row["day"] for row in every_day(lake)] == [DAY - timedelta(days=n) for n in (2, 1, 0)]
    assert lake.pending(DAY + timedelta(days=1)) == []
    lake.forget(samples_before=DAY - timedelta(days=1), days_before=DAY - timedelta(days=2))


def test_a_lake_whose_every_day_is_forgotten_goes_on(lake: Lake) -> None:
    lake.append([at(0)], STORED)
    fold(lake)
    lake.forget(DAY + timedelta(days=1), DAY + timedelta(days=1))

    assert (lake.pending(DAY), lake.folded(), lake.newest(), every_day(lake)) == ([], {}, {}, [])
    lake.append([at(0)], STORED)
    assert lake.pending(DAY + timedelta(days=1)) == [DAY]


def test_files_that_nobody_reads_any_more_go_after_a_day(lake: Lake) -> None:
    for second in (0, 300):
        lake.append([at(second)], STORED)
    lake.tidy(DAY)
    assert len(sample_files(lake)) == 3, "two that were replaced, and the one in their place"

    lake.forget(DAY, DAY)
    assert len(sample_files(lake)) == 3, "a reader may still have them open"
    aged(lake, hours=25)
    lake.forget(DAY, DAY)

    assert len(sample_files(lake)) == 1
    assert lake.samples(DAY).num_rows == 2


def aged(lake: Lake, hours: int) -> None:
    """As if all that the table's log tells had happened so many hours ago."""
    for entry in (lake.folder / "samples/_delta_log").glob("*.checkpoint.parquet"):
        entry.unlink()
    (lake.folder / "samples/_delta_log/_last_checkpoint").unlink(missing_ok=True)
    for entry in (lake.folder / "samples/_delta_log").glob("*.json"):
        lines = [json.loads(line) for line in entry.read_text().splitlines()]
        for line in lines:
            if "remove" in line:
                line["remove"]["deletionTimestamp"] -= hours * 3_600_000
        entry.write_text("\n".join(json.dumps(line) for line in lines))


def test_the_newest_sample_of_each_machine_is_known(lake: Lake) -> None:
    lake.append(
        [at(0, 600, machine="a"), at(300, machine="b"), at(0, machine="c", day=DAY - timedelta(days=1))],
        STORED,
    )

    assert lake.newest() == {
        "a": midnight(DAY, SHANGHAI) + timedelta(seconds=600),
        "b": midnight(DAY, SHANGHAI) + timedelta(seconds=300),
        "c": midnight(DAY - timedelta(days=1), SHANGHAI),
    }


def test_histograms_are_read_only_where_they_are_asked_for(lake: Lake) -> None:
    days = [DAY - timedelta(days=n) for n in (2, 1, 0)]
    lake.append([at(0, day=day) for day in days], STORED)
    for day in days:
        fold(lake, day)

    found = lake.days(days[0], DAY, DAY, ["web-1"])

    assert found.schema == DAYS
    histograms = {row["day"]: row["cpu_histogram"] for row in found.to_pylist()}
    assert histograms == {days[0]: None, days[1]: None, days[2]: [1] * 101}
    assert lake.machine("web-1", days[1], DAY)["day"].to_pylist() == days[1:]
    assert lake.machine("nobody", days[0], DAY).num_rows == 0


# ---- local days


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Asia/Shanghai", "2026-11-21T15:59:59.999999", date(2026, 11, 21)),
        ("Asia/Shanghai", "2026-11-21T16:00:00", date(2026, 11, 22)),
        # New York leaves summer time on 2026-11-01: that day lasts from 04:00 to 05:00 UTC of the next.
        ("America/New_York", "2026-11-01T03:59:59", date(2026, 10, 31)),
        ("America/New_York", "2026-11-01T04:00:00", date(2026, 11, 1)),
        ("America/New_York", "2026-11-01T05:30:00", date(2026, 11, 1)),  # 01:30, the first
        ("America/New_York", "2026-11-01T06:30:00", date(2026, 11, 1)),  # 01:30, the second
        ("America/New_York", "2026-11-02T04:59:59", date(2026, 11, 1)),
        ("America/New_York", "2026-11-02T05:00:00", date(2026, 11, 2)),
        # Helsinki: summer time begins on 2026-03-29; days begin at 22:00 UTC before and 21:00 UTC after.
        ("Europe/Helsinki", "2026-03-28T22:00:00", date(2026, 3, 29)),
        ("Europe/Helsinki", "2026-03-29T20:59:59", date(2026, 3, 29)),
        ("Europe/Helsinki", "2026-03-29T21:00:00", date(2026, 3, 30)),
        # Lord Howe's summer time is half an hour.
        ("Australia/Lord_Howe", "2026-04-04T13:29:59", date(2026, 4, 5)),
    ],
)
def test_a_sample_lies_in_its_local_day(tmp_path: Path, zone: str, moment: str, day: date) -> None:
    lake = Lake(tmp_path / "lake", ZoneInfo(zone))
    time = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    table, _ = samples({"machine": ["m"], "time": [time], "step": [60], "cpu": [1.0]})
    lake.append([table], STORED)

    assert lake.sample_days() == [day]
    assert lake.samples(day)["time"].to_pylist() == [time]
    assert local_day(time, lake.zone) == day
    assert midnight(day, lake.zone) <= time < midnight(day + timedelta(days=1), lake.zone)


# ---- others at the same files


def run(program: str, lake: Lake, machine: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, str(lake.folder), str(Path(__file__).parent), machine]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def test_samples_that_come_while_a_day_is_folded_are_never_lost(lake: Lake) -> None:
    lake.append([at(86_000)], STORED)
    others = [run(APPEND, lake, "web-1"), run(APPEND, lake, "web-2"), run(FOLD, lake)]

    errors = [other.communicate(timeout=60)[1] for other in others]
    assert [other.returncode for other in others] == [0, 0, 0], errors

    fold(lake)
    # web-1: the first sample and 20 more; web-2: 20
    assert [(row["machine"], row["known"]) for row in every_day(lake)] == [("web-1", 21), ("web-2", 20)]
    assert lake.pending(DAY + timedelta(days=1)) == []


def test_a_tidying_that_is_overtaken_loses_nothing_and_leaves_the_day_pending(lake: Lake) -> None:
    for second in (0, 300):
        lake.append([at(second)], STORED)

    seconds = iter((600, 900))  # looked at for small files, and then read

    class Overtaken(Lake):
        """Another writer is faster, between what is read and what is written."""

        def opened(self, folder: Path) -> Any:
            table = super().opened(folder)
            lake.append([at(next(seconds))], STORED)
            return table

    found = Overtaken(lake.folder, SHANGHAI).tidy(DAY)
    rows = rows_of(found)
    lake.replace_day(DAY, folded(rows, DAY), found.fingerprint)

    assert rows.num_rows == 3
    assert lake.pending(DAY + timedelta(days=1)) == [DAY]
    fold(lake)
    assert [row["known"] for row in every_day(lake)] == [4]
    assert lake.pending(DAY + timedelta(days=1)) == []


def test_an_append_that_lasts_is_not_refused_by_a_tidying_or_a_forgetting_meanwhile(lake: Lake) -> None:
    old = DAY - timedelta(days=1)
    lake.append([at(0, day=old), at(0)], STORED)
    lake.append([at(300)], STORED)

    def slow() -> Iterator[pa.Table]:
        yield at(600)
        meanwhile = run(FOLD + "lake.forget(DAY, DAY)\n", lake)
        assert meanwhile.communicate(timeout=60)[1] == ""
        yield at(900)

    lake.append(slow(), STORED)

    assert lake.samples(DAY).num_rows == 4
    assert lake.sample_days() == [old, DAY]
    fold(lake)
    lake.forget(DAY, DAY)
    assert [row["known"] for row in every_day(lake)] == [4]
    assert lake.sample_days() == [DAY]


def test_a_reader_keeps_its_snapshot_while_others_write(lake: Lake) -> None:
    for second in (0, 300):
        lake.append([at(second)], STORED)
    table = lake.opened(lake.samples_dir)
    assert table is not None

    lake.append([at(600)], STORED)
    lake.tidy(DAY)
    lake.forget(DAY + timedelta(days=1), DAY)

    assert table.to_pyarrow_dataset().to_table().num_rows == 2
    assert lake.samples(DAY).num_rows == 0


def test_four_processes_begin_one_lake(lake: Lake) -> None:
    others = [run(APPEND.replace("20", "2"), lake, f"m{number}") for number in range(4)]

    errors = [other.communicate(timeout=60)[1] for other in others]

    assert [other.returncode for other in others] == [0] * 4, errors
    assert lake.samples(DAY).num_rows == 8


# ---- other programs, and lakes that are not ours


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_disk_without_room_is_named_before_anything_is_written(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", small], check=False).returncode:
        pytest.skip("this root may not mount a small disk")
    try:
        with pytest.raises(LakeFullError, match="only 4 MiB are free"):
            Lake(small, SHANGHAI).append([at(0)], STORED)

        assert not list(small.rglob("*.parquet"))
    finally:
        subprocess.run(["umount", small], check=True)


def test_any_parquet_reader_understands_the_files(lake: Lake) -> None:
    lake.append([at(0, 300)], STORED)
    fold(lake)

    read = pq.read_table(sample_files(lake)[0], partitioning=None)
    assert {name: read.schema.field(name).type for name in SAMPLES.names} == {f.name: f.type for f in SAMPLES}
    assert read.schema.names == [name for name in STORED_SAMPLES.names if name != "day"]

    plain = ds.dataset(lake.folder / "days", partitioning="hive", exclude_invalid_files=True).to_table()
    assert set(plain.schema.names) == set(STORED_DAYS.names)
    assert plain["cpu_mean"].to_pylist() == [5.0]
    assert plain["cpu_histogram"].to_pylist() == [[1] * 101]


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (
            '{"layout": 2, "zone": "Asia/Shanghai"}',
            "has layout 2, this program knows layout 1",
        ),
        ('{"layout": 1, "zone": "UTC"}', "is divided into days of UTC, the settings say Asia/Shanghai"),
        ("", "layout.json cannot be read"),
    ],
    ids=["newer", "other zone", "empty"],
)
def test_a_lake_that_this_program_does_not_understand_is_refused(lake: Lake, mark: str, said: str) -> None:
    lake.append([at(0)], STORED)
    (lake.folder / "layout.json").write_text(mark)

    for use in (
        lambda: lake.append([at(0)], STORED),
        lambda: lake.samples(DAY),
        lambda: lake.pending(DAY),
        lambda: every_day(lake),
        lambda: lake.forget(DAY, DAY),
        lambda: fold(lake),
    ):
        with pytest.raises(LakeError, match=said):
            use()


def test_a_damaged_log_is_named(lake: Lake) -> None:
    lake.append([at(0)], STORED)
    for entry in (lake.folder / "samples/_delta_log").glob("*.json"):
        entry.write_text('{"commitInfo": {')

    with pytest.raises(LakeError, match="restore it from a backup"):
        lake.samples(DAY)
