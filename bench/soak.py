"""The daemon as it runs for years, watched for a while: what it costs, and what grows.

    python bench/soak.py [--targets 2000] [--interval 15] [--minutes 30] [--folder FOLDER]

A simulated city's exporters run in a process of their own (some are slow, some silent, as real ones are);
`rightsizer run` scrapes them as a service would, from a settings file. Every interval a line: rounds done,
resident memory, CPU seconds, size and count of the files of the lake and of the register. At the end: share
of a core, highest memory, its slope by least squares over the second half of the time, growth of the files
an hour, rounds missed. A slope says something after half an hour; in a few minutes memory is still warming
up.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import meter
import numpy as np
import pyarrow as pa
from scrape import cpu_seconds, free_port, peak_rss

from monitor.demo.city import city
from monitor.demo.exporters import SHANGHAI, exporters
from store.delta import Lake

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SETTINGS = """\
data_dir: data
collection: {{interval: {interval}s}}
exporter: {{port: {port}}}
sources:
  - kind: exporter
    name: city
    timeout: 5s
    targets:
{targets}
"""
MIB = 1 << 20
UNIT = {"MALLOC_ARENA_MAX": "2"}  # as deploy/systemd/rightsizer.service has it


@dataclass(frozen=True, slots=True)
class Look:
    """The daemon at one moment: seconds since its start, MiB, CPU seconds; bytes and files on disk."""

    at: float
    rss: float
    cpu: float
    rounds: int
    lake: tuple[int, int]
    log: int
    register: int


def main() -> None:
    args = arguments()
    if args.exporters:
        serve(args.targets)
        return
    folder = args.folder or Path(tempfile.mkdtemp(prefix="soak-"))
    folder.mkdir(exist_ok=True)
    print(meter.machine())
    print(f"{args.targets} targets every {args.interval} s for {args.minutes:g} min in {folder}")
    with simulated(args.targets) as targets:
        settings = write_settings(folder, args.interval, targets)
        with daemon(settings, folder / "daemon.log") as process:
            looks = list(watch(process, folder, args.interval, 60 * args.minutes))
            peaks = peak_rss(process.pid), memory(process.pid, "RssAnon")
    report(looks, peaks, args.interval, folder)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="CPU, memory and files of the daemon over time")
    parser.add_argument("--targets", type=int, default=2000)
    parser.add_argument("--interval", type=int, default=15, help="seconds between collections")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--folder", type=Path, help="kept; default: a new temporary one")
    parser.add_argument("--exporters", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def serve(machines: int) -> None:
    """The child: the city's exporters, their URLs as the first line, until its input ends."""
    today = datetime.now(SHANGHAI).date()
    with exporters(city(machines=machines, today=today), lambda: datetime.now(UTC)) as targets:
        print(json.dumps(targets), flush=True)
        sys.stdin.read()


