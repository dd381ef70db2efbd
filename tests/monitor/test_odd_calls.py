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
from monitor.installation import actor

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


PEOPLE = """
people:
  - {login: OWN, roles: [operator]}
  - {login: jiao, roles: [filer], department: 市教育局}
"""


def staffed(folder: Path) -> Place:
    """An office with two departments, one of which has a filer."""
    place = placed(folder, PEOPLE.replace("OWN", actor()))
    for code, name in (("X1", "市司法局"), ("X2", "市教育局")):
        assert place.call("department", "add", code, name, "--no-code-reason", "临时").code == 0
    return place


def test_a_row_for_another_department_says_that_in_plain_words(tmp_path: Path) -> None:
    place, file = staffed(tmp_path / "office"), tmp_path / "a.csv"
    file.write_text("项目名称,建设单位,项目类型,是否涉密\n智慧甲,市司法局,开发,否\n", "utf-8")

    said = place.call("--as", "jiao", "project", "import", str(file))
    place.register.close()

    assert "(name): project '智慧甲': cannot be written: jiao via" in said.err
    assert "acts for another department" in said.err
    assert "expected" not in said.err


def test_a_bad_cell_of_the_service_items_is_told_once(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.write_text("事项名称,单位,材料名称,是否纸质\n公租房\x1b[31m,市司法局,结婚证,是\n", "utf-8")

    said = place.call("service-item", "import", str(file))

    assert said.err.count("(service)") == 1
    assert "must not be empty" not in said.err


@pytest.mark.parametrize("name", ["", "   ", "-", "/"])
def test_a_filing_is_of_a_system_with_a_name(tmp_path: Path, name: str) -> None:
    place = staffed(tmp_path / "office")

    said = place.call("filing", "add", "--", "市司法局", name)
    place.register.close()

    assert (said.code, "a system with a name" in said.err) == (1, True)
