"""Who acts in a command: the login, the roles that the settings give it, and for whom it types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from config.roles import OF_PEOPLE, VIA, Role
from store.tables import Department
from store.workflow import Act, RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from config.people import Person

EVERYBODY = OF_PEOPLE - {Role.AUDITOR}  # as long as the settings name nobody


def act_of(
    db: Session,
    people: Sequence[Person],
    login: str,
    other: str | None,
    now: datetime,
    reason: str | None = None,
) -> Act:
    """The act of a login, or of the person for whom it types (`other`). Raises RefusedError for one without
    roles, for one who may not type for others, and for a department that is not known.
    """
    if not people:
        if other is not None:
            raise RefusedError("--as: the settings name no people: add them under `people:`")
        return Act(login, Role.OPERATOR, now, reason, also=EVERYBODY)
    typist = person_of(people, login)
    if other is None or other == login:
        return made(db, typist, login, now, reason)
    if Role.OPERATOR not in typist.roles:
        raise RefusedError(f"--as {other}: {login} is no operator, who alone types for others")
    return made(db, person_of(people, other), f"{other}{VIA}{login}", now, reason)


def person_of(people: Sequence[Person], login: str) -> Person:
    for person in people:
        if person.login == login:
            return person
    raise RefusedError(f"{login} has no role here: an administrator adds the login under `people:`")


def made(db: Session, person: Person, actor: str, now: datetime, reason: str | None) -> Act:
    department = None
    if person.department is not None:
        named = or_(Department.name == person.department, Department.code == person.department)
        department = db.scalar(select(Department.id).where(named))
        if department is None:
            raise RefusedError(f"{person.login} is of {person.department!r}, which is no known department")
    first, *others = person.roles
    return Act(actor, first, now, reason, also=frozenset(others), department_id=department)


def check_operator(act: Act) -> Act:
    """For what only the centre's clerks do. Raises RefusedError."""
    if Role.OPERATOR not in act.roles:
        raise RefusedError(f"that is for operators; {act.actor} is {', '.join(sorted(act.roles))}")
    return act
