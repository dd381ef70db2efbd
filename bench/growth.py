"""Does ten times the city take ten times as long? Fold and judge at 1,000, 10,000 and 100,000 machines.

    python bench/growth.py [--machines 1000 10000 100000] [--days 63] [--folder FOLDER]

Fold: one day at --fold-step, by the fold bench. Judge: --days at --judge-step, by the judge bench, which goes
through the city by ranges of machines as monitor.verdicts does. Each in a fresh process, the better of two
runs. The exponent is the slope of log(seconds) over log(machines) by least squares; 1 is linear.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import fold
import judge
import meter
import numpy as np
from fleet import days_lake, fleet


def main() -> None:
    parser = argparse.ArgumentParser(description="how fold and judge grow with the city")
    parser.add_argument("--machines", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--days", type=int, default=63)
    parser.add_argument("--fold-step", type=int, default=900, help="seconds between samples")
    parser.add_argument("--judge-step", type=int, default=7200, help="seconds between samples")
    parser.add_argument("--folder", type=Path, help="where the folded days are kept; default: nowhere")
    options = parser.parse_args()
    print(meter.machine())
    with judge.folder_of(options.folder) as folder:
        folded = [fold_one(machines, options.fold_step) for machines in options.machines]
        judged = [judge_one(folder, machines, options) for machines in options.machines]
    report(f"fold one day, a sample every {options.fold_step} s", options.machines, folded)
    report(f"judge {options.days} days", options.machines, judged)


def fold_one(machines: int, step: int) -> dict[str, float]:
    arguments = ("--machines", machines, "--step", step, "--appends", 1)
    with TemporaryDirectory() as lake:
        meter.in_child(fold.__file__, "--fill", lake, *arguments)
        return better(fold.__file__, "--fold", lake)


def judge_one(folder: Path, machines: int, options: argparse.Namespace) -> dict[str, float]:
    lake = days_lake(folder, fleet(machines), options.days, options.judge_step)
    return better(judge.__file__, "--judge", lake.folder, "--machines", machines)


def better(script: str, *arguments: object) -> dict[str, float]:
    return min((meter.in_child(script, *arguments) for _ in range(2)), key=lambda told: float(told["wall"]))


def report(what: str, machines: list[int], told: list[dict[str, float]]) -> None:
    print(f"\n{what}")
    rows = [
        (count, f"{one['wall']:.2f}", f"{one['cpu']:.2f}", micro(one["wall"], count), f"{one['rss']:.0f}")
        for count, one in zip(machines, told, strict=True)
    ]
    meter.table(("machines", "wall s", "cpu s", "us a machine", "peak RSS MiB"), rows)
    slope = np.polyfit(np.log(machines), np.log([one["wall"] for one in told]), 1)[0]
    print(f"exponent {slope:.2f}")


def micro(seconds: float, machines: int) -> str:
    return f"{1e6 * seconds / machines:.0f}"


if __name__ == "__main__":
    main()
