"""Which file systems count, and once."""

from __future__ import annotations

import math

import pytest

from collectors.filesystems import FileSystem, disk


def mounted(*rows: tuple[str, str, float, float, float]) -> tuple[float, float]:
    """(percent, bytes) of (device, kind, size, free, available)."""
    return disk(FileSystem(*row) for row in rows)


ROOT = ("/dev/vda1", "ext4", 100.0, 50.0, 40.0)  # 50 used, 40 available, 10 reserved for root


@pytest.mark.parametrize(
    ("rows", "percent", "size"),
    [
        ([ROOT], 100 * 50 / 90, 100),
        ([ROOT, ("/dev/vdb", "xfs", 200, 150, 150)], 100 * 100 / 290, 300),
        ([ROOT, ROOT], 100 * 50 / 90, 100),
        ([("/dev/vdb", "btrfs", 100, 25, 25), ("/dev/vdb", "btrfs", 100, 25, 25)], 75.0, 100),
        ([ROOT, ("tmpfs", "tmpfs", 900, 0, 0), ("overlay", "overlay", 900, 0, 0)], 100 * 50 / 90, 100),
        ([ROOT, ("/dev/loop0", "squashfs", 9, 0, 0), ("/dev/sr0", "iso9660", 9, 0, 0)], 100 * 50 / 90, 100),
        ([ROOT, ("/dev/loop1", "ext4", 9, 0, 0), ("rootfs", "rootfs", 100, 50, 40)], 100 * 50 / 90, 100),
        ([ROOT, ("nas:/home", "nfs4", 900, 0, 0), ("//nas/x", "cifs", 900, 0, 0)], 100 * 50 / 90, 100),
        ([ROOT, ("10.0.0.1:/", "ceph", 9, 0, 0), ("s3fs", "fuse.s3fs", 9, 0, 0)], 100 * 50 / 90, 100),
        ([ROOT, ("/dev/fuse", "fuse", 9, 0, 0), ("map auto_home", "autofs", 0, 0, 0)], 100 * 50 / 90, 100),
        ([ROOT, ("/dev/drbd1", "ocfs2", 9, 0, 0), ("host", "9p", 9, 0, 0)], 100 * 50 / 90, 100),
        ([("/dev/sda1", "fuseblk", 10, 5, 5)], 50.0, 10),
        ([("/dev/mapper/vg-new", "newfs", 10, 5, 5)], 50.0, 10),
        # Two datasets use 30 and 10 of a pool whose 60 are open to both: 40 of 100.
        ([("tank/a", "zfs", 90, 60, 60), ("tank/b", "zfs", 70, 60, 60)], 40.0, 100),
        ([("tank/a", "zfs", 90, 60, 60), ("pool/b", "zfs", 100, 50, 50)], 100 * 80 / 190, 190),
        # Two containers of 100: 80 and 20 used.
        ([("/dev/disk1s1", "apfs", 100, 90, 20), ("/dev/disk3s1s1", "apfs", 100, 90, 80)], 50.0, 200),
        ([], math.nan, math.nan),
        ([("tmpfs", "tmpfs", 9, 1, 1)], math.nan, math.nan),
        ([("/dev/vda1", "ext4", 0, 0, 0)], math.nan, math.nan),
        ([ROOT, ("/dev/vdb", "xfs", 200, math.nan, 1)], math.nan, math.nan),
        ([ROOT, ("/dev/vdb", "xfs", 200, 1, math.nan)], math.nan, math.nan),
    ],
    ids=[
        "reserved blocks",
        "two disks",
        "bind mount",
        "btrfs subvolumes",
        "memory and layers",
        "images",
        "image file and rootfs",
        "network",
        "cluster and cloud",
        "programs",
        "shared",
        "ntfs-3g",
        "a kind of tomorrow",
        "datasets of a pool",
        "two pools",
        "two containers",
        "nothing",
        "nothing real",
        "an empty disk",
        "free is missing",
        "available is missing",
    ],
)
def test_disk_is_what_df_says_of_real_local_file_systems(
    rows: list[tuple[str, str, float, float, float]], percent: float, size: float
) -> None:
    found = mounted(*rows)

    assert found == pytest.approx((percent, size), nan_ok=True)
