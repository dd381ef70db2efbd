"""One closed day becomes one row per machine: the fold, with the store on both sides.

    python bench/fold.py [--machines 10000] [--step 300] [--appends 0]

A simulated day comes into the lake as the daemon's collections bring it: one commit each (--appends 0: as
many as the day has steps; 1: one commit, as an import does). Then, in a fresh process, the pipeline's step:
Lake.tidy, rules.fold.fold, Lake.replace_day; and once more on the day that is tidy by now, as after late
samples. Printed: wall, cpu, and the peak of resident memory (VmHWM) of that process, imports included.
"""

from __future__ import annotations

import argparse
import tempfile
from itertools import pairwise
from pathlib import Path

import meter
import numpy as np
import pyarrow as pa
from fleet import STORED, ZONE, fleet, past, samples_of

from rules.fold import fold
from store.delta import Lake

DAY = past(3)[0]


def main() -> None:
    parser = argparse.ArgumentParser(description="wall, cpu and memory of folding one day")
    parser.add_argument("--machines", type=int, default=10_000)
    parser.add_argument("--step", type=int, default=300, help="seconds between samples")
    parser.add_argument("--appends", type=int, default=0, help="commits of the day; 0: one a step")
    parser.add_argument("--fold", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--fill", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fold:
        fold_day(options.fold)
    elif options.fill:
        fill(options.fill, options.machines, options.step, options.appends or 86_400 // options.step)
    else:
        print(meter.machine())
        report(options)


def report(options: argparse.Namespace) -> None:
    arguments = ("--machines", options.machines, "--step", options.step, "--appends", options.appends)
    with tempfile.TemporaryDirectory() as folder:
        filled = meter.in_child(__file__, "--fill", folder, *arguments)
        first, again = (meter.in_child(__file__, "--fold", folder) for _ in range(2))
    samples, commits = filled["samples"], filled["commits"]
    print(f"{options.machines} machines, {samples} samples of {DAY}, stored in {commits} commits")
    print(f"storing them: {filled['wall']:.2f} s, {1000 * filled['wall'] / commits:.1f} ms a commit")
    heads = ("", "wall s", "cpu s", "tidy s", "fold s", "replace s", "peak RSS MiB")
    figures = ("wall", "cpu", "tidy", "fold", "replace")
    rows = [
        (name, *(f"{told[figure]:.2f}" for figure in figures), f"{told['rss']:.0f}")
        for name, told in (("first", first), ("again", again))
    ]
    meter.table(heads, rows)


def fill(folder: Path, machines: int, step: int, appends: int) -> None:
    lake = Lake(folder, ZONE)
    day = pa.concat_tables(samples_of(fleet(machines), DAY, step))
    batches = collections(day, appends)

    def store() -> None:
        for batch in batches:
            lake.append([batch], STORED)

    stored = meter.spent(store)
    meter.tell(wall=stored.wall, cpu=stored.cpu, samples=day.num_rows, commits=len(batches))


def collections(day: pa.Table, count: int) -> list[pa.Table]:
    """The day's samples cut by time into `count` batches, as collections bring them."""
    if count == 1:
        return [day]
    moment = day["time"].cast(pa.int64()).to_numpy()
    order = np.argsort(moment, kind="stable")
    cuts = np.linspace(moment.min(), moment.max() + 1, count + 1)
    edges = np.searchsorted(moment[order], cuts)
    return [day.take(pa.array(order[low:high])) for low, high in pairwise(edges.tolist()) if high > low]


def fold_day(folder: Path) -> None:
    """The child: what monitor.pipeline.fold does for one day."""
    lake = Lake(folder, ZONE)
    tidy = meter.spent(lambda: lake.tidy(DAY))
    samples = tidy.told
    rows = meter.spent(lambda: pa.concat_tables(fold(part, DAY, ZONE) for part in samples.ranges()))
    stored = meter.spent(lambda: lake.replace_day(DAY, rows.told, samples.fingerprint))
    steps = (tidy, rows, stored)
    meter.tell(
        wall=sum(step.wall for step in steps),
        cpu=sum(step.cpu for step in steps),
        tidy=tidy.wall,
        fold=rows.wall,
        replace=stored.wall,
        machines=rows.told.num_rows,
    )


if __name__ == "__main__":
    main()
