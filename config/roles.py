"""Who may act as what in the registers (arts. 5 to 31): one table for program, settings, docs."""

from __future__ import annotations

from enum import StrEnum

VIA = " via "  # between the person who decides and the one who typed it in


class Role(StrEnum):
    PROGRAM = "program"
    OPERATOR = "operator"
    REVIEWER = "reviewer"
    FINANCE = "finance"
    FILER = "filer"
    SIGNER = "signer"
    EDITOR = "editor"
    AUDITOR = "auditor"


ROLES = {
    Role.PROGRAM: "the daemon and the steps of the pipeline",
    Role.OPERATOR: "the centre's clerks: findings, notices, registers, what comes in on paper",
    Role.REVIEWER: "the centre's reviewers: projects, filings, applications, catalog entries",
    Role.FINANCE: "the finance bureau: reads the budget list, records what was arranged and attests",
    Role.FILER: "of a department: writes its projects, filings and applications, answers",
    Role.SIGNER: "of a department: signs for it what its filers wrote",
    Role.EDITOR: "of a department: keeps its part of the data catalog",
    Role.AUDITOR: "reads everything, changes nothing",
}
OF_DEPARTMENTS = frozenset({Role.FILER, Role.SIGNER, Role.EDITOR})
OF_PEOPLE = frozenset(Role) - {Role.PROGRAM}


def hands(actor: str) -> set[str]:
    """The people in an actor such as `li via wang`."""
    return set(actor.split(VIA))


def same_person(one: str, other: str) -> bool:
    """Whether the same one decided twice, or decided what he typed in for another. Two decisions of two
    people that one clerk typed in are theirs.
    """
    first, second = one.split(VIA, maxsplit=1)[0], other.split(VIA, maxsplit=1)[0]
    return first in hands(other) or second in hands(one)