@contextmanager
def simulated(machines: int) -> Iterator[list[tuple[str, str]]]:
    command = [sys.executable, __file__, "--exporters", "--targets", str(machines)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        yield json.loads(child.stdout.readline())
        assert child.stdin is not None
        child.stdin.close()


def write_settings(folder: Path, interval: int, targets: Sequence[tuple[str, str]]) -> Path:
    lines = "\n".join(f"      - {{machine: {machine}, url: '{url}'}}" for machine, url in targets)
    (folder / "data").mkdir(exist_ok=True)
    path = folder / "rightsizer.yml"
    path.write_text(SETTINGS.format(interval=interval, port=free_port(), targets=lines), "utf-8")
    return path


@contextmanager
def daemon(settings: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    program = Path(sys.executable).with_name("rightsizer")
    subprocess.run([program, "--config", settings, "db", "upgrade"], check=True, stdout=subprocess.DEVNULL)
    with log.open("wb") as said:
        command = [program, "--config", settings, "run"]
        process = subprocess.Popen(command, stderr=said, env={**os.environ, **UNIT})
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(120)


def watch(process: subprocess.Popen[bytes], folder: Path, interval: int, seconds: float) -> Iterator[Look]:
    began = time.monotonic()
    print(
        f"{'s':>6}{'rounds':>8}{'RSS MiB':>9}{'CPU s':>8}{'lake MiB':>10}{'files':>7}{'log':>6}"
        f"{'register MiB':>14}"
    )
    while (elapsed := time.monotonic() - began) < seconds:
        if process.poll() is not None:
            raise SystemExit(f"the daemon ended with {process.returncode}: see {folder / 'daemon.log'}")
        look = seen(process.pid, folder, elapsed)
        print(
            f"{look.at:6.0f}{look.rounds:8}{look.rss:9.0f}{look.cpu:8.1f}{look.lake[0] / MIB:10.2f}"
            f"{look.lake[1]:7}{look.log:6}{look.register / MIB:14.2f}",
            flush=True,
        )
        yield look
        time.sleep(interval)


def seen(pid: int, folder: Path, elapsed: float) -> Look:
    data = folder / "data"
    measured = [size(path) for path in data.glob("lake/*/day=*/*.parquet")]
    register = sum(size(path) for path in data.glob("register.db*"))
    log = len(list(data.glob("lake/*/_delta_log/*")))
    rounds = len(collections(folder / "daemon.log"))
    return Look(
        elapsed, memory(pid, "VmRSS"), cpu_seconds(pid), rounds, (sum(measured), len(measured)), log, register
    )


def size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # the daemon tidied up meanwhile
        return 0


def memory(pid: int, what: str) -> float:
    """MiB, as the kernel counts them."""
    return int(Path(f"/proc/{pid}/status").read_text().split(f"{what}:")[1].split()[0]) / 1024


def collections(log: Path) -> list[dict[str, float]]:
    """What the daemon logged of its rounds."""
    events = [json.loads(line) for line in log.read_bytes().splitlines() if b'"collect"' in line]
    return [event for event in events if event.get("step") == "collect"]


def slope(looks: Sequence[Look]) -> float:
    """MiB an hour by least squares over the second half."""
    half = looks[len(looks) // 2 :]
    if len(half) < 2:
        return 0.0
    hours = np.array([look.at for look in half]) / 3600
    return float(np.polyfit(hours, [look.rss for look in half], 1)[0])


def drift(folder: Path, interval: int) -> tuple[float, float]:
    """By what part of the interval two samples of a machine lie nearer or farther: median, and 99 of 100.

    Machines that miss rounds are another matter: gaps of more than one and a half intervals do not count.
    """
    lake = Lake(folder / "data" / "lake", SHANGHAI)
    gaps: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []
    for day in lake.sample_days():
        rows = lake.samples(day)
        same = rows["machine"].to_numpy()[1:] == rows["machine"].to_numpy()[:-1]
        gaps.append(np.diff(rows["time"].cast(pa.int64()).to_numpy())[same] / 1e6)
    found = np.concatenate(gaps)
    off = np.abs(found[found < 1.5 * interval] / interval - 1)
    return float(np.median(off)), float(np.quantile(off, 0.99))


def report(looks: Sequence[Look], peaks: tuple[float, float], interval: int, folder: Path) -> None:
    first, last = looks[1], looks[-1]  # the first look sees the start alone
    hours = (last.at - first.at) / 3600
    rounds = collections(folder / "daemon.log")
    median, most = drift(folder, interval)
    expected = int(last.at // interval)
    rows = (
        ("CPU, share of a core", f"{(last.cpu - first.cpu) / (last.at - first.at):.1%}"),
        ("highest RSS", f"{peaks[0]:.0f} MiB; at the end {peaks[1]:.0f} of it are not files of libraries"),
        ("slope of RSS, second half", f"{slope(looks):+.1f} MiB/h"),
        ("lake on disk", f"{(last.lake[0] - first.lake[0]) / MIB / hours:+.1f} MiB/h, {last.lake[1]} files"),
        ("files of Delta's log", f"{last.log}"),
        ("register", f"{(last.register - first.register) / MIB / hours:+.2f} MiB/h"),
        ("longest round", f"{max(found['seconds'] for found in rounds):.1f} s"),
        ("rounds missed", f"{max(0, expected - last.rounds)} of {expected}"),
        ("period of a machine off by", f"{median:.2%}, 99 of 100 times less than {most:.1%}"),
        ("samples", f"{sum(found['samples'] for found in rounds):.0f}"),
        ("failures", f"{sum(found['failures'] for found in rounds):.0f}"),
    )
    meter.table(("", "measured"), rows)


if __name__ == "__main__":
    main()
