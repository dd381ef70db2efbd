"""The samples of one local day, as one snapshot of the lake has them, read in ranges of machines: a day of
any size takes the same memory.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from store.lake import latest
from store.partition import dataset_of, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from deltalake import DeltaTable

RANGE = 500_000  # samples read at once: some 250 MB at their dearest
FEW = 65_536  # samples: a file of fewer is small
CROWD = 32  # small files that are worth joining while their day goes on
MANY = 500  # small files that are joined before a day is read range by range
READ_AHEAD = {"batch_size": 16_384, "batch_readahead": 4, "fragment_readahead": 2}


@dataclass(frozen=True, slots=True)
class DaySamples:
    """`files` as the snapshot names them; `dataset` reads them."""

    files: Sequence[str]
    dataset: ds.Dataset

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.files)

    def ranges(self, size: int = RANGE) -> Iterator[pa.Table]:
        """The samples (schema SAMPLES and `stored`, `day`), each (machine, time) once, in that order; whole
        machines, about `size` rows at a time.
        """
        for first, last in self.bounds(size):
            among = (ds.field("machine") >= first) & (ds.field("machine") <= last)
            yield latest(self.dataset.to_table(filter=among, **READ_AHEAD))

    def batches(self) -> Iterator[pa.RecordBatch]:
        for table in self.ranges():
            yield from table.to_batches()

    def bounds(self, size: int) -> Iterator[tuple[str, str]]:
        """The first and the last machine of each range."""
        first, rows = None, 0
        for machine, count in sorted(self.counted().items()):
            first, rows = first or machine, rows + count
            if rows >= size:
                yield first, machine
                first, rows = None, 0
        if first is not None:
            yield first, machine

    def counted(self) -> Counter[str]:
        """Samples of each machine, those that were stored twice included."""
        found: Counter[str] = Counter()
        for batch in self.dataset.to_batches(columns=["machine"], **READ_AHEAD):
            counts = pc.value_counts(batch["machine"])
            found.update(dict(zip(counts.field(0).to_pylist(), counts.field(1).to_pylist(), strict=True)))
        return found


@dataclass(frozen=True, slots=True)
class Span:
    """When samples were stored: from `since` on, and before `until`."""

    since: datetime
    until: datetime

    @property
    def rows(self) -> ds.Expression:
        return (ds.field("stored") >= self.since) & (ds.field("stored") < self.until)

    @property
    def sql(self) -> str:
        return f"stored >= '{self.since.isoformat()}' AND stored < '{self.until.isoformat()}'"


def samples_of(table: DeltaTable, day: date, files: Sequence[str], span: Span | None = None) -> DaySamples:
    """A local day's samples, or those of them that were stored in the span."""
    dataset = dataset_of(table, day)
    return DaySamples(files, dataset if span is None else dataset.filter(span.rows))


def crowd(table: DeltaTable, day: date, least: int) -> Span | None:
    """The span of the oldest small files of a day, as many as are read at once; None when there are fewer
    than `least`.
    """
    files = pa.table(table.get_add_actions(flatten=True))
    small = files.filter(pc.and_(pc.equal(files["partition.day"], day), pc.less(files["num_records"], FEW)))
    if small.num_rows < least:
        return None
    oldest = small.sort_by("min.stored")
    count = max(CROWD, pc.sum(pc.less(pc.cumulative_sum(oldest["num_records"]), RANGE)).as_py())
    newest = pc.max(oldest.slice(0, count)["max.stored"]).as_py()
    # What Delta keeps of a file are milliseconds.
    return Span(oldest["min.stored"][0].as_py(), newest + timedelta(milliseconds=1))
