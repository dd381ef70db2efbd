"""Our verdict beside promtool's: on generated texts, on 247 real pages, on conformance pages renamed."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from conftest import SHARED
from hypothesis import given, settings
from texts import outcome, pages, promtool_accepts, refusal

from collectors.pages import WANTED

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted((SHARED / "data" / "expositions").glob("*/*.txt"))


def test_promtool_reads_whatever_we_read() -> None:
    """A fixed sample of texts near the grammar; those with lines of other families are left out."""
    found = []

    @given(pages())
    @settings(max_examples=250, database=None, derandomize=True)
    def gather(body: bytes) -> None:
        if len(WANTED.cut(b"\n" + body)) == sum(1 for line in body.split(b"\n") if line.strip(b" \t")):
            found.append(body)

    gather()
    read_by_us = [isinstance(outcome(body), dict) for body in found]
    with ThreadPoolExecutor(2) as pool:
        read_by_promtool = list(pool.map(promtool_accepts, found))

    wrong = [
        body
        for body, ours, theirs in zip(found, read_by_us, read_by_promtool, strict=True)
        if ours and not theirs
    ]
    assert wrong == []
    assert sum(read_by_us) > 20


# The 247 real and conformance pages.

NAMES = re.compile(rb"^(?:#[ \t]*(?:TYPE|HELP|UNIT)[ \t]+)?([a-zA-Z_:][a-zA-Z0-9_:]*)", re.MULTILINE)
WANTED_NAMES = (
    rb"(?:node_cpu(?:_seconds_total)?|node_memory_(?:Mem(?:Total|Available|Free)|Buffers|Cached|SReclaimable)(?:_bytes)?"
    rb"|node_memory_(?:size|total|free|inactive|cache)_bytes|node_boot_time(?:_seconds)?"
    rb"|node_filesystem_(?:size|free|avail)(?:_bytes)?|node_network_(?:receive|transmit)_bytes(?:_total)?"
    rb"|node_(?:net_)?bonding_slaves|windows_cpu_time_total|windows_net_bytes_(?:received|sent)_total"
    rb"|windows_logical_disk_(?:size|free)_bytes|windows_(?:os_visible_memory|cs_physical_memory)_bytes"
    rb"|windows_memory_(?:available|physical_total|physical_free)_bytes|windows_os_physical_memory_free_bytes"
    rb"|windows_system_(?:system_up_time|boot_time_timestamp(?:_seconds)?))"
)
WANTED_LINE = re.compile(rb"^(?:# (?:TYPE|HELP) )?%b(?![a-zA-Z0-9_:]).*\n" % WANTED_NAMES, re.MULTILINE)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_verdict_on_a_page_is_promtools_on_its_wanted_families(path: Path) -> None:
    body = path.read_bytes()
    lines = b"".join(WANTED_LINE.findall(body))

    assert len(WANTED.cut(b"\n" + body)) == lines.count(b"\n")
    assert isinstance(outcome(body), dict) == (promtool_accepts(lines) if lines else True)


CONFORMANCE = [path for path in FILES if path.parent.name == "openmetrics_conformance"]
# What no wanted family can be, and where we are stricter than promtool.
STRICTER = ("a type that this family cannot have", "this series stands twice", "a NUL byte", "bytes 0 -1")


def renamed(body: bytes) -> bytes:
    """The page with each of its names put under the name of a wanted family."""
    names = iter(
        [b"node_memory_%b_bytes" % name for name in (b"MemTotal", b"MemFree", b"Buffers", b"Cached")]
    )
    given: dict[bytes, bytes] = {}

    def new(match: re.Match[bytes]) -> bytes:
        old = match[1]
        if old not in given:
            given[old] = next(names, old)
        return match[0][: len(match[0]) - len(old)] + given[old]

    return NAMES.sub(new, body)


@pytest.mark.parametrize("path", CONFORMANCE, ids=lambda path: path.stem)
def test_a_conformance_page_under_wanted_names_is_judged_as_promtool_does(path: Path) -> None:
    body = renamed(path.read_bytes())
    theirs = promtool_accepts(body)
    error = refusal(body)
    if error is not None:
        assert not theirs or any(said in error.detail for said in STRICTER), error.detail
    else:
        assert theirs or promtool_accepts(b"".join(WANTED_LINE.findall(body)))
