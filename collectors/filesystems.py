"""Disk use of a machine as df says it: sum used / sum (used + available) over its real local file systems."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

POOLED = frozenset(
    {"zfs"}
)  # file systems of one pool have space of their own in use and share what is available
LOCAL = re.compile(
    r"ext[234]|ext2fs|xfs|btrfs|bcachefs|f2fs|jfs|nilfs2|reiserfs|reiser4|vfat|msdos(?:fs)?|exfat|ntfs3?|fuseblk"
    r"|ufs|ffs|lfs|hammer2?|hfs(?:plus)?|apfs|zfs|simfs"
)
# On a block device and yet not this machine's own space: images, shared clusters, what a program mounts.
FOREIGN = re.compile(
    r"iso9660|udf|cd9660|squashfs|cramfs|romfs|erofs|gfs2?|ocfs2|fuse(?!blk).*|devfs|devtmpfs"
)
BLOCK_DEVICE = re.compile(r"/dev/(?!loop|fuse|zram|ram\d).+")
APFS_VOLUME = re.compile(r"((?:/dev/)?disk\d+)s\d+(?:s\d+)*")


@dataclass(frozen=True, slots=True)
class FileSystem:
    """One mounted file system; sizes in bytes. `available` is what an ordinary user may still write."""

    device: str
    kind: str
    size: float
    free: float
    available: float


def disk(mounted: Iterable[FileSystem]) -> tuple[float, float]:
    """(percent in use, total bytes); NaN, NaN without a real local file system."""
    used = room = total = 0.0
    for members in by_storage(mounted).values():
        taken, left, size = storage(members)
        used, room, total = used + taken, room + left, total + size
    if not used + room > 0.0:
        return math.nan, math.nan
    return 100.0 * used / (used + room), total


def by_storage(mounted: Iterable[FileSystem]) -> dict[str, dict[str, FileSystem]]:
    """Storage -> device -> file system. A device mounted twice (bind, btrfs subvolumes) stands once."""
    found: dict[str, dict[str, FileSystem]] = defaultdict(dict)
    for one in mounted:
        if counts(one.device, one.kind) and not one.size <= 0.0:
            found[container(one.device, one.kind)].setdefault(one.device, one)
    return found


def storage(members: dict[str, FileSystem]) -> tuple[float, float, float]:
    """(used, available, size) of the file systems that share one storage."""
    first = next(iter(members.values()))
    if first.kind in POOLED:
        used = sum(one.size - one.free for one in members.values())
        left = max(one.available for one in members.values())
        return used, left, used + left
    if (
        first.kind == "apfs"
    ):  # every volume shows the container's size; only what is left tells what all of them use
        left = min(one.available for one in members.values())
        return first.size - left, left, first.size
    return first.size - first.free, first.available, first.size


@lru_cache(maxsize=1 << 14)
def counts(device: str, kind: str) -> bool:
    """Whether this is a real file system on the machine's own storage."""
    if LOCAL.fullmatch(kind):
        return not device.startswith("/dev/loop")  # an image file: its space is counted where the file lies
    return BLOCK_DEVICE.fullmatch(device) is not None and FOREIGN.fullmatch(kind) is None


@lru_cache(maxsize=1 << 14)
def container(device: str, kind: str) -> str:
    """What file systems share: an APFS container, a ZFS pool, else the device."""
    if kind == "apfs" and (volume := APFS_VOLUME.fullmatch(device)):
        return volume[1]
    return device.split("/", 1)[0] if kind in POOLED else device
