"""Rows a second and memory of reading a usage file: rightsizer usage import without the store behind it.

    python bench/usage_import.py [--rows 1000000] [--machines 200] [--bad]

Writes the same measurements as .csv and as .parquet, reads each in a process of its own (both passes: check,
then yield) and prints rows per second and the peak of resident memory (VmHWM) above that of the imports. As a
floor, pyarrow alone parses the same .csv once, with the types given. --bad spoils one cell near the end: how
long until it is named.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def write(folder: Path, rows: int, machines: int, *, bad: bool) -> list[Path]:
    """Samples every five minutes that drift by seconds, as real collectors write them."""
    random = np.random.default_rng(13)
    seconds = 1_767_225_600 + np.arange(rows) // machines * 300 + random.integers(0, 60, rows)
    stamps = pa.array(seconds).cast(pa.timestamp("s", "UTC"))
    columns = {
        "machine": pa.array([f"vm-{i % machines:05d}" for i in range(rows)]),
        "time": pc.strftime(stamps, "%Y-%m-%dT%H:%M:%SZ"),
        **{name: random.integers(0, 10_001, rows) / 100 for name in ("cpu", "memory", "disk")},
    }
    paths = [folder / "usage.csv", folder / "usage.parquet"]
    pa_csv.write_csv(pa.table(columns), paths[0])
    pa_parquet.write_table(pa.table({**columns, "time": stamps}), paths[1])
    if bad:
        data = paths[0].read_bytes()
        end = data.rfind(b"\n", 0, -1000)
        paths[0].write_bytes(data[:end] + b"\nvm-00000,2026-01-01T00:00:00Z,12x,1,1" + data[end:])
    return paths


def peak() -> int:
    """Peak resident memory of this process in MiB."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def read(path: Path) -> None:
    from collectors.usage import read_usage
    from store.sheets import SheetError

    start, base = time.perf_counter(), peak()
    try:
        file = read_usage(path, ZoneInfo("Asia/Shanghai"), None, NOW)
    except SheetError as error:
        print(f"{path.name}: {time.perf_counter() - start:.1f} s until: {error}")
        return
    checked = time.perf_counter() - start
    taken = sum(batch.num_rows for batch in file.batches())
    whole = time.perf_counter() - start
    print(
        f"{path.name}: {taken} rows of {len(file.machines)} machines, {taken / whole:,.0f} rows/s"
        f" (check {checked:.1f} s, yield {whole - checked:.1f} s),"
        f" peak {peak()} MiB, {peak() - base} above imports"
    )


def floor(path: Path) -> None:
    start = time.perf_counter()
    types = {"machine": pa.string(), "time": pa.timestamp("us", "UTC")}
    rows = pa_csv.read_csv(path, convert_options=pa_csv.ConvertOptions(column_types=types)).num_rows
    print(f"pyarrow alone, once: {rows / (time.perf_counter() - start):,.0f} rows/s, peak {peak()} MiB")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--machines", type=int, default=200)
    parser.add_argument("--bad", action="store_true")
    parser.add_argument("--read", type=Path)
    parser.add_argument("--floor", type=Path)
    options = parser.parse_args()
    if options.read or options.floor:
        read(options.read) if options.read else floor(options.floor)
        return
    with tempfile.TemporaryDirectory() as folder:
        paths = write(Path(folder), options.rows, options.machines, bad=options.bad)
        for path in paths:
            subprocess.run([sys.executable, __file__, "--read", str(path)], check=True)
        if not options.bad:
            subprocess.run([sys.executable, __file__, "--floor", str(paths[0])], check=True)


if __name__ == "__main__":
    main()
