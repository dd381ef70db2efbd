"""Who acts: the login, the roles that the settings give it, and those for whom an operator types."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from operating import Place, placed

from config.people import Person
from config.roles import OF_PEOPLE, ROLES, Role
from monitor.installation import actor
from monitor.people import act_of
from store.tables import Department
from store.workflow import RefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers"]

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PEOPLE = (
    Person(login="wang", roles=[Role.OPERATOR]),
    Person(login="chen", roles=[Role.REVIEWER, Role.OPERATOR]),
    Person(login="li", roles=[Role.FILER, Role.SIGNER], department="市民政局"),
    Person(login="sun", roles=[Role.FILER], department="没有的局"),
    Person(login="zhao", roles=[Role.AUDITOR]),
)


@pytest.fixture
def known(sqlite: Register) -> Register:
    with sqlite.write() as db:
        db.add(Department(code="11370283004283028T", name="市民政局"))
    return sqlite


def test_as_long_as_nobody_is_named_whoever_may_run_the_command_acts_in_every_role(known: Register) -> None:
    with known.read() as db:
        act = act_of(db, (), "root", None, NOW)

    assert act.roles == OF_PEOPLE - {Role.AUDITOR}
    assert act.role == Role.OPERATOR


def test_a_department_is_named_by_name_or_code(known: Register) -> None:
    by_code = Person(login="li", roles=[Role.FILER], department="11370283004283028T")
    with known.read() as db:
        assert act_of(db, [by_code], "li", None, NOW).department_id == 1
        assert act_of(db, PEOPLE, "li", None, NOW).department_id == 1


def test_an_operator_types_for_others_and_both_are_named(known: Register) -> None:
    with known.read() as db:
        act = act_of(db, PEOPLE, "wang", "li", NOW, "as on paper")

    assert act.actor == "li via wang"
    assert act.roles == {Role.FILER, Role.SIGNER}
    assert (act.department_id, act.reason) == (1, "as on paper")


@pytest.mark.parametrize(
    ("people", "login", "other", "said"),
    [
        ((), "root", "li", "the settings name no people"),
        (PEOPLE, "root", None, "root has no role here"),
        (PEOPLE, "wang", "nobody", "nobody has no role here"),
        (PEOPLE, "li", "chen", "li is no operator"),
        (PEOPLE, "zhao", "wang", "zhao is no operator"),
        (PEOPLE, "sun", None, "sun is of '没有的局', which is no known department"),
    ],
    ids=["no people", "unknown", "for an unknown", "a filer", "an auditor", "unknown department"],
)
def test_who_has_no_right_is_refused(
    known: Register, people: tuple[Person, ...], login: str, other: str | None, said: str
) -> None:
    with known.read() as db, pytest.raises(RefusedError, match=said):
        act_of(db, people, login, other, NOW)


def named(db: Session) -> list[str]:
    return [row.name for row in db.query(Department)]


def test_an_auditor_changes_nothing(tmp_path: Path) -> None:
    place: Place = placed(tmp_path / "here", f"people: [{{login: {actor()}, roles: [auditor]}}]\n")
    (tmp_path / "departments.csv").write_text("code,name\nX-1,市司法局\n", "utf-8")
    said = place.call("department", "import", str(tmp_path / "departments.csv"))

    assert (said.code, said.err) == (1, f"that is for operators; {actor()} is auditor")
    with place.register.read() as db:
        assert named(db) == []
    place.register.close()


def test_every_role_is_explained() -> None:
    assert set(ROLES) == set(Role)
