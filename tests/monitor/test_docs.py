"""What can be called is documented."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from monitor.cli import root
from monitor.roles import table_of_roles
from monitor.workflows import WORKFLOWS
from store.workflow import table_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.workflow import Workflow

DOCS = Path(__file__).resolve().parents[2] / "docs"


def commands(group: click.Group, prefix: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


ALL = dict(commands(root, "rightsizer"))


@pytest.mark.parametrize("name", ALL)
def test_every_command_is_documented(name: str) -> None:
    assert f"`{name}" in (DOCS / "commands.md").read_text("utf-8")


@pytest.mark.parametrize("name", ALL)
def test_every_command_and_option_says_what_it_does(name: str) -> None:
    command = ALL[name]
    silent = [p.name for p in command.params if isinstance(p, click.Option) and not p.help]

    assert command.get_short_help_str()
    assert silent == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.noun)
def test_the_documented_states_are_those_of_the_program(workflow: Workflow) -> None:
    assert table_of(workflow) in (DOCS / "states.md").read_text("utf-8")


def test_the_documented_roles_are_those_of_the_program() -> None:
    assert table_of_roles(WORKFLOWS) in (DOCS / "roles.md").read_text("utf-8")


def test_every_documented_workflow_is_listed_once() -> None:
    nouns = [workflow.noun for workflow in WORKFLOWS]

    assert sorted(set(nouns)) == sorted(nouns)


def test_the_operators_year_names_only_commands_that_exist() -> None:
    text = (DOCS / "operations.md").read_text("utf-8")
    said = {" ".join(words) for words in re.findall(r"(?m)^ *\$ rightsizer ([a-z]+)(?: ([a-z]+))?", text)}
    known = {name.removeprefix("rightsizer ") for name in ALL}

    unknown = {
        words.strip() for words in said if words.strip() not in known and words.split()[0] not in known
    }
    assert said
    assert unknown == set()


def test_every_fault_has_a_row_and_a_test_that_carries_its_number() -> None:
    text = (DOCS / "reliability.md").read_text("utf-8")
    tests = Path(__file__).resolve().parents[1]
    proofs = "\n".join(path.read_text("utf-8") for path in tests.rglob("test_*.py"))
    every = set(range(1, 53))

    assert {int(number) for number in re.findall(r"(?m)^\| (\d+) \|", text)} == every
    assert {int(number) for number in re.findall(r"def test_fault_(\d\d)_", proofs)} == every


def test_the_proofs_that_reliability_names_exist() -> None:
    text = (DOCS / "reliability.md").read_text("utf-8")
    there = {path.name for path in Path(__file__).resolve().parents[1].rglob("*.py")}
    named = {Path(name).name for name in re.findall(r"`([\w/]+\.py)`", text)}

    assert named - {"soak.py"} <= there


def regulation_rows() -> list[tuple[int, str, str, str]]:
    """Article, words, module, test; a row without an article is the one's above."""
    rows, article = [], 0
    for line in (DOCS / "regulation.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("| ") or len(cells) != 4 or cells[0] == "article":
            continue
        article = int(found[0]) if (found := re.match(r"\d+", cells[0])) else article
        rows.append((article, *cells[1:]))
    return rows


def test_every_article_of_the_regulation_has_its_rows_in_order() -> None:
    articles = [row[0] for row in regulation_rows()]

    assert articles == sorted(articles)
    assert set(articles) == set(range(1, 37))


def test_a_row_of_the_regulation_names_a_module_and_a_test_or_says_why_not() -> None:
    honest = ("nothing for software to do", "not built yet", "elsewhere")
    silent = [
        (article, words)
        for article, words, module, test in regulation_rows()
        if not words or not ((module and ".py`" in test) or module.startswith(honest))
    ]

    assert silent == []


def test_what_the_regulations_rows_name_exists() -> None:
    root = DOCS.parent
    named = {
        name
        for row in regulation_rows()
        for name in re.findall(r"`([\w./-]+)`", " ".join(row[2:]))
        if "/" in name
    }

    assert {name for name in named if not (root / name).is_file()} == set()
