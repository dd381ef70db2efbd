"""A reload: everything is read anew, and put in force whole or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from config.settings import load
from monitor.daemon.leading import Leading
from monitor.daemon.seat import Seat
from monitor.exporter.program import Program
from monitor.installation import assemble
from monitor.sources import followed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = """
data_dir: data
collection: {interval: 5m}
policy: {pack: pddr-2020-0020001}
sources:
- {kind: host, name: here, machine: me}
- {kind: exporter, name: others, targets: [{machine: a, url: "http://127.0.0.1:9/metrics"}]}
"""


class Stage:
    def __init__(self, file: Path) -> None:
        file.write_text(SETTINGS, "utf-8")
        self.file = file
        self.house = assemble(load(file), file)
        self.program = Program()
        self.seat = Seat(self.house, Leading(self.house), self.program)

    def reload(self, *changes: tuple[str, str]) -> None:
        text = SETTINGS
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        self.file.write_text(text, "utf-8")
        self.seat.reload()

    def successful(self) -> float | None:
        return self.program.registry.get_sample_value("rightsizer_settings_reload_successful")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path / "rightsizer.yml")
    yield made
    made.house.register.close()


def test_new_settings_are_in_force_on_the_same_register_and_lake(stage: Stage) -> None:
    stage.reload(("interval: 5m", "interval: 1m"))

    assert stage.seat.house.settings.collection.interval == timedelta(minutes=1)
    assert stage.seat.leader.settings is stage.seat.house.settings
    assert stage.seat.house.register is stage.house.register
    assert stage.seat.house.lake is stage.house.lake
    assert stage.successful() == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("interval: 5m", "interval: 7m"), "rightsizer.yml:3:1: collection: an interval"),
        (("pack: pddr-2020-0020001", "pack: unknown"), "unknown"),
        (("data_dir: data", "data_dir: elsewhere"), "data_dir cannot change while the service runs"),
        (("data_dir: data", "data_dir: data\nexporter: {port: 9999}"), "exporter cannot change"),
        (("sources:", "sources: ["), "rightsizer.yml:"),
        ((SETTINGS[SETTINGS.index("sources") :], ""), "no source: is the file whole?"),
    ],
    ids=["a value", "a policy", "a folder", "a port", "syntax", "cut off"],
)
def test_settings_that_are_wrong_leave_the_old_in_force(
    stage: Stage, change: tuple[str, str], said: str
) -> None:
    before = stage.seat.house

    stage.reload(change)

    assert stage.seat.house is before
    assert stage.successful() == 0
    assert said in (stage.seat.refused or "")
    stage.reload()
    assert stage.successful() == 1
    assert stage.seat.refused is None


def test_a_file_that_is_gone_leaves_the_old_in_force(stage: Stage) -> None:
    stage.file.unlink()
    stage.seat.reload()

    assert stage.successful() == 0
    assert stage.seat.house is stage.house


def test_a_source_whose_settings_are_the_same_keeps_its_counters(stage: Stage) -> None:
    here, others = followed(stage.seat.house, [], timedelta())
    stage.reload(("9/metrics", "10/metrics"))

    new_here, new_others = followed(stage.seat.house, [here, others], timedelta())

    assert new_here is here
    assert new_others is not others
    stage.reload(("interval: 5m", "interval: 10m"))
    assert followed(stage.seat.house, [new_here], timedelta())[0] is not here  # its step is another
    for one in (new_others, *followed(stage.seat.house, [], timedelta())):
        one.collector.close()
