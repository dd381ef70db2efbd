"""The sampling step of each machine of a usage file: what is expected of a day depends on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

SHORTEST = 60  # seconds
UNKNOWN = 300  # seconds, when no machine of the file has two samples
LOW = np.uint64(0xFFFFFFFF)
HIGH = np.uint64(32)

Keys = np.ndarray[Any, np.dtype[np.uint64]]


class Gaps:
    """Collects when each machine was sampled, 8 bytes a sample, and tells the median gap of each.

    The order of the samples does not matter, and the same time twice counts once.
    """

    def __init__(self, room: int) -> None:
        self.keys: Keys = np.zeros(max(room, 1), dtype=np.uint64)
        self.used = 0
        self.known = False

    def add(self, machines: np.ndarray[Any, Any], micros: np.ndarray[Any, Any]) -> None:
        """`machines`: numbers of machines from 0; `micros`: microseconds since 1970, not negative."""
        count = len(machines)
        if self.used + count > len(self.keys):
            self.keys = np.concatenate([self.keys, np.zeros(max(count, len(self.keys)), dtype=np.uint64)])
        times = (micros // 1_000_000).astype(np.uint64)
        self.keys[self.used : self.used + count] = (machines.astype(np.uint64) << HIGH) | times
        self.used += count

    def steps(self, names: Sequence[str]) -> dict[str, int]:
        """Seconds by machine: its median gap to the minute, at least one; the file's for a single sample.

        `known` tells afterwards whether any machine had two samples.
        """
        keys = self.keys[: self.used]
        keys.sort()
        same, gaps = gaps_of(keys)
        self.known = len(gaps) > 0
        whole = to_minute(float(np.median(gaps))) if self.known else UNKNOWN
        found = dict.fromkeys(names, whole)
        for machine, median in medians(same, gaps):
            found[names[machine]] = to_minute(median)
        return found


def gaps_of(keys: Keys) -> tuple[Keys, Keys]:
    """The machine and the seconds of every gap between two times of one machine, from sorted keys."""
    owners = keys >> HIGH
    mine = (owners[1:] == owners[:-1]) & (keys[1:] != keys[:-1])
    return np.asarray(owners[1:][mine]), np.asarray(np.diff(keys)[mine])


def medians(machines: Keys, gaps: Keys) -> list[tuple[int, float]]:
    keys = (machines << HIGH) | gaps
    keys.sort()
    owners, starts, counts = np.unique(keys >> HIGH, return_index=True, return_counts=True)
    sizes = (keys & LOW).astype(np.float64)
    middles = (sizes[starts + (counts - 1) // 2] + sizes[starts + counts // 2]) / 2
    return [(int(owner), float(middle)) for owner, middle in zip(owners, middles, strict=True)]


def to_minute(seconds: float) -> int:
    return max(SHORTEST, int(seconds / 60 + 0.5) * 60)
