"""How long a person waits: `rightsizer --help`, and `rightsizer finding list` with 1,000 findings.

    python bench/cli.py [--findings 1000] [--rounds 10]

Wall clock of the whole process, output into a pipe; the first of each (cold caches) stands beside the median.
`python -c pass` is the floor that no command can be faster than.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import meter

from config.settings import load
from monitor.installation import assemble
from store.findings import Found, settle
from store.inventory import create_machines

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PROGRAM = str(Path(sys.executable).parent / "rightsizer")


def main() -> None:
    parser = argparse.ArgumentParser(description="wall clock of the command line")
    parser.add_argument("--findings", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    print(meter.machine())
    with tempfile.TemporaryDirectory() as folder:
        settings = installation(Path(folder), options.findings)
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "rightsizer --help": [PROGRAM, "--help"],
            "rightsizer finding list": [PROGRAM, "--config", str(settings), "finding", "list"],
        }
        rows = [(name, *timed(command, options.rounds)) for name, command in commands.items()]
    meter.table(("", "first s", "median s", "slowest s", "lines"), rows)


def installation(folder: Path, findings: int) -> Path:
    """Settings beside a register with that many open findings."""
    settings = folder / "rightsizer.yml"
    settings.write_text("data_dir: data\n", "utf-8")
    house = assemble(load(settings), settings)
    names = [f"vm-{number:05d}" for number in range(findings)]
    verdict = {"verdict": "shrink", "evidence": []}
    found = {name: Found("shrink", "shrink", verdict, float(place)) for place, name in enumerate(names)}
    with house.register.write() as db:
        create_machines(db, names, "bench", "bench", NOW)
        settle(db, found, house.policy.document_number, NOW.date(), NOW)
    house.register.close()
    return settings


def timed(command: list[str], rounds: int) -> tuple[str, str, str, int]:
    seconds, lines = [], 0
    for _ in range(rounds + 1):
        began = time.perf_counter()
        output = subprocess.run(command, check=True, capture_output=True).stdout
        seconds.append(time.perf_counter() - began)
        lines = output.count(b"\n")
    first, *others = seconds
    return f"{first:.3f}", f"{statistics.median(others):.3f}", f"{max(others):.3f}", lines


if __name__ == "__main__":
    main()
