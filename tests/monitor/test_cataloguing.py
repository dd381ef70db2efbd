"""What the catalog says of a project's data: published or not, and there already or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from entries import CLERK, SOUND, TODAY, added, city, published

from catalog.entries import record_data, revise
from catalog.passage import take_offline
from config.workdays import seed
from filing.evaluation_tables import Evaluation
from filing.hints import Held
from filing.project_tables import Direction, ProjectDataItem
from filing.scoring import Resource, catalog
from filing.tables import Filing, FilingState, Project, ProjectKind, ProjectState
from monitor.cataloguing import catalogued, existing
from monitor.checks import State
from monitor.health_registers import catalog as health_of
from store.deadlines import Clock, Term, start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers"]

PRODUCED, NEEDED = Direction.PRODUCED, Direction.NEEDED
Item = tuple[str, str | None, Direction]


@pytest.fixture
def catalog_city(sqlite: Register) -> Register:
    city(sqlite)
    return sqlite


def project(db: Session, items: Sequence[Item], department: int = 1) -> Project:
    row = Project(
        name="救助平台",
        kind=ProjectKind.DEVELOP,
        state=ProjectState.COMPLETED,
        department_id=department,
        created_on=TODAY,
    )
    db.add(row)
    db.flush()
    for name, code, direction in items:
        db.add(ProjectDataItem(project_id=row.id, direction=direction, name=name, code=code))
    db.flush()
    return row


def evaluation(db: Session, project_id: int | None) -> Evaluation:
    filing = Filing(
        department_id=1,
        name="救助平台",
        state=FilingState.FILED,
        card={},
        filed_on=TODAY,
        project_id=project_id,
    )
    db.add(filing)
    db.flush()
    return Evaluation(filing=filing, year=TODAY.year)


def test_of_what_a_project_was_to_produce_the_published_part_counts(catalog_city: Register) -> None:
    with catalog_city.write() as db:
        public, draft, theirs = added(db), added(db), added(db, department=2)
        published(db, public)
        published(db, theirs)
        items = [
            ("低保对象", f" {public.resource_code} ", PRODUCED),
            ("临时救助", draft.resource_code, PRODUCED),
            ("户籍", theirs.resource_code, PRODUCED),
            ("救助金额", None, PRODUCED),
            ("婚姻", public.resource_code, NEEDED),
        ]
        found = catalogued(db, evaluation(db, project(db, items).id), TODAY)

        assert found is not None
        assert (found.needed, found.published) == (4, 1)
        assert found.resources[0] == Resource("低保对象", f" {public.resource_code} ", True)
        assert catalog(found).share == 0.25
        shown = [row["published"] for row in catalog(found).evidence["resources"]]  # type: ignore[attr-defined]
        assert shown == [True, False, False, False]


@pytest.mark.parametrize("items", [[], [("低保对象", None, PRODUCED)], [("婚姻", "307003/000001", NEEDED)]])
def test_what_nothing_links_is_unknown_and_not_nothing(catalog_city: Register, items: list[Item]) -> None:
    with catalog_city.write() as db:
        assert catalogued(db, evaluation(db, project(db, items).id), TODAY) is None


def test_of_a_system_without_a_project_nothing_is_known(catalog_city: Register) -> None:
    with catalog_city.write() as db:
        assert catalogued(db, evaluation(db, None), TODAY) is None


def test_an_entry_counts_on_the_days_that_it_is_public(catalog_city: Register) -> None:
    before, after = TODAY.replace(day=22), TODAY.replace(day=24)
    with catalog_city.write() as db:
        entry = added(db)
        published(db, entry)
        row = evaluation(db, project(db, [("低保对象", entry.resource_code, PRODUCED)]).id)
        counts = [catalogued(db, row, day) for day in (before, TODAY)]
        revise(db, entry, TODAY, CLERK)
        published(db, entry, after)
        counts.append(catalogued(db, row, after))
        take_offline(db, entry, after, CLERK)
        counts.append(catalogued(db, row, after))

    assert [found.published for found in counts if found is not None] == [0, 1, 1, 0]


def test_data_of_others_that_the_catalog_has_is_found_by_every_name(catalog_city: Register) -> None:
    items = [("公民身份号码", None, PRODUCED), ("名字", None, PRODUCED), ("月保障金额", None, PRODUCED)]
    with catalog_city.write() as db:
        entry, own = added(db), added(db, department=2)
        for one in (entry, own):
            published(db, one)
        found = existing(db, project(db, items, department=2))

    assert SOUND.title is not None
    assert found == (Held(entry.resource_code, SOUND.title, "市民政局", 2),)  # 姓名, 身份证号


def test_doctor_counts_what_is_stale_and_overdue_in_the_catalog(catalog_city: Register) -> None:
    late = TODAY.replace(day=2)
    with catalog_city.write() as db:
        for title, on in (("低保对象信息", TODAY), ("特困人员信息", date(2026, 9, 30))):
            entry = added(db, replace(SOUND, title=title))
            published(db, entry)
            record_data(db, entry, on, TODAY, CLERK)
        clocks = [Clock("catalog_share:1", late, 1, "答复"), Clock("project:1", late, 1, "补正")]
        start(db, seed(), "share 1", clocks, Term("第二十三条 共享答复", 5), CLERK)

    (found,) = health_of(catalog_city, TODAY)
    assert found.state is State.WARN
    assert found.found == "1 of 2 published entries are stale, 1 answers or updates are overdue"
    assert health_of(None, TODAY) == []
