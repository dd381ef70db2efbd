"""Policy packs: one regulation's thresholds as versioned data (art. 13, third paragraph, of
PDDR-2020-0020001).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StrictInt, ValidationInfo, field_validator, model_validator

from config.document import ConfigError, Document, Problem, read
from config.evaluation import Evaluation
from config.registers import Application, CatalogTerms, Days, Percent, Projects

if TYPE_CHECKING:
    from config.settings import PolicyChoice

FOLDER = Path(__file__).parent / "policies"
RULES = ("shrink", "expand", "idle")
STATISTICS = {
    "cpu": ("mean", "p95", "periodic_peak"),
    "memory": ("mean", "periodic_peak"),
    "disk": ("max", "last"),
    "network": ("mean",),
}
# Rule: how its conditions may be combined, what they may look at, how they may compare.
SIZED = ("cpu", "memory", "disk")
SHAPES = {
    "shrink": (("all", "each"), SIZED, ("at_most", "below")),
    "expand": (("any", "all"), SIZED, ("above",)),
    "idle": (("all", "any"), ("cpu", "memory", "disk", "network"), ("at_most", "below")),
}
Operator = Literal["at_most", "below", "above"]


class Condition(Document):
    """One comparison. Exactly one of at_most (<=), below (<), above (>); whole percents, network in
    bytes/s.
    """

    resource: Literal["cpu", "memory", "disk", "network"]
    statistic: str
    at_most: StrictInt | None = None
    below: StrictInt | None = None
    above: StrictInt | None = None
    recent_days: Annotated[int, Field(ge=7, le=400)] = 93
    phrase: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def complete(self) -> Condition:
        known = STATISTICS[self.resource]
        if self.statistic not in known:
            raise ValueError(f"a statistic of {self.resource}: {', '.join(known)}; read {self.statistic!r}")
        given = [name for name in ("at_most", "below", "above") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("exactly one of at_most, below, above")
        if self.statistic == "p95" and self.operator == "below":
            raise ValueError("p95 is compared by at_most or above: it is decided on counts of whole percents")
        highest = 100 if self.resource != "network" else 10**12
        if not 0 <= self.threshold <= highest:
            raise ValueError(f"a threshold from 0 to {highest}; read {self.threshold}")
        return self

    @property
    def operator(self) -> Operator:
        return "at_most" if self.at_most is not None else "below" if self.below is not None else "above"

    @property
    def threshold(self) -> int:
        value: int = getattr(self, self.operator)
        return value


class Rule(Document):
    """`all` conditions together, `any` of them, or `each` resource by itself; and how much data it needs."""

    combine: Literal["all", "any", "each"]
    window_days: Annotated[int, Field(ge=1, le=400)]
    valid_days: Annotated[int, Field(ge=1, le=400)]
    coverage: Percent
    conditions: Annotated[list[Condition], Field(min_length=1)]

    @model_validator(mode="after")
    def possible(self) -> Rule:
        if self.valid_days > self.window_days:
            raise ValueError(
                f"valid_days of at most window_days; read {self.valid_days} of {self.window_days}"
            )
        return self

    @property
    def resources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(condition.resource for condition in self.conditions))


class Rules(Document):
    """What makes a size smaller asks for little use, what makes it larger for much: the sizes rely on it."""

    shrink: Rule
    expand: Rule
    idle: Rule

    @field_validator("shrink", "expand", "idle")
    @classmethod
    def understood(cls, rule: Rule, info: ValidationInfo) -> Rule:
        combines, resources, operators = SHAPES[str(info.field_name)]
        if rule.combine not in combines:
            raise ValueError(f"{info.field_name} combines by {' or '.join(combines)}; read {rule.combine}")
        for condition in rule.conditions:
            if condition.resource not in resources:
                raise ValueError(
                    f"{info.field_name} looks at {', '.join(resources)}; read {condition.resource}"
                )
            if condition.operator not in operators:
                raise ValueError(
                    f"{info.field_name} compares by {' or '.join(operators)}; read {condition.resource} "
                    f"{condition.statistic} {condition.operator} {condition.threshold}"
                )
        if rule.combine == "each" and len(rule.resources) < len(rule.conditions):
            raise ValueError("combine: each takes one condition per resource")
        return rule


class Target(Document):
    """Highest use, in percent, that an advised size may lead to."""

    cpu: Percent = 70
    memory: Percent = 70
    disk: Percent = 65


class Sizes(Document):
    """The sizes that can be ordered, ascending, a resource each."""

    vcpus: Annotated[list[Annotated[float, Field(gt=0, allow_inf_nan=False)]], Field(min_length=1)]
    memory_gib: Annotated[list[Annotated[float, Field(gt=0, allow_inf_nan=False)]], Field(min_length=1)]
    disk_gib: Annotated[list[Annotated[float, Field(gt=0, allow_inf_nan=False)]], Field(min_length=1)]

    @model_validator(mode="after")
    def ascending(self) -> Sizes:
        for name in ("vcpus", "memory_gib", "disk_gib"):
            sizes = getattr(self, name)
            if sizes != sorted(set(sizes)):
                raise ValueError(f"{name} in ascending order, each once")
        return self


class Prices(Document):
    """Yuan per unit and month."""

    vcpu: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    memory_gib: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    disk_gib: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0


class Terms(Document):
    """Working days of article 13: `adjust` from receipt of a notice, `deploy` from delivery of a machine."""

    adjust: Days = 10
    deploy: Days = 10


class Policy(Document):
    title: str
    document_number: Annotated[str, Field(min_length=1, max_length=64)]
    article: str
    valid_from: date
    valid_to: date | None = None
    rules: Rules
    target: Target = Target()
    sizes: Sizes
    prices: Prices = Prices()
    terms: Terms = Terms()
    project: Projects = Projects()
    application: Application = Application()
    evaluation: Evaluation | None = None
    catalog: CatalogTerms = CatalogTerms()

    @model_validator(mode="after")
    def dates_in_order(self) -> Policy:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to after valid_from")
        return self

    def expired(self, on: date) -> bool:
        return self.valid_to is not None and on > self.valid_to

    def validity(self, on: date) -> str | None:
        """A sentence when the policy does not cover the day `on`, else None."""
        if self.expired(on):
            return f"{self.document_number} ended on {self.valid_to}"
        if on < self.valid_from:
            return f"{self.document_number} begins only on {self.valid_from}"
        return None


def load_policy(choice: PolicyChoice) -> Policy:
    """The chosen pack. Raises ConfigError, FileNotFoundError when no pack has that name."""
    path = choice.file or FOLDER / f"{choice.pack}.yml"
    if not path.is_file():
        packs = ", ".join(sorted(p.stem for p in FOLDER.glob("*.yml")))
        raise FileNotFoundError(f"no policy pack at {path}; packs that come with rightsizer: {packs}")
    policy = read(path, Policy)
    return policy if choice.combine is None else with_combine(policy, choice.combine)


def with_combine(policy: Policy, combine: Literal["all", "each"]) -> Policy:
    """The policy whose shrink rule combines so. Raises ConfigError when its conditions do not allow that."""
    shrink = policy.rules.shrink.model_copy(update={"combine": combine})
    twice = [str(c.resource) for c in shrink.conditions]
    if combine == "each" and len(shrink.resources) < len(twice):
        names = ", ".join(r for r in shrink.resources if twice.count(r) > 1)
        expected = f"`each` takes one condition per resource; shrink has several on {names}"
        raise ConfigError([Problem("settings", "policy.combine", "", expected)])
    return policy.model_copy(update={"rules": policy.rules.model_copy(update={"shrink": shrink})})


def with_threshold(policy: Policy, rule: str, resource: str, threshold: int) -> Policy:
    """The policy with another threshold for a rule's resource. Raises KeyError when the rule has none of
    it.
    """
    if rule not in RULES or resource not in getattr(policy.rules, rule).resources:
        known = [f"{name}.{r}" for name in RULES for r in getattr(policy.rules, name).resources]
        raise KeyError(f"{rule}.{resource} is not a condition; known: {', '.join(known)}")
    old: Rule = getattr(policy.rules, rule)
    conditions = [
        Condition.model_validate({**c.model_dump(exclude_none=True), c.operator: threshold})
        if c.resource == resource
        else c
        for c in old.conditions
    ]
    changed = old.model_copy(update={"conditions": conditions})
    return policy.model_copy(update={"rules": policy.rules.model_copy(update={rule: changed})})
