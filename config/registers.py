"""What a policy pack says of the registers: projects, cloud applications, the data catalog."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from config.document import Document

Days = Annotated[int, Field(ge=1, le=400)]
Percent = Annotated[int, Field(ge=1, le=100)]


class Projects(Document):
    """The city's own numbers on projects: articles 7 to 9 give none. `accept` and `supplement`: working days
    from submission to acceptance or return, and from the return to the supplement; `file`: from the
    acceptance of the work to the filing of its system, without it no clock runs. The others say what is
    pointed out at submission: an investment limit (万元) that projects may be split under, within
    `split_months`; how alike (percent) two names or how many data items the same; words that names share
    and that say nothing.
    """

    accept: Days = 3
    supplement: Days = 10
    file: Days | None = None
    experts_at_least: Annotated[int, Field(ge=3, le=99)] = 3
    limit_wan: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 50
    split_months: Annotated[int, Field(ge=1, le=120)] = 12
    alike: Percent = 85
    same_items: Annotated[int, Field(ge=1, le=1000)] = 3
    common_words: list[Annotated[str, Field(min_length=1)]] = []


class Application(Document):
    """Cloud applications (art. 12). Working days of each step; and what the advised size rests on: machines
    with so many measured days of the last ones, at least so many of them, and the level that so many percent
    of them stay under.
    """

    accept: Days = 3
    opinion: Days = 2
    configure: Days = 2
    correct: Days = 5
    take_back: Days = 10
    window_days: Annotated[int, Field(ge=7, le=400)] = 93
    measured_days: Annotated[int, Field(ge=7, le=400)] = 28
    machines: Annotated[int, Field(ge=1, le=1000)] = 3
    share: Percent = 75

    @model_validator(mode="after")
    def possible(self) -> Application:
        if self.measured_days > self.window_days:
            raise ValueError(
                f"measured_days of at most window_days; read {self.measured_days} of {self.window_days}"
            )
        return self


class CatalogTerms(Document):
    """Working days of the data catalog: `update` by art. 17, `share_answer` by art. 23, those of opening by
    the regulation on open government information (art. 25). The others are the city's own.

    `third_party_clock`: whether the clock of the answer stands while a third party is asked.
    """

    update: Days = 15
    share_answer: Days = 5
    open_correct: Days = 7
    open_answer: Days = 20
    open_extend: Days = 20
    third_party: Days = 15
    third_party_clock: Literal["stops", "runs"] = "stops"
    purchase_entry: Days = 15
    verify: Days = 10
    correct: Days = 10
    objection: Days = 10
