"""The people of the settings: which login may do what in the registers."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from config.document import Document
from config.roles import OF_DEPARTMENTS, OF_PEOPLE, Role

Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


def of_people(value: Role) -> Role:
    if value not in OF_PEOPLE:
        raise ValueError(f"one of {', '.join(sorted(OF_PEOPLE))}")
    return value


class Person(Document):
    """A login of this machine, and what its person may do in the registers. `department`: name or code."""

    login: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\s]+$")]
    name: Line | None = None
    roles: Annotated[list[Annotated[Role, AfterValidator(of_people)]], Field(min_length=1)]
    department: Line | None = None

    @model_validator(mode="after")
    def belongs(self) -> Person:
        if OF_DEPARTMENTS & set(self.roles) and self.department is None:
            raise ValueError(f"a department for a {', '.join(sorted(OF_DEPARTMENTS & set(self.roles)))}")
        if Role.AUDITOR in self.roles and len(set(self.roles)) > 1:
            raise ValueError("auditor alone: who reads for control decides nothing")
        return self
