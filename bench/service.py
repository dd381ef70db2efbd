"""The daemon with a large city: how long to READY, for /metrics, and for a reload; what its page costs.

    python bench/service.py [--machines 10000] [--days 35] [--folder FOLDER] [--rounds 20]

A city of that many machines with folded days behind it (kept in --folder) is opened by the real `rightsizer
run`. READY is the service manager's word; /metrics is read over HTTP on loopback once the city is judged;
a reload is from SIGHUP to the READY after it.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import meter
from fleet import ZONE, folded, progress

from monitor.demo.stage import build, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.demo.stage import Stage

PROGRAM = str(Path(sys.executable).parent / "rightsizer")
STEP = 1800  # seconds between the samples of the past
PATIENCE = 300.0  # seconds until the city is judged, on a busy machine


def main() -> None:
    parser = argparse.ArgumentParser(description="the daemon with a large city")
    parser.add_argument("--machines", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=35)
    parser.add_argument("--folder", type=Path, help="where the city is kept; default: nowhere")
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    print(meter.machine())
    with folder_of(options.folder) as folder:
        settings, port = settled(folder, options.machines, options.days)
        figures = [measured(settings, port, options.rounds)]
    heads = ("machines", "READY s", "judged s", "/metrics ms", "p95 ms", "MB", "SIGHUP ms", "RSS MiB")
    meter.table(heads, [(options.machines, *row) for row in figures])


@contextmanager
def folder_of(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        yield kept
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "city"


def settled(folder: Path, machines: int, days: int) -> tuple[Path, int]:
    """The settings of a city with a past, which measures this host alone; the port of its page."""
    made = (folder / "rightsizer.yml").is_file()
    port = free_port()
    if not made:
        folder.mkdir(parents=True, exist_ok=True)
        fill(build(folder, 100, machines, 1), days)
    text = "data_dir: data\ncollection: {interval: 5m}\npolicy: {allow_expired: true}\n"
    text += "sources: [{kind: host, name: host, machine: this-host}]\n"
    text += f"exporter: {{port: {port}}}\n"
    (folder / "rightsizer.yml").write_text(text, "utf-8")
    return folder / "rightsizer.yml", port


def fill(stage: Stage, days: int) -> None:
    today = datetime.now(UTC).astimezone(ZONE).date()
    for ago in range(days, 0, -1):
        progress(f"simulating and folding {len(stage.city.machines)} machines", days - ago, days)
        day = today - timedelta(days=ago)
        stage.house.lake.replace_day(day, folded(stage.city, day, STEP), "0" * 16)
    stage.house.register.close()


def measured(settings: Path, port: int, rounds: int) -> tuple[str, ...]:
    """One life of the daemon, in figures."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ears:
        ears.bind(f"{folder}/notify")
        ears.settimeout(PATIENCE)
        began = time.monotonic()
        with running(settings, f"{folder}/notify") as process:
            heard(ears, b"READY=1")
            ready = time.monotonic() - began
            judged = wait_for(port, b"rightsizer_judged_timestamp_seconds ", began)
            waits, size = zip(*(read(port) for _ in range(rounds)), strict=True)
            reloads = [reloaded(process, ears) for _ in range(3)]
            rss = resident(process.pid)
            process.send_signal(signal.SIGTERM)
            process.wait(90)
    milliseconds = sorted(1000 * wait for wait in waits)
    return (
        f"{ready:.2f}",
        f"{judged:.1f}",
        f"{statistics.median(milliseconds):.0f}",
        f"{milliseconds[int(0.95 * (rounds - 1))]:.0f}",
        f"{max(size) / 1e6:.1f}",
        f"{1000 * statistics.median(reloads):.0f}",
        f"{rss:.0f}",
    )


@contextmanager
def running(settings: Path, notify: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "NOTIFY_SOCKET": notify}
    command = [PROGRAM, "--config", str(settings), "run"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def heard(ears: socket.socket, word: bytes) -> None:
    while word not in ears.recv(4096).split(b"\n"):
        pass


def reloaded(process: subprocess.Popen[bytes], ears: socket.socket) -> float:
    """Seconds from SIGHUP to the READY after it."""
    began = time.monotonic()
    process.send_signal(signal.SIGHUP)
    heard(ears, b"RELOADING=1")
    heard(ears, b"READY=1")
    return time.monotonic() - began


def wait_for(port: int, line: bytes, began: float) -> float:
    """Seconds until the page has the line."""
    while time.monotonic() - began < PATIENCE:
        if b"\n" + line in page(port):
            return time.monotonic() - began
        time.sleep(0.2)
    raise SystemExit(f"the page did not show {line.decode()} within {PATIENCE:g} s")


def read(port: int) -> tuple[float, int]:
    """Seconds for the whole page, and its bytes."""
    began = time.monotonic()
    size = len(page(port))
    return time.monotonic() - began, size


def page(port: int) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        found: bytes = answer.read()
        return found


def resident(pid: int) -> float:
    """Resident memory of a process, at its highest, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
