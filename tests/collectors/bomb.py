"""Run as a program: scrapes the page at the first URL, then the one at the second, and says why that gave
nothing and how much memory (KiB, of the peak) it took.
"""

from __future__ import annotations

import sys
from pathlib import Path

from scraping import NOW, collecting


def status(name: str) -> int:
    """KiB, as the kernel counts them for this process."""
    return int(Path("/proc/self/status").read_text("ascii").split(f"{name}:")[1].split()[0])


def main(warm: str, bomb: str) -> None:
    with collecting([warm], timeout=20) as collector:  # what the first use of everything costs
        list(collector.collect(NOW))
    with collecting([bomb], timeout=20) as collector:
        before = status("VmRSS")
        Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak begins anew
        [batch] = collector.collect(NOW)
        grown = status("VmHWM") - before
    sys.stdout.write(f"{batch.failures[0].reason} {grown}")


if __name__ == "__main__":
    main(*sys.argv[1:])
