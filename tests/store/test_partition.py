"""How the lake's files are read: in C++ alone, wherever the lake lies."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from pyarrow.fs import PyFileSystem

from store.partition import dataset_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["lake", "数据 湖", "a#b?c", "100%"])
def test_arrow_s_threads_never_wait_for_python(tmp_path: Path, name: str) -> None:
    """They abort the process when it ends while they do: `terminate called without an active exception`."""
    folder = tmp_path / name
    days = pa.table({"machine": ["vm-1", "vm-2"], "day": [date(2026, 11, 21), date(2026, 11, 22)]})
    write_deltalake(folder, days, partition_by=["day"])
    table = DeltaTable(folder)

    assert not isinstance(dataset_of(table).filesystem, PyFileSystem)
    assert sorted(dataset_of(table).to_table()["machine"].to_pylist()) == ["vm-1", "vm-2"]
    assert dataset_of(table, date(2026, 11, 22)).to_table()["machine"].to_pylist() == ["vm-2"]
