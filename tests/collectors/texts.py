"""Texts in and near the exposition format, what we make of them, and what promtool makes of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from conftest import required
from hypothesis import strategies as st

from collectors.collector import CollectError
from collectors.exposition import read
from collectors.pages import WANTED

PROMTOOL = "/usr/bin/promtool"
G, H = "node_memory_MemTotal_bytes", "node_memory_MemFree_bytes"


def refusal(body: bytes) -> CollectError | None:
    try:
        read(body, WANTED)
    except CollectError as error:
        return error
    return None


def outcome(body: bytes) -> str | dict[tuple[str, tuple[tuple[str, str], ...]], str]:
    """The reason of a refusal, or every sample with its value as text (so that NaN equals NaN)."""
    try:
        page = read(body, WANTED)
    except CollectError as error:
        return error.reason.value
    samples = [item for family in page.values() for item in family.items()]
    return {(series.name, tuple(sorted(series.labels.items()))): repr(value) for series, value in samples}


def promtool_accepts(body: bytes) -> bool:
    if not Path(PROMTOOL).exists():
        required(PROMTOOL)
    checked = subprocess.run([PROMTOOL, "check", "metrics"], input=body, capture_output=True, check=False)
    return b"parsing error" not in checked.stdout + checked.stderr


# Texts near the grammar: seeds as exporters write them, with a few pieces put in, taken out, changed.
SEEDS = [
    f"{G} 8.197320704e+09\n",
    'node_cpu_seconds_total{cpu="0",mode="idle"} 3265.43\n',
    'node_cpu_seconds_total{cpu="0",mode="idle"} 3265.43\n',
    'node_filesystem_size_bytes{device="/dev/sda1",fstype="vfat",mountpoint="/boot/efi",} 5 1234\n',
    f'{G} {{ a = "\\"b\\\\c\\n" }} NaN\n',
    "# TYPE node_cpu_seconds_total counter\n",
    f"# HELP {G} a \\\\ b\n",
]
PIECES = [
    *' \t\n\r"\\{},=#eE.+-_09\0\x85',
    "1e400",
    "nan",
    "inf",
    "TYPE",
    "a",
    "\\n",
    "\\t",
    "\udcff",
    "٣",
    '",b="',
]


@st.composite
def pages(draw: st.DrawFn) -> bytes:
    text = "".join(draw(st.lists(st.sampled_from(SEEDS), min_size=1, max_size=4)))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(text)))
        piece = draw(st.sampled_from(["", *PIECES]))
        text = text[:place] + piece + text[place + draw(st.integers(0, 2)) :]
    return text.encode("utf-8", "surrogateescape")
