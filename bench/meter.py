"""What the benches measure with: a child process of its own for every figure, and the machine they ran on."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PACKAGES = ("numpy", "pyarrow", "deltalake", "pandas", "SQLAlchemy")
LOAD = "/proc/loadavg"


@dataclass(frozen=True, slots=True)
class Spent:
    """What a piece of work took: wall clock and cpu of this process (s); `told`: what else it has to say."""

    wall: float
    cpu: float
    told: Any


def spent(work: Callable[[], Any]) -> Spent:
    wall, cpu = time.perf_counter(), time.process_time()
    told = work()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu, told)


def peak_rss() -> float:
    """Highest resident memory of this process in MiB.

    VmHWM and not ru_maxrss: that one begins, across fork and exec, with the parent's.
    """
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def whole_cpu() -> float:
    """User and system seconds of this process since it began, threads and imports included."""
    use = resource.getrusage(resource.RUSAGE_SELF)
    return use.ru_utime + use.ru_stime


def tell(**figures: object) -> None:
    """The last line of a child's output: its figures."""
    print(json.dumps({**figures, "rss": peak_rss(), "whole_cpu": whole_cpu()}))


def in_child(script: str, *arguments: object) -> dict[str, Any]:
    """Runs the script again as a fresh process and returns what it told."""
    command = [sys.executable, script, *map(str, arguments)]
    began = time.perf_counter()
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    told: dict[str, Any] = json.loads(output.splitlines()[-1])
    return {**told, "process_wall": time.perf_counter() - began}


def machine() -> str:
    """The machine, its load and the versions, for the head of every printed table."""
    cpu = next(
        line.split(":")[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = Path(LOAD).read_text().split()[:3]
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{os.cpu_count()} x {cpu}, {memory:.0f} GiB, Linux {platform.release()}\n"
        f"Python {platform.python_version()}, {versions}; load before {' '.join(load)}"
    )


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    lines = [list(map(str, row)) for row in (heads, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        _, *others = (text.rjust(width) for text, width in zip(line, widths, strict=True))
        print("  ".join([line[0].ljust(widths[0]), *others]))
