"""Departments one by one: their codes, how art. 35 binds them, and their people."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from store import uscc
from store.inventory_file import code as code_of
from store.journal import Entry, append
from store.tables import Contact, Department, Protection, Standing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from store.workflow import Act

COMPANY = "91"  # how the codes of companies begin
FACTS = ("code", "name", "email", "contact", "phone", "standing", "no_code_reason")


class DepartmentError(LookupError, ValueError):
    """A department or a contact that is not there, or cannot be as said."""


class NoDepartmentError(LookupError):
    """No department has that name or code."""


def find_department(db: Session, wanted: str) -> Department:
    """By code or name. Raises NoDepartmentError, with those that come near: nothing found would read as good
    news.
    """
    named = or_(Department.code == wanted, Department.name == wanted)
    found = db.scalars(select(Department).where(named).order_by(Department.code != wanted)).first()
    if found is not None:
        return found
    pairs = db.execute(select(Department.name, Department.code)).all()
    words = {word: name for name, code in pairs for word in (name, code)}
    near = dict.fromkeys(words[word] for word in get_close_matches(wanted, words, 3, 0.4))
    hint = f" Near: {', '.join(near)}." if near else ""
    raise NoDepartmentError(f"no department {wanted!r}; `rightsizer department list` shows them.{hint}")


def checked_code(text: str) -> str:
    """A 统一社会信用代码 or an internal code. Raises DepartmentError, which names the right character."""
    try:
        found = code_of(text)
    except ValueError as error:
        raise DepartmentError(f"{text!r} is no such code, expected {error}") from error
    if (said := uscc.misread(found.upper())) and not uscc.looks_like(found):
        raise DepartmentError(f"{found!r} looks like a 统一社会信用代码, {said}")
    return found


def check_reason(code: str, reason: str | None) -> None:
    """An internal code says why there is no other one; a real one has nothing to explain."""
    internal = not uscc.looks_like(code)
    if internal and not reason:
        raise DepartmentError(
            f"{code!r} is an internal code: say why there is no 统一社会信用代码 (--no-code-reason)"
        )
    if not internal and reason:
        raise DepartmentError(f"{code} is a 统一社会信用代码: there is no reason to give for having none")


def to_look_at(department: Department) -> list[str]:
    """What an operator should look at, in words; nothing of it stops the work."""
    found = []
    real = uscc.looks_like(department.code)
    if not real and not department.no_code_reason:
        found.append("internal code without a reason")
    if real and department.code.startswith(COMPANY) and department.standing == Standing.BOUND:
        found.append("company (91...) said to be bound, not 参照")
    return found


def add_department(db: Session, said: Mapping[str, str | None], act: Act) -> Department:
    """A new one. `said`: of FACTS. Raises DepartmentError."""
    facts = {name: value for name, value in said.items() if value is not None}
    facts["code"] = checked_code(facts["code"])
    check_reason(facts["code"], facts.get("no_code_reason"))
    check_free(db, facts)
    row = Department(**facts)
    db.add(row)
    db.flush()
    append(db, act.now, Entry(act.actor, "department.added", row.code, None, facts, act.reason))
    return row


def check_free(db: Session, facts: Mapping[str, str], but: int | None = None) -> None:
    """Every department has a name and a code of its own, and none is called by the code of another."""
    words = [value for name in ("code", "name") if (value := facts.get(name)) is not None]
    named = or_(Department.code.in_(words), Department.name.in_(words))
    wanted = select(Department).where(named)
    other = db.scalar(wanted if but is None else wanted.where(Department.id != but))
    if other is not None:
        raise DepartmentError(f"{' or '.join(words)} belongs to {other.name} ({other.code}) already")


def change_department(
    db: Session, row: Department, said: Mapping[str, str | None], act: Act
) -> dict[str, tuple[str | None, str | None]]:
    """Changes what is said; an empty text takes a value out. Returns before and after of what changed."""
    facts = {name: value or None for name, value in said.items() if value is not None}
    if not facts.get("name", row.name):
        raise DepartmentError("a department keeps a name")
    if not facts.get("code", row.code):
        raise DepartmentError("a department keeps a code: name another one (--code)")
    if code := facts.get("code"):
        facts["code"] = checked_code(code)
        if uscc.looks_like(facts["code"] or "") and "no_code_reason" not in facts:
            facts["no_code_reason"] = None  # it has one now
    if {"code", "no_code_reason"} & facts.keys():
        check_reason(facts.get("code") or row.code, facts.get("no_code_reason", row.no_code_reason))
    check_free(db, {k: v for k, v in facts.items() if v is not None}, but=row.id)
    changed = {
        name: (getattr(row, name), value) for name, value in facts.items() if getattr(row, name) != value
    }
    if not changed:
        return {}
    if "code" in changed:
        recode(db, row.code, facts["code"] or "")
    before = {name: old for name, (old, _new) in changed.items()}
    after = {name: new for name, (_old, new) in changed.items()}
    subject = row.code
    for name, value in after.items():
        setattr(row, name, value)
    append(db, act.now, Entry(act.actor, "department.changed", subject, before, after, act.reason))
    return changed


def recode(db: Session, old: str, new: str) -> None:
    """Protections name departments by their codes."""
    scopes = Protection.scope.in_(("department", "system"))
    for row in db.scalars(select(Protection).where(scopes)):
        code, slash, system = row.subject.partition("/")
        if code == old:
            row.subject = new + slash + system


def contacts(db: Session, department: Department | None = None) -> Sequence[Contact]:
    """The people of a department, or of all, by department and name."""
    wanted = select(Contact).join(Contact.department).order_by(Department.name, Contact.name, Contact.duty)
    if department is not None:
        wanted = wanted.where(Contact.department_id == department.id)
    return db.scalars(wanted).all()


def add_contact(
    db: Session, department: Department, name: str, duty: str, reach: Mapping[str, str | None], act: Act
) -> bool:
    """A person of a department for a duty; `reach`: phone, email. Known already: brought up to date.

    Returns whether the person is new there. Raises DepartmentError.
    """
    if not reach.get("phone") and not reach.get("email"):
        raise DepartmentError(f"{name}: a telephone number or an e-mail address, to be reached at")
    if not re.fullmatch(r"[^\x00-\x1f\x7f]{1,32}", duty):
        raise DepartmentError("a duty of at most 32 characters, such as filer, signer, editor, technician")
    row = of_name(db, department, name, duty)
    told = {key: value for key, value in reach.items() if value}
    before = None
    if row is None:
        row = Contact(department=department, name=name, duty=duty)
        db.add(row)
    else:
        before = {key: getattr(row, key) for key in told}
    if before == told:
        return False
    for key, value in told.items():
        setattr(row, key, value)
    subject = f"{department.code}/{name}/{duty}"
    append(db, act.now, Entry(act.actor, "contact.added", subject, before, told, act.reason))
    return before is None


def remove_contact(db: Session, department: Department, name: str, duty: str, act: Act) -> None:
    """Raises DepartmentError."""
    row = of_name(db, department, name, duty)
    if row is None:
        raise DepartmentError(
            f"no {duty} {name!r} of {department.name}; `rightsizer department contact list` shows them"
        )
    db.delete(row)
    before = {"phone": row.phone, "email": row.email}
    subject = f"{department.code}/{name}/{duty}"
    append(db, act.now, Entry(act.actor, "contact.removed", subject, before, None, act.reason))


def of_name(db: Session, department: Department, name: str, duty: str) -> Contact | None:
    own = select(Contact).where(Contact.department_id == department.id)
    return db.scalar(own.where(Contact.name == name, Contact.duty == duty))
