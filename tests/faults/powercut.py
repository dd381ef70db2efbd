"""Real power cuts: an emulated machine whose memory is gone, over and over, while our store is written.

It boots a Debian kernel with an initramfs that holds just the interpreter and the modules that in_guest.py
loads. It is frozen once, with everything loaded and its disk not yet mounted; each life begins from there.
What the guest has synced is in its disk's file, all else dies with it. Nothing is installed: the kernel's
package is downloaded and unpacked. `python tests/faults/powercut.py [CUTS]` prints what each cut left.
"""

from __future__ import annotations

import gzip
import json
import py_compile
import random
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
QEMU = "/usr/bin/qemu-system-x86_64"
PACKAGES = ("linux-image-cloud-amd64", "busybox-static")
MODULES = ("virtio*", "ext4", "jbd2", "mbcache", "crc16", "libcrc32c", "crc32c*")
APPLETS = ("sh", "mount", "modprobe", "dmesg")
INIT = """#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
export PYTHONHOME=/usr PYTHONPATH=/py
exec /usr/bin/python3 -S -u /py/in_guest.py
"""
MOUNTED = """
for m in virtio_pci virtio_blk ext4; do modprobe $m; done
mount -t ext4 /dev/vda /mnt || dmesg
"""
PROBE = """
import json, sys
sys.path.insert(0, sys.argv[2])
import in_guest
in_guest.main(sys.argv[1], "normal", 2)
files = [getattr(m, "__file__", None) for m in list(sys.modules.values())]
print(json.dumps({"files": [f for f in files if f], "path": sys.path, "program": sys.executable}))
"""
PATIENCE = 240.0  # seconds a boot may take on a busy machine


@dataclass
class Boot:
    """What one life of the machine said, until its power was cut."""

    entries_found: int = -1
    sent_found: int = -1
    synchronous: int = -1  # as SQLite says it: 2 is FULL
    sound: bool = False
    entries: int = 0  # the last that was acknowledged
    sent: int = 0
    said: list[str] = field(default_factory=list)


def downloaded(folder: Path) -> Path:
    """The kernel's and busybox's packages, unpacked. Raises CalledProcessError where apt cannot have them."""
    root = folder / "root"
    if not root.exists():
        (folder / "archives/partial").mkdir(parents=True, exist_ok=True)
        options = ["-y", "-qq", "--no-install-recommends", "--download-only", "-o", f"Dir::Cache={folder}"]
        subprocess.run(["apt-get", "install", *options, *PACKAGES], check=True, capture_output=True)
        for package in (folder / "archives").glob("*.deb"):
            if package.name.startswith(("linux-image-6", "linux-image-7", "busybox-static")):
                subprocess.run(["dpkg", "-x", package, root], check=True)
    return root


def probed(folder: Path, register: Path) -> tuple[list[Path], list[Path], Path]:
    """The files of every module that the work loads, the paths that they lie under, and the interpreter."""
    copy = folder / "probe.db"
    shutil.copyfile(register, copy)
    command = [sys.executable, "-c", PROBE, f"sqlite:///{copy}", str(HERE)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT)
    found = json.loads(done.stdout.splitlines()[-1])
    paths = sorted({Path(path).resolve() for path in found["path"] if path}, key=lambda path: -len(str(path)))
    return [Path(file) for file in found["files"]], paths, Path(found["program"]).resolve()


def libraries(files: Iterable[Path]) -> set[Path]:
    """The shared libraries that programs and modules are linked with."""
    done = subprocess.run(["ldd", *map(str, files)], capture_output=True, text=True, check=False)
    named = re.findall(r"(?:=> )?(/\S+) \(0x", done.stdout)
    return {Path(name) for name in named}


