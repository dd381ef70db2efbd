"""The lake's Delta tables on disk: appending samples, replacing whole days, reading snapshots.

A writer never changes a row in place: samples are appended in one commit, days are replaced whole. Which days
still have to be folded is read off the files: a day's rows carry the fingerprint of the sample files that
they were made of.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from store.advice import RESTORE
from store.commit import Source, again_if_overtaken, alone, beside_others
from store.day_samples import CROWD, MANY, DaySamples, crowd, samples_of
from store.lake import DAYS, SAMPLES, last_rows, latest
from store.layout import LakeError as LakeError  # noqa: PLC0414  read from here by all who use the lake
from store.layout import LakeFullError, known, mark, room
from store.parquet import DAYS_WRITER, JOINED_WRITER, SHORT_MEMORY, WRITER
from store.partition import between, dataset_of, files_by_day, fingerprint, merged, of_day, weight, zeros

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from deltalake import WriterProperties

UNREAD_HOURS = 24  # a file that was replaced is kept so long for readers that still have it open
STORED_SAMPLES = pa.schema([*SAMPLES, ("stored", pa.timestamp("us", tz="UTC")), ("day", pa.date32())])
STORED_DAYS = pa.schema([*DAYS, ("folded_from", pa.string())])
# What a judgement asks of days before every rule's window: peaks, sizes, and that there was something.
LASTING = [
    *("machine", "day", "expected", "known", "cpu_peak", "memory_peak"),
    *("vcpus", "memory_bytes", "disk_bytes"),
]


@dataclass(frozen=True, slots=True)
class Lake:
    """The measurements under `folder`; `zone` says where a local day begins."""

    folder: Path
    zone: ZoneInfo

    def append(self, batches: Iterable[pa.Table], stored: datetime) -> None:
        """Adds samples (schema SAMPLES, any days, any order) in one commit: all of them or none.

        `stored` (aware) decides between two samples of one machine and time: the one stored later counts,
        of two in `batches` the later row.
        What `batches` raises comes out as it is.
        """
        if stored.tzinfo is None:
            raise ValueError(f"a time with its zone, not {stored!r}")
        self.prepare()
        room(self.folder)
        source = Source(self.stamped(batches, stored))
        try:
            with beside_others(self.folder):
                write_deltalake(
                    self.samples_dir,
                    pa.RecordBatchReader.from_batches(STORED_SAMPLES, source),
                    mode="append",
                    writer_properties=WRITER,
                )
        except DeltaError as error:
            if source.failure is not None:
                raise source.failure from None
            full = "No space left" in str(error)
            kind, advice = (LakeFullError, "; make room and run it again") if full else (LakeError, "")
            raise kind(f"cannot add samples to {self.samples_dir}: {error}{advice}") from error

    def stamped(self, batches: Iterable[pa.Table], stored: datetime) -> Iterator[pa.RecordBatch]:
        """With the local day and when it was stored: a later row counts as stored later, also within one
        append.
        """
        for number, batch in enumerate(batches):
            samples = last_rows(batch)
            local = samples["time"].cast(pa.timestamp("us", tz=str(self.zone)))
            moment = pa.array([stored + number * timedelta.resolution], STORED_SAMPLES.field("stored").type)
            whole = samples.append_column("stored", moment.take(zeros(samples))).append_column(
                "day", pc.local_timestamp(local).cast(pa.date32())
            )
            yield from whole.cast(STORED_SAMPLES).to_batches()

    def samples(self, day: date) -> pa.Table:
        """The samples of a local day, each (machine, time) once, in that order."""
        table = self.opened(self.samples_dir)
        if table is None:
            return STORED_SAMPLES.empty_table()
        return latest(of_day(table, day, STORED_SAMPLES.names))

    def pending(self, before: date) -> list[date]:
        """Local days before `before` whose samples changed since they were folded, oldest first."""
        folded = self.folded()
        return sorted(
            day
            for day, files in self.sample_files().items()
            if day < before and folded.get(day) != fingerprint(files)
        )

    def scattered(self, before: date) -> list[date]:
        """Local days before `before` whose samples lie in several files."""
        return sorted(day for day, files in self.sample_files().items() if day < before and len(files) > 1)

    def sample_days(self) -> list[date]:
        return sorted(self.sample_files())

    def sample_files(self) -> dict[date, list[str]]:
        table = self.opened(self.samples_dir)
        return {} if table is None else files_by_day(table)

    def folded(self) -> dict[date, str]:
        """Local day -> fingerprint of the sample files that its rows were made of."""
        table = self.opened(self.days_dir)
        if table is None:
            return {}
        actions = pa.table(table.get_add_actions(flatten=True))
        if actions.num_rows == 0:
            return {}
        pairs = zip(actions["partition.day"].to_pylist(), actions["min.folded_from"].to_pylist(), strict=True)
        return dict(pairs)

    def tidy(self, day: date) -> DaySamples:
        """A day's samples; several files of a day become one, sorted, without doubles. When samples come in
        between the files stay as they are, and the day stays pending; while somebody appends they stay as
        they are too.
        """
        while self.gather(day, MANY):
            pass
        table = self.opened(self.samples_dir)
        if table is None:
            return DaySamples([], ds.dataset(STORED_SAMPLES.empty_table()))
        files = files_by_day(table).get(day, [])
        found = samples_of(table, day, files)
        if len(files) > 1 and self.rewritten(table, found, f"day = '{day}'", WRITER):
            found = samples_of(table, day, files_by_day(table).get(day, []))
        return found

    def gather(self, day: date, least: int = CROWD) -> bool:
        """Joins small files of a day, as many as are read at once, when there are at least so many: the more
        files, the dearer every append and every reading. False: there are fewer, or somebody appends.
        """
        table = self.opened(self.samples_dir)
        span = crowd(table, day, least) if table is not None else None
        if table is None or span is None:
            return False
        where = f"day = '{day}' AND {span.sql}"
        return self.rewritten(table, samples_of(table, day, [], span), where, JOINED_WRITER)

    def rewritten(
        self, table: DeltaTable, found: DaySamples, where: str, properties: WriterProperties
    ) -> bool:
        """Puts samples in place of the rows `where` (SQL) they lie. False: others write, nothing was
        changed.
        """
        batches = pa.RecordBatchReader.from_batches(STORED_SAMPLES, found.batches())
        with alone(self.folder) as free, suppress(CommitFailedError):
            if free:
                write_deltalake(
                    table, batches, mode="overwrite", predicate=where, writer_properties=properties
                )
                return True
        return False

    def replace_day(self, day: date, rows: pa.Table, folded_from: str, *, dropped: bool = False) -> None:
        """Puts the folded `rows` (schema DAYS) in place of what was known of these machines, in one
        commit.

        Machines without a row in `rows` keep theirs: their samples may be too old to be still there.
        `dropped`: so may samples of the others; a row that knows more of the day than the new one then stays.
        """
        self.prepare()
        again_if_overtaken(lambda: self.put_day(day, rows, folded_from, dropped=dropped))

    def put_day(self, day: date, rows: pa.Table, folded_from: str, *, dropped: bool) -> None:
        table = DeltaTable(self.days_dir)
        old = of_day(table, day, DAYS.names)
        whole = merged(old.cast(DAYS), rows.cast(DAYS), dropped=dropped) if len(old) else rows
        marked = whole.append_column("folded_from", pa.array([folded_from], pa.string()).take(zeros(whole)))
        write_deltalake(
            table,
            marked.cast(STORED_DAYS),
            mode="overwrite",
            predicate=f"day = '{day}'",
            writer_properties=DAYS_WRITER,
        )

    def days(self, since: date, until: date, histograms_since: date, machines: Sequence[str]) -> pa.Table:
        """Folded rows (schema DAYS) from `since` to `until`, both included, of the machines between the first
        and the last of `machines` (sorted), which bounds the memory of a large city.

        Rows before `histograms_since`, where no rule's window reaches, have only the columns LASTING; the
        others are null, which saves most of their weight.
        """
        table = self.opened(self.days_dir)
        if table is None or not machines:
            return DAYS.empty_table()
        full = max(since, histograms_since)
        dataset = dataset_of(table)
        named = (ds.field("machine") >= machines[0]) & (ds.field("machine") <= machines[-1])
        old = dataset.to_table(columns=LASTING, filter=named & between(since, full - timedelta(days=1)))
        new = dataset.to_table(columns=DAYS.names, filter=named & between(full, until))
        return (
            pa.concat_tables([old, new.cast(DAYS)], promote_options="default").select(DAYS.names).cast(DAYS)
        )

    def machine(self, name: str, since: date, until: date) -> pa.Table:
        """The folded rows of one machine, in the order of days."""
        return self.of_machines([name], since, until).sort_by("day")

    def of_machines(
        self, names: Sequence[str], since: date, until: date, columns: Sequence[str] = DAYS.names
    ) -> pa.Table:
        """The folded rows of just these machines, `columns` of them."""
        schema = pa.schema([DAYS.field(name) for name in columns])
        table = self.opened(self.days_dir)
        if table is None or not names:
            return schema.empty_table()
        wanted = ds.field("machine").isin(list(names)) & between(since, until)
        return dataset_of(table).to_table(columns=list(columns), filter=wanted).cast(schema)

    def newest(self) -> dict[str, datetime]:
        """The time of each machine's newest sample, looked for in the last three days that have any."""
        table = self.opened(self.samples_dir)
        if table is None:
            return {}
        last = sorted(files_by_day(table))[-3:]
        if not last:
            return {}
        rows = dataset_of(table).to_table(columns=["machine", "time"], filter=between(last[0], last[-1]))
        found = rows.group_by("machine").aggregate([("time", "max")])
        return dict(zip(found["machine"].to_pylist(), found["time_max"].to_pylist(), strict=True))

    def weights(self) -> dict[str, tuple[int, int]]:
        """Table -> files and bytes of its newest snapshot."""
        tables = ((folder.name, self.opened(folder)) for folder in (self.samples_dir, self.days_dir))
        return {name: weight(table) for name, table in tables if table is not None}

    def forget(self, samples_before: date, days_before: date) -> None:
        """Drops samples and days that are older than they are kept, and files that nobody reads any more.
        While somebody appends, what is too old stays until the next time.
        """
        for folder, before in ((self.samples_dir, samples_before), (self.days_dir, days_before)):
            table = self.opened(folder)
            if table is None:
                continue
            with alone(self.folder) as free:
                if free and any(day < before for day in files_by_day(table)):
                    table.delete(f"day < '{before}'")
            table.vacuum(UNREAD_HOURS, dry_run=False, enforce_retention_duration=False, full=True)
            table.create_checkpoint()
            table.cleanup_metadata()

    @property
    def samples_dir(self) -> Path:
        return self.folder / "samples"

    @property
    def days_dir(self) -> Path:
        return self.folder / "days"

    def prepare(self) -> None:
        """Makes the folder and its tables the first time. Raises LakeError."""
        if not known(self.folder, self.zone):
            mark(self.folder, self.zone)
        for folder, schema in ((self.samples_dir, STORED_SAMPLES), (self.days_dir, STORED_DAYS)):
            if not (folder / "_delta_log").is_dir():
                DeltaTable.create(
                    folder, schema, mode="ignore", partition_by=["day"], configuration=SHORT_MEMORY
                )

    def opened(self, folder: Path) -> DeltaTable | None:
        """The newest snapshot of a table, None when there is no table yet. Raises LakeError."""
        if not known(self.folder, self.zone):
            return None
        try:
            return DeltaTable(folder)
        except TableNotFoundError:
            return None
        except DeltaError as error:
            raise LakeError(f"cannot read {folder} ({error}): {RESTORE}") from error


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
