"""Fault 30: the power goes off twenty times; what was acknowledged is there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conftest import required
from powercut import QEMU, cuts, downloaded, lost, prepared


@pytest.mark.slow
def test_fault_30_no_acknowledged_entry_or_sent_mark_is_lost_in_twenty_power_cuts(tmp_path: Path) -> None:
    if not Path(QEMU).exists():
        required(QEMU)
    try:
        downloaded(tmp_path)
    except (OSError, subprocess.CalledProcessError):
        required("a Debian kernel to boot, which apt-get downloads for root,")
    for before, after in cuts(tmp_path, prepared(tmp_path), 20):
        assert before.entries > before.entries_found >= 0
        assert before.sent > 0
        assert after.synchronous == 2
        assert after.sound, after.said
        assert lost(before, after) == (0, 0)
