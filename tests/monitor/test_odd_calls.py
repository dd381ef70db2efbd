"""What tired clerks and hostile ones type at the registers: always an answer, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from operating import Place, placed

from monitor.cli import COMMANDS, root

if TYPE_CHECKING:
    from collections.abc import Iterator

RIGHTSIZER = Path(sys.executable).with_name("rightsizer")
REGISTER_INTEGER = 2**31 - 1  # the widest that PostgreSQL keeps in these columns


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = placed(tmp_path / "office")
    yield found
    found.register.close()


def leaves(found: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below `found` that does something, with its words."""
    if not isinstance(found, click.Group):
        yield name, found
        return
    context = click.Context(found)
    for word in found.list_commands(context):
        below = found.get_command(context, word)
        assert below is not None
        yield from leaves(below, f"{name} {word}".strip())


def test_every_whole_number_that_a_command_takes_fits_the_register() -> None:
    taken = [
        f"{name} {parameter.name}"
        for name, found in leaves(root, "")
        for parameter in found.params
        if parameter.type.name.startswith("integer")
        and not (getattr(parameter.type, "max", None) or REGISTER_INTEGER + 1) <= REGISTER_INTEGER
    ]

    assert len(COMMANDS) > 40
    assert taken == []


def test_a_number_beyond_the_register_is_a_mistaken_call(place: Place) -> None:
    said = place.call("supervision", "add", "training", "培训", "--enrolled", str(2**63))

    assert said.code == 2
    assert "0<=x<=2147483647" in said.err


@pytest.mark.parametrize("word", ["\udcb9\udcfa", "公\0证"], ids=["GBK from a terminal", "a NUL"])
def test_an_argument_that_is_no_text_is_a_mistaken_call(place: Place, word: str) -> None:
    said = place.call("project", "list", "--search", word)

    assert said.code == 2
    assert "no text in UTF-8" in said.err


def test_a_name_that_steers_the_terminal_is_named_without_it(place: Place) -> None:
    said = place.call("department", "add", "X1", "局", "--no-code-reason", "临时", "--contact", "李")
    changed = place.call("department", "change", "X1", "--contact", "\x1b]0;pwned\x07王\u202e")

    assert said.code == changed.code == 0
    assert changed.err == "局 (X1): contact 李 -> ]0;pwned王\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_a_command_without_its_streams_works(place: Place, closed: str) -> None:
    settings = place.folder / "rightsizer.yml"
    line = f'"{RIGHTSIZER}" --config "{settings}" project list {closed}'
    found = subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=False, timeout=60)

    assert (found.returncode, found.stderr) == (0, b"")


@pytest.mark.parametrize("number", ["nan", "inf", "-1", "1e400", "1e10"])
def test_what_is_no_number_is_no_bandwidth(place: Place, number: str) -> None:
    said = place.call("application", "add", "--department", "局", "--system", "甲", "--bandwidth", number)

    assert said.code == 2
    assert number.replace("1e400", "inf").replace("1e10", "10000000000.0") in said.err


@pytest.mark.parametrize("word", ["", ",", " "])
def test_no_number_at_all_is_not_the_answer_to_nothing(place: Place, word: str) -> None:
    said = place.call("filing", "submit", word)

    assert said.code == 2
    assert "is no number" in said.err


def test_blanks_are_no_contact(place: Place) -> None:
    place.call("department", "add", "X1", "局", "--no-code-reason", "临时", "--contact", "李")

    assert place.call("department", "change", "X1", "--contact", "   ").err == "局 (X1): contact 李 -> -\n"


@pytest.mark.parametrize(
    "noun", [[], ["project"], ["catalog", "ticket"]], ids=["nothing", "noun", "two nouns"]
)
def test_a_call_without_a_verb_shows_the_help_once_and_plain(noun: list[str]) -> None:
    found = subprocess.run([RIGHTSIZER, *noun], capture_output=True, check=False, timeout=60, text=True)

    assert found.returncode == 2
    assert found.stderr.startswith("Usage: rightsizer")
    assert found.stderr.count("Usage:") == 1
    assert "rightsizer: Usage" not in found.stderr