def image(folder: Path, root: Path, register: Path) -> Path:
    """The initramfs."""
    tree = folder / "tree"
    for name in ("bin", "dev", "proc", "sys", "mnt", "tmp", "py", "usr/bin"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(root / "bin/busybox", tree / "bin/busybox")
    for applet in APPLETS:
        (tree / "bin" / applet).symlink_to("busybox")
    kernel_modules(root, tree)
    files, paths, interpreter = probed(folder, register)
    shutil.copy(interpreter, tree / "usr/bin/python3")
    linked = libraries([interpreter, *(file for file in files if file.suffix == ".so")])
    for library in linked:
        (tree / str(library.parent)[1:]).mkdir(parents=True, exist_ok=True)
        shutil.copy(library.resolve(), tree / str(library)[1:])
    modules(files, paths, tree / "py")
    standard = tree / f"usr/lib/python{sys.version_info.major}.{sys.version_info.minor}"
    standard.parent.mkdir(parents=True, exist_ok=True)
    standard.symlink_to("/py")
    (tree / "mounted").write_text(MOUNTED)
    (tree / "init").write_text(INIT)
    (tree / "init").chmod(0o755)
    packed = folder / "initramfs.gz"
    names = "\n".join(str(path.relative_to(tree)) for path in tree.rglob("*"))
    cpio = [str(root / "bin/busybox"), "cpio", "-o", "-H", "newc"]
    archive = subprocess.run(cpio, input=names.encode(), cwd=tree, check=True, capture_output=True).stdout
    packed.write_bytes(gzip.compress(archive, 1))
    return packed


def kernel_modules(root: Path, tree: Path) -> None:
    (source,) = (root / "lib/modules").iterdir()
    target = tree / "lib/modules" / source.name
    for module in (path for name in MODULES for path in source.rglob(f"{name}.ko")):
        made = target / module.relative_to(source)
        made.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(module, made)
    for name in ("modules.builtin", "modules.order"):
        shutil.copy(source / name, target / name)
    subprocess.run(
        [root / "bin/busybox", "depmod", "-b", tree, source.name], check=False, capture_output=True
    )


def modules(files: list[Path], paths: list[Path], target: Path) -> None:
    """Each module where its import finds it, compiled here: the emulated machine is slow."""
    files = [
        *files,
        *encodings(),
        HERE / "in_guest.py",
        *(PROJECT / "store/migrations/versions").glob("*.py"),
    ]
    for file in files:
        base = (
            HERE
            if file.parent == HERE
            else next(path for path in paths if file.resolve().is_relative_to(path))
        )
        made = target / file.resolve().relative_to(base)
        made.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix != ".py" or file.parent == HERE or "versions" in file.parts:
            shutil.copy(file, made)
        else:
            py_compile.compile(str(file), cfile=str(made.with_suffix(".pyc")), doraise=True)


def encodings() -> list[Path]:
    import encodings as package

    folder = Path(package.__file__).parent
    return [folder / f"{name}.py" for name in ("__init__", "aliases", "ascii", "utf_8", "latin_1", "idna")]


def disk(folder: Path, register: Path) -> Path:
    """A disk whose file system holds the register."""
    content, made = folder / "content", folder / "disk.img"
    content.mkdir(exist_ok=True)
    shutil.copyfile(register, content / "register.db")
    made.unlink(missing_ok=True)
    subprocess.run(["truncate", "-s", "256M", made], check=True)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-d", content, made], check=True)
    return made


@dataclass(frozen=True)
class Parts:
    """What the machine is made of; `frozen`: its memory with everything loaded."""

    kernel: Path
    initramfs: Path
    drive: Path
    frozen: Path


@contextmanager
def machine(parts: Parts, *more: str) -> Iterator[subprocess.Popen[str]]:
    """The machine, while its power is on."""
    command = [QEMU, "-accel", "tcg", "-m", "384", "-smp", "1", "-nographic", "-no-reboot", "-nodefaults"]
    command += ["-serial", "stdio", "-kernel", str(parts.kernel), "-initrd", str(parts.initramfs)]
    command += ["-append", "console=ttyS0 quiet panic=-1", *more]
    command += ["-drive", f"file={parts.drive},if=virtio,format=raw,cache=writeback"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=pipe, stdin=pipe, text=True)
    try:
        yield process
    finally:
        process.kill()  # the cut
        process.communicate()


def freeze(parts: Parts) -> None:
    """Boots once, until everything is loaded, and keeps the machine's memory."""
    place = parts.frozen.with_suffix(".sock")
    place.unlink(missing_ok=True)
    with machine(parts, "-monitor", f"unix:{place},server,nowait") as process:
        assert process.stdout is not None
        if not any("LOADED" in line for line in process.stdout):
            raise RuntimeError("the machine did not boot")
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.connect(str(place))
            monitor.sendall(f'migrate "exec:cat > {parts.frozen}.new"\nquit\n'.encode())
            process.wait(PATIENCE)
    Path(f"{parts.frozen}.new").rename(parts.frozen)


def live(parts: Parts, synchronous: str, chance: random.Random) -> Boot:
    """Works until so many commits were acknowledged, and dies some milliseconds later."""
    boot, wanted, end = Boot(), chance.randint(10, 60), time.monotonic() + PATIENCE
    with machine(parts, "-monitor", "none", "-incoming", f"exec:cat {parts.frozen}") as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdin.write(f"\n{synchronous}\n")  # the first byte after a thaw may be lost
        process.stdin.flush()
        for line in process.stdout:
            read(boot, line.split())
            boot.said.append(line.rstrip())
            if time.monotonic() > end or "EMPTY" in line:
                break
            if boot.entries and boot.entries - boot.entries_found >= wanted:
                time.sleep(chance.uniform(0, 0.2))
                break
        process.kill()
        for line in process.stdout:  # acknowledged before the cut, and only now read
            if line.endswith("\n"):
                read(boot, line.split())
    return boot


def read(boot: Boot, words: list[str]) -> None:
    if words[:1] == ["FOUND"]:
        boot.entries_found, boot.sent_found = int(words[1]), int(words[3])
        boot.synchronous, boot.sound = int(words[4]), words[5:] == ["None", "None"]
    elif words[:1] == ["ENTRY"]:
        boot.entries = int(words[1])
    elif words[:1] == ["SENT"]:
        boot.sent += 1


def cuts(folder: Path, register: Path, number: int, synchronous: str = "full") -> Iterator[tuple[Boot, Boot]]:
    """So many cuts: what was acknowledged before each, and what was found after it."""
    root = downloaded(folder)
    (kernel,) = (root / "boot").glob("vmlinuz-*")
    parts = Parts(kernel, folder / "initramfs.gz", disk(folder, register), folder / "frozen")
    if not parts.frozen.exists():
        image(folder, root, register)
        freeze(parts)
    chance = random.Random(20260918)
    before = live(parts, synchronous, chance)
    for _ in range(number):
        after = live(parts, synchronous, chance)
        yield before, after
        before = after


def lost(before: Boot, after: Boot) -> tuple[int, int]:
    """Acknowledged journal entries and sent mails that are gone."""
    sent = before.sent_found + before.sent
    return max(0, before.entries - after.entries_found), max(0, sent - after.sent_found)


def prepared(folder: Path) -> Path:
    """A register with mails that wait."""
    sys.path[:0] = [str(HERE.parent / name) for name in ("", "store", "notifier")]
    from stage import posted

    from store.database import open_register, upgrade

    path = folder / "register.db"
    path.unlink(missing_ok=True)
    upgrade(f"sqlite:///{path}")
    register = open_register(f"sqlite:///{path}")
    posted(register, 3000, copies=10)
    register.close()
    return path


def main(number: int) -> None:
    folder = Path.home() / ".cache/rightsizer-powercut"
    folder.mkdir(parents=True, exist_ok=True)
    register = prepared(folder)
    for synchronous, times in (("full", number), ("normal", 2)):
        for cut, (before, after) in enumerate(cuts(folder, register, times, synchronous), 1):
            entries, mails = lost(before, after)
            print(
                f"{synchronous} cut {cut}: acknowledged entry {before.entries}, found {after.entries_found}; "
                f"lost {entries} entries, {mails} sent-marks; sound: {after.sound}",
                flush=True,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
