"""The command called inside the process, on a small register; answers as the console script gives them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from click.testing import CliRunner

from monitor.cli import root
from monitor.cli.errors import EXIT_FAILED, EXIT_TEMPORARY, explain
from store.database import Register, open_register, upgrade

if TYPE_CHECKING:
    from pathlib import Path

OFFICE, WEST = ZoneInfo("Asia/Shanghai"), ZoneInfo("Asia/Karachi")  # there it is three hours earlier
MAIL = """
mail:
  host: 127.0.0.1
  security: none
  sender: center@pingdu.example.gov.cn
"""


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Place:
    """An installation in a folder, and its register."""

    folder: Path
    register: Register

    def call(self, *words: str, **env: str) -> Said:
        """What the console script would print, its errors in words; a fault of the program is raised."""
        settings = str(self.folder / "rightsizer.yml")
        found = CliRunner().invoke(root, ["--config", settings, *words], env={"COLUMNS": "120", **env})
        error = found.exception
        if error is None or isinstance(error, SystemExit):
            return Said(found.exit_code, found.stdout, found.stderr)
        message = explain(error)
        if message is None:
            raise error
        return Said(EXIT_TEMPORARY if message.temporary else EXIT_FAILED, found.stdout, message.text)

    def json(self, *words: str) -> Any:
        said = self.call(*words, "-o", "json")
        assert said.code == 0, said.err
        return json.loads(said.out)


def calm(moment: datetime) -> ZoneInfo:
    """A zone whose day does not turn while the tests run: an expected date would be yesterday's."""
    return WEST if moment.astimezone(OFFICE).hour == 23 else OFFICE


ZONE = calm(datetime.now(OFFICE))
TODAYS = f"{MAIL}timezone: {ZONE}\n"  # for tests that expect dates of today


def placed(folder: Path, settings: str = MAIL) -> Place:
    """A new installation in the folder."""
    folder.mkdir(exist_ok=True)
    (folder / "rightsizer.yml").write_text(f"data_dir: data\n{settings}", "utf-8")
    (folder / "data").mkdir()
    url = f"sqlite:///{folder / 'data' / 'register.db'}"
    upgrade(url)
    return Place(folder, open_register(url))


def today() -> date:
    """Where the office is; the command asks the same clock."""
    return datetime.now(ZONE).date()
