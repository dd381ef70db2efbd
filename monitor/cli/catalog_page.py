"""One entry of the catalog as a page and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from monitor.cli.output import cell
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.metadata import Metadata
    from catalog.tables import Entry, Version

WIDTH = 26  # columns of the terminal for a heading


def seen(db: Session, code: str, number: int | None, today: date) -> dict[str, Any]:
    """Everything about one version of an entry, in JSON values."""
    from catalog.content import facts_of
    from catalog.entries import found, version_of
    from catalog.freshness import freshness, quality
    from catalog.knowledge import Knowledge
    from catalog.passage import judge

    entry = found(db, code)
    version = version_of(db, entry, number)
    facts = facts_of(version)
    worth = quality(facts, entry.last_data_on, today)
    return {
        **identity(entry, version),
        "metadata": plain(facts),
        "freshness": str(freshness(facts.update_period, entry.last_data_on, today)),
        "quality": {**asdict(worth), "total": worth.total},
        "problems": [
            {"field": one.field, "message": one.message}
            for one in judge(Knowledge(db, today), entry, version)
        ],
    }


def identity(entry: Entry, version: Version) -> dict[str, Any]:
    return {
        "code": entry.resource_code,
        "class": entry.class_code,
        "department": entry.department.name,
        "department_code": entry.department.code,
        "version": version.number,
        "state": version.state,
        "published_version": entry.published,
        "last_data_on": None if entry.last_data_on is None else str(entry.last_data_on),
    }


def plain(facts: Metadata) -> dict[str, Any]:
    """By the keys of the fields; days as text."""
    made = asdict(facts)
    made["published_on"] = None if facts.published_on is None else str(facts.published_on)
    made |= made.pop("survey")
    return made


def page(found: dict[str, Any]) -> Iterator[str]:
    """For a person: fields that are filled, items, basis, quality, problems."""
    from catalog.codes import TABLES
    from catalog.fields import FIELDS

    title, metadata = found["metadata"]["title"], found["metadata"]
    yield f"{found['code']}  {cell(title)}"
    public = _("version {number} is public").format(number=found["published_version"])
    none = _("nothing is public")
    state = public if found["published_version"] else none
    yield f"{cell(found['department'])}  v{found['version']} {found['state']}; {state}"
    yield ""
    for field in FIELDS:
        value = metadata.get(field.key)
        if field.kind in {"items", "basis"} or field.key == "title" or value in (None, "", [], ()):
            continue
        table = TABLES.get(field.key)
        text = table.word(value) if table is not None else value
        yield line(field.heading, ", ".join(text) if isinstance(text, list | tuple) else cell(text))
    yield from lists(metadata)
    yield ""
    yield from worth(found)


def lists(metadata: dict[str, Any]) -> Iterator[str]:
    from catalog.codes import DATA_TYPE

    for basis in metadata["basis"]:
        yield line("共享依据", f"《{cell(basis['law']).strip('《》')}》{cell(basis['article'])}")
    for number, item in enumerate(metadata["items"], 1):
        length = f"({item['length']})" if item["length"] else ""
        marks = [_("source")] if item["source"] else []
        marks += [_("personal")] if item["personal"] else []
        facts = f"{cell(item['name'])}  {DATA_TYPE.word(item['data_type']) or '-'}{length}"
        yield line(f"信息项 {number}", "  ".join([facts, *marks]))


def worth(found: dict[str, Any]) -> Iterator[str]:
    quality = found["quality"]
    timely = "?" if quality["timeliness"] is None else quality["timeliness"]
    said = _("quality {total}: completeness {complete}, timeliness {timely}, structure {structure}")
    yield said.format(
        total=quality["total"],
        complete=quality["completeness"],
        timely=timely,
        structure=quality["structure"],
    )
    yield _("data of {day}: {fresh}").format(day=found["last_data_on"] or "?", fresh=found["freshness"])
    for problem in found["problems"]:
        yield f"! {heading(problem['field'])}: {problem['message']}"


def heading(field: str) -> str:
    from catalog.fields import BY_KEY

    return BY_KEY[field].heading if field in BY_KEY else field


def line(name: str, text: str) -> str:
    from rich.cells import cell_len

    return f"{name}{' ' * max(1, WIDTH - cell_len(name))}{text}"
