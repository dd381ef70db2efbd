"""The sheet of the yearly evaluation (绩效评价, art. 10, second paragraph) as data of the policy pack."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from config.document import Document

Measure = Literal["use", "deploy", "catalog"]
FULL = 100  # points of the sheet
Points = Annotated[int, Field(ge=0, le=FULL)]
Days = Annotated[int, Field(ge=1, le=400)]


class Item(Document):
    """One line of the sheet. `measure`: what our own data say about it; without one a person scores it."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,31}$")]
    title: Annotated[str, Field(min_length=1, max_length=40)]
    points: Annotated[int, Field(ge=1, le=FULL)]
    measure: Measure | None = None


class Grades(Document):
    """Percent of an item's points that a machine earns: one that is used, one of which little is used, one
    that stands idle.
    """

    used: Points = FULL
    low: Points = 50
    idle: Points = 0

    @model_validator(mode="after")
    def descending(self) -> Grades:
        if not self.used >= self.low >= self.idle:
            raise ValueError("used >= low >= idle")
        return self


class Evaluation(Document):
    """`passed` points and more pass (合格), from `rectify` on there is a term to rectify (整改), below it the
    project failed. `least`: points of the sheet that have to be scored at all. `use_days`: how long the use
    of machines is looked at. Terms in working days: to rectify, and to appeal.
    """

    items: Annotated[list[Item], Field(min_length=1)]
    passed: Points = 80
    rectify: Points = 60
    least: Points = 50
    use_days: Annotated[int, Field(ge=28, le=366)] = 93
    grades: Grades = Grades()
    rectify_days: Days = 60
    appeal_days: Days = 15

    @model_validator(mode="after")
    def adds_up(self) -> Evaluation:
        total = sum(item.points for item in self.items)
        if total != FULL:
            raise ValueError(f"points that sum to {FULL}; read {total}")
        keys = [item.key for item in self.items]
        if len(set(keys)) < len(keys):
            raise ValueError("every item's key once")
        measures = [item.measure for item in self.items if item.measure is not None]
        if len(set(measures)) < len(measures):
            raise ValueError("every measure once")
        if self.rectify > self.passed:
            raise ValueError(f"rectify of at most passed; read {self.rectify} and {self.passed}")
        return self
