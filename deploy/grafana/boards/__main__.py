"""Writes every dashboard as JSON: `python -m boards FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from boards.city import city
from boards.department import department
from boards.machine import machine
from boards.notices import notices
from boards.service import service

BOARDS = {
    "city": city,
    "department": department,
    "machine": machine,
    "notices": notices,
    "service": service,
}


def text(name: str) -> str:
    """The dashboard's JSON, the same each time."""
    encoder = JSONEncoder(sort_keys=True, indent=1, ensure_ascii=False)
    return encoder.encode(BOARDS[name]().build()) + "\n"


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in BOARDS:
        (folder / f"{name}.json").write_text(text(name), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
