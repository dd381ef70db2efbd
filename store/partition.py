"""A day's part of a table of the lake: its files, their fingerprint, its rows."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from deltalake import DeltaTable


def merged(old: pa.Table, new: pa.Table, *, dropped: bool) -> pa.Table:
    """The new rows, and the old ones of machines that have none (`dropped`: or a poorer one), by machine."""
    place = pc.index_in(old["machine"], value_set=new["machine"].combine_chunks())
    stays = pc.is_null(place)
    if dropped:
        poorer = pc.less(pc.take(new["known"], place), old["known"])
        stays = pc.or_(stays, pc.fill_null(poorer, fill_value=False))
    kept = old.filter(stays)
    replaced = pc.is_in(new["machine"], value_set=kept["machine"].combine_chunks())
    return pa.concat_tables([new.filter(pc.invert(replaced)), kept]).sort_by("machine")


def files_by_day(table: DeltaTable) -> dict[date, list[str]]:
    actions = pa.table(table.get_add_actions(flatten=True))
    found: dict[date, list[str]] = {}
    if actions.num_rows == 0:
        return found
    for day, path in zip(actions["partition.day"].to_pylist(), actions["path"].to_pylist(), strict=True):
        found.setdefault(day, []).append(path)
    return found


def fingerprint(files: Sequence[str]) -> str:
    """Sixteen characters that tell one set of files from another: short enough to be kept whole in file
    statistics.
    """
    return hashlib.sha256("\n".join(sorted(files)).encode()).hexdigest()[:16]


def dataset_of(table: DeltaTable, day: date | None = None) -> ds.Dataset:
    """The rows of a table, or of one of its days, read by Arrow itself: deltalake's reader of files is
    written in Python, and a thread of Arrow that waits for it when the process ends aborts the process.
    """
    root = url2pathname(urlsplit(table.table_uri).path)
    only = None if day is None else [("day", "=", day.isoformat())]
    found: ds.Dataset = table.to_pyarrow_dataset(
        filesystem=SubTreeFileSystem(root, LocalFileSystem()), file_pruning_predicate=only
    )
    return found


def of_day(table: DeltaTable, day: date, columns: list[str]) -> pa.Table:
    return dataset_of(table, day).to_table(columns=columns)


def between(since: date, until: date) -> ds.Expression:
    return (ds.field("day") >= since) & (ds.field("day") <= until)


def zeros(table: pa.Table) -> pa.Array:
    return pa.repeat(0, len(table))


def weight(table: DeltaTable) -> tuple[int, int]:
    """Files and bytes of the table's newest snapshot."""
    sizes = pa.table(table.get_add_actions(flatten=True))["size_bytes"]
    return len(sizes), pc.sum(sizes).as_py() or 0
