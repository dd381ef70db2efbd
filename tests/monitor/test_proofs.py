"""Proofs are kept under their SHA-256, whole or not at all, and never changed."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from monitor.proofs import MOST, ProofError, fault, keep

if TYPE_CHECKING:
    from pathlib import Path

SCAN = b"%PDF-1.7 a scan"
SHA256 = hashlib.sha256(SCAN).hexdigest()


def scan(folder: Path, name: str = "receipt.pdf", content: bytes = SCAN) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_proof_is_kept_by_its_hash_and_name(tmp_path: Path) -> None:
    name = keep(tmp_path / "data" / "proofs", scan(tmp_path))

    assert name == f"{SHA256}-receipt.pdf"
    assert (tmp_path / "data" / "proofs" / name).read_bytes() == SCAN
    assert fault(tmp_path / "data" / "proofs", name) is None


def test_the_same_proof_again_is_kept_once(tmp_path: Path) -> None:
    path = scan(tmp_path)
    first = keep(tmp_path / "proofs", path)
    when = (tmp_path / "proofs" / first).stat().st_ino

    assert keep(tmp_path / "proofs", path) == first
    assert [(kept.name, kept.stat().st_ino) for kept in (tmp_path / "proofs").iterdir()] == [(first, when)]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("收据 第3页.pdf", "收据 第3页.pdf"),
        ("a:b*c?.png", "a_b_c_.png"),
        ("x\u202efdp.exe", "xfdp.exe"),
        ("回" * 80, "回" * 60),  # 180 bytes
        ("证" * 70 + ".pdf", "证" * 58 + ".pdf"),  # 58 * 3 + 4 = 178
        ("-rf", "-rf"),
        ("\u200b", "proof"),
    ],
    ids=["Chinese", "signs", "turned", "long", "long with an ending", "like an option", "invisible"],
)
def test_a_name_is_kept_as_every_system_can_keep_it(tmp_path: Path, name: str, kept: str) -> None:
    assert keep(tmp_path / "proofs", scan(tmp_path, name)) == f"{SHA256}-{kept}"


def test_an_empty_file_proves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ProofError, match="the file is empty"):
        keep(tmp_path / "proofs", scan(tmp_path, content=b""))
    assert list((tmp_path / "proofs").iterdir()) == []


def test_a_file_that_is_too_large_proves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with path.open("wb") as file:
        file.truncate(MOST + 1)

    with pytest.raises(ProofError, match="more than 100 MiB"):
        keep(tmp_path / "proofs", path)
    assert list((tmp_path / "proofs").iterdir()) == []


def test_only_a_file_proves(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(ProofError, match="not a file"):
        keep(tmp_path / "proofs", tmp_path / "pipe")
    with pytest.raises(ProofError, match="not a file"):
        keep(tmp_path / "proofs", tmp_path)
    with pytest.raises(FileNotFoundError):
        keep(tmp_path / "proofs", tmp_path / "missing.pdf")


def test_a_changed_or_missing_proof_is_found_and_never_overwritten(tmp_path: Path) -> None:
    path = scan(tmp_path)
    name = keep(tmp_path / "proofs", path)
    (tmp_path / "proofs" / name).write_bytes(b"forged")

    assert "it was changed" in (fault(tmp_path / "proofs", name) or "")
    with pytest.raises(ProofError, match="restore it from a backup"):
        keep(tmp_path / "proofs", path)
    (tmp_path / "proofs" / name).unlink()
    assert "No such file" in (fault(tmp_path / "proofs", name) or "")


def test_a_proof_told_in_words_is_no_file(tmp_path: Path) -> None:
    assert fault(tmp_path, "回执") is None
