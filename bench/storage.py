"""Bytes that a stored value takes: our lake beside VictoriaMetrics and Prometheus, same samples.

    python bench/storage.py [--machines 10000] [--beside 1000] [--bitbrains FILE]

A simulated day of --machines and the same day of --beside machines; the latter also as blocks of Prometheus
(promtool) and in VictoriaMetrics, merged. With --bitbrains (or the file where the project keeps real
measurements, beside it): 250 real machines over 91 days, cpu and memory. Two figures each: bytes per measured
value (cpu, memory, disk, network), which is the stricter one, and per stored value, the three capacities of
each sample counted too. Times, names and the log of the table are in the bytes, not in the values.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import meter
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from fleet import STORED, ZONE, fleet, past, samples_of
from fold import collections
from victoria import METRICS, victoria

from store.delta import Lake
from store.samples import CAPACITIES, samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

DAY = past(3)[0]
MEASURED = ("cpu", "memory", "disk", "network")
SHARED = Path(__file__).parents[2] / "shared" / "data" / "1_fleet_mem" / "bitbrains_rnd.parquet"
PROMTOOL = ("promtool", "tsdb", "create-blocks-from", "--max-block-duration=24h", "openmetrics")
MIB = 2.0**20


@dataclass(frozen=True, slots=True)
class Stored:
    """How a store keeps samples: bytes for all, and the values in them."""

    what: str
    size: int
    measured: int
    capacities: int

    def row(self) -> tuple[str, ...]:
        every = self.measured + self.capacities
        per = (self.size / self.measured, self.size / every)
        return (self.what, f"{self.size / 1e6:.2f}", *(f"{bytes_each:.2f}" for bytes_each in per))


def main() -> None:
    parser = argparse.ArgumentParser(description="bytes per stored value")
    parser.add_argument("--machines", type=int, default=10_000)
    parser.add_argument("--beside", type=int, default=1000, help="machines in all three stores")
    parser.add_argument("--step", type=int, default=300, help="seconds between samples")
    parser.add_argument("--bitbrains", type=Path, default=SHARED)
    options = parser.parse_args()
    print(meter.machine())
    many, few = (day_of(count, options.step) for count in (options.machines, options.beside))
    rows = [lake(f"lake, {options.machines} machines, a day", many)]
    for name, store in (("lake", lake), ("VictoriaMetrics", in_victoria), ("Prometheus", in_prometheus)):
        rows.append(store(f"{name}, {options.beside} machines, a day", few))
    if options.bitbrains.is_file():
        rows.append(lake("lake, Bitbrains, 250 machines, 91 days", bitbrains(options.bitbrains), 1))
    meter.table(("", "MB", "bytes a measured value", "a stored value"), [stored.row() for stored in rows])


def day_of(machines: int, step: int) -> pa.Table:
    return pa.concat_tables(samples_of(fleet(machines), DAY, step))


def known(table: pa.Table, names: tuple[str, ...]) -> int:
    return sum(len(table) - table[name].null_count for name in names)


def lake(what: str, table: pa.Table, commits: int = 288) -> Stored:
    """As the pipeline leaves it: stored collection by collection, then each day one file, after the fold."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Lake(Path(folder), ZONE)
        for number, batch in enumerate(collections(table, commits)):
            kept.append([batch], STORED + timedelta(minutes=5 * number))
        for day in kept.sample_days():
            kept.tidy(day)
        live = {Path(file).name for files in kept.sample_files().values() for file in files}
        size = sum(file.stat().st_size for file in kept.samples_dir.rglob("*.parquet") if file.name in live)
    return Stored(what, size, known(table, MEASURED), known(table, CAPACITIES))


def in_victoria(what: str, table: pa.Table) -> Stored:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with victoria(folder) as server:
            server.push(table)
            server.settle()
        size = sum(file.stat().st_size for file in (folder / "data").rglob("*") if file.is_file())
    return Stored(what, size, known(table, MEASURED), known(table, CAPACITIES))


def in_prometheus(what: str, table: pa.Table) -> Stored:
    """One block of the day, its index of names and times included, no write-ahead log."""
    with tempfile.TemporaryDirectory() as name:
        page, blocks = Path(name) / "page.om", Path(name) / "blocks"
        with page.open("w") as file:
            file.writelines(openmetrics(table))
        subprocess.run([*PROMTOOL, str(page), str(blocks)], check=True, capture_output=True)
        chunks = [file for file in blocks.rglob("*") if file.is_file()]
        size = sum(file.stat().st_size for file in chunks)
    return Stored(what, size, known(table, MEASURED), known(table, CAPACITIES))


def openmetrics(table: pa.Table) -> list[str]:
    lines = []
    machines = table["machine"].to_pylist()
    seconds = (table["time"].cast(pa.int64()).to_numpy() // 1_000_000).tolist()
    for name in METRICS:
        values = np.round(table[name].cast(pa.float64()).to_numpy(zero_copy_only=False), 2).tolist()
        lines.append(f"# TYPE {name} gauge\n")
        lines += [
            f'{name}{{machine="{machine}"}} {value!r} {second}\n'
            for machine, value, second in zip(machines, values, seconds, strict=True)
            if value == value  # noqa: PLR0124  NaN is no sample
        ]
    return [*lines, "# EOF\n"]


def bitbrains(path: Path) -> pa.Table:
    """The real machines as samples; cores and memory are their capacity."""
    table = pq.read_table(path)
    times = pa.array(table["ts"].cast(pa.int64()).to_numpy() * 1_000_000).cast(pa.timestamp("us", "UTC"))
    number: Callable[[str], NDArray[np.float64]] = lambda name: table[name].cast(pa.float64()).to_numpy()  # noqa: E731
    columns = {
        "machine": table["vm"].cast(pa.string()),
        "time": times,
        "step": np.full(len(table), 300, np.int32),
        "cpu": number("cpu_pct"),
        "memory": number("mem_pct"),
        "vcpus": number("cores"),
        "memory_bytes": number("mem_cap_mb") * MIB,
    }
    return samples(columns)[0]


if __name__ == "__main__":
    main()
