"""Usage files: the history that a cloud operator hands over, as .csv, .xlsx or .parquet.

A file is read twice: the first pass checks every cell and learns each machine's step, the second yields
samples. Columns: machine, time, and at least one of cpu, memory, disk (percent 0..100); network, vcpus,
memory_gib and disk_gib may follow. Empty is missing. The order of the rows does not matter; of two rows with
the same machine and time the later one wins, because the lake keeps what comes last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from collectors.usage_block import Checked, Reading, check
from collectors.usage_columns import PERCENTS, USAGE
from collectors.usage_source import Source, open_source
from collectors.usage_step import UNKNOWN, Gaps
from store.samples import percent, rate, samples
from store.sheet_error import CellProblem, Problems, SheetError, file_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, timedelta
    from pathlib import Path
    from zoneinfo import ZoneInfo

    Progress = Callable[[int, int], None]


ROOM = 50_000_000  # samples for which there is room from the start; a damaged file may claim any number


@dataclass(frozen=True, slots=True)
class UsageFile:
    """A checked usage file.

    `machines`: their names, in the file's order. `steps`: seconds between samples by machine. `rows`: how
    many samples `batches` yields. `invalid`: values outside of their range, which become unknown. `skipped`:
    rows of sums. `problems`: bad cells, whose rows are left out (the first thousand of `problem_count`).
    """

    machines: tuple[str, ...]
    steps: dict[str, int]
    rows: int
    invalid: int
    skipped: int
    problems: list[CellProblem]
    problem_count: int
    warnings: list[str]
    source: Source = field(repr=False)
    reading: Reading = field(repr=False)
    progress: Progress | None = field(repr=False)
    stamp: tuple[int, int] = field(repr=False)

    def batches(self) -> Iterator[pa.Table]:
        """The samples (schema store.lake.SAMPLES) in the order of the file, in tables of bounded size.

        Raises SheetError when the file has changed since it was checked.
        """
        if stamp(self.source.path) != self.stamp:
            raise file_error(
                self.source.path, "a file that changed while it was read", "one that stays the same"
            )
        done = total = self.source.total
        report = self.progress or (lambda _done, _total: None)
        for block in self.source.blocks():
            yield table(check(block, self.reading), self.steps)
            done += len(block.rows)
            report(min(done, 2 * total - 1), 2 * total)
        report(2 * total, 2 * total)


def read_usage(
    path: Path,
    zone: ZoneInfo,
    step: timedelta | None,
    now: datetime,
    *,
    partial: bool = False,
    ratio: bool | None = None,
    progress: Progress | None = None,
) -> UsageFile:
    """Checks a usage file; `batches` of what comes back yields its samples.

    `zone`: of times without offset. `step`: between samples, else the median gap of each machine. `partial`:
    leave rows with bad cells out instead of refusing the file. `ratio`: True when bare percents are shares
    (0.125), False when they are not, None to refuse a workbook where that is unclear. `progress` gets rows
    done and rows to do, over both passes. Raises SheetError naming every bad cell, OSError when the file
    cannot be read.
    """
    source = open_source(path, USAGE)
    for found in source.tables:
        if not any(column in found.layout.columns for column in PERCENTS):
            names = ", ".join(heading for heading in found.layout.headings if heading)
            raise file_error(path, f"the columns {names}", "at least one of cpu, memory, disk")
    mark = stamp(path)
    reading = Reading(zone, now, ratio)
    survey = Survey(source, reading, None if step is None else int(step.total_seconds()))
    for block in source.blocks():
        survey.add(check(block, reading))
        if progress is not None:
            progress(min(survey.seen, source.total), 2 * source.total)
    survey.finish(partial=partial)
    return UsageFile(
        tuple(survey.machines),
        survey.steps(),
        survey.rows,
        survey.invalid,
        survey.skipped,
        survey.problems.kept,
        survey.problems.count,
        survey.warnings,
        source,
        reading,
        progress,
        mark,
    )


def stamp(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_size, state.st_mtime_ns


class Survey:
    """What the first pass learns of a file, block by block."""

    def __init__(self, source: Source, reading: Reading, step: int | None) -> None:
        self.source = source
        self.reading = reading
        self.step = step
        self.machines: dict[str, int] = {}
        self.gaps = Gaps(min(source.total, ROOM) if step is None else 1)
        self.problems = Problems(source.path)
        self.warnings: list[str] = [f"sheet {name} was not read" for name in unread(source)]
        self.seen = self.rows = self.invalid = self.skipped = 0
        self.bare = self.aware = False
        self.outside: set[str] = set()
        self.inside: set[str] = set()

    def add(self, checked: Checked) -> None:
        self.seen += len(checked.good)
        self.rows += int(checked.good.sum())
        self.skipped += checked.skipped
        self.bare, self.aware = self.bare or checked.times.bare, self.aware or checked.times.aware
        checked.report(self.problems)
        self.invalid += sum(
            invalid(name, found.values[checked.good]) for name, found in checked.numbers.items()
        )
        for name in PERCENTS:
            self.look(name, checked)
        codes = checked.codes[checked.good]
        places = np.zeros(len(checked.names), dtype=np.int64)
        for code in np.unique(codes):
            places[code] = self.machines.setdefault(checked.names[code] or "", len(self.machines))
        if self.step is None:
            self.gaps.add(places[codes], checked.times.micros[checked.good])

    def look(self, name: str, checked: Checked) -> None:
        """Whether the bare numbers of a column could be shares: all in 0..1, some of them between."""
        if name in checked.numbers:
            found = checked.numbers[name]
            values = found.raw[checked.good & ~found.final]
            values = values[~np.isnan(values)]
            if ((values < 0) | (values > 1)).any():
                self.outside.add(name)
            if ((values > 0) & (values < 1)).any():
                self.inside.add(name)

    def finish(self, *, partial: bool) -> None:
        """Raises SheetError for bad cells (unless `partial`), unclear shares or a file without rows."""
        if not partial:
            self.problems.refuse()
        if not self.rows and not self.problems.count:
            raise file_error(self.source.path, "no rows below the headings", "samples")
        unclear = sorted(self.inside - self.outside) if self.reading.ratio is None else []
        if unclear and self.source.kind == "xlsx":
            expected = "--unit percent or --unit ratio: every value lies between 0 and 1, which may be either"
            raise SheetError(
                self.source.path, [heading_problem(self.source, name, expected) for name in unclear]
            )
        for name in unclear:
            self.warnings.append(
                f"every value of {name} lies between 0 and 1; read as percent, not as shares"
            )
        if self.bare and self.aware:
            self.warnings.append(
                f"times with and without offset; those without are read as {self.reading.zone.key}"
            )

    def steps(self) -> dict[str, int]:
        names = list(self.machines)
        if self.step is not None:
            return dict.fromkeys(names, self.step)
        found = self.gaps.steps(names)
        if names and not self.gaps.known:
            self.warnings.append(
                f"no machine has two samples; a step of {UNKNOWN} s is assumed, --step sets another"
            )
        return found


def unread(source: Source) -> tuple[str, ...]:
    return next((getattr(found, "unread", ()) for found in source.tables), ())


def heading_problem(source: Source, name: str, expected: str) -> CellProblem:
    found = next(found for found in source.tables if name in found.layout.columns)
    return found.problem(found.layout.heading + 1, name, None, expected)


def invalid(name: str, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> int:
    """How many values the one validation of values (store.samples) will leave out."""
    if name in PERCENTS:
        return percent(values, clamp=name == "cpu")[1]
    return rate(values)[1] if name == "network" else 0


def table(checked: Checked, steps: dict[str, int]) -> pa.Table:
    """The good rows of a block as samples."""
    names = pa.array(checked.names, pa.string())
    codes = checked.codes[checked.good]
    step = np.array([steps.get(name or "", UNKNOWN) for name in checked.names], dtype=np.int32)
    columns: dict[str, Any] = {
        "machine": names.take(pa.array(codes)),
        "time": pa.array(checked.times.micros[checked.good]).cast(pa.timestamp("us", "UTC")),
        "step": step[codes],
    }
    for name, found in checked.numbers.items():
        columns[name.replace("_gib", "_bytes")] = found.values[checked.good]
    return samples(columns)[0]
