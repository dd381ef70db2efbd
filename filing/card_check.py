"""What a card lacks or contradicts. A draft may lack; a submitted card may not (art. 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from filing.card import BY_KEY, FIELDS, Card, Field, Kind
from filing.card_values import is_empty, read
from store.workflow import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


def parsed(said: Mapping[str, str]) -> dict[str, object]:
    """Values by key or heading, as a person writes them; an empty one means that it is taken out (None).

    Raises RefusedError with every wrong one, SecretError.
    """
    found: dict[str, object] = {}
    wrong = []
    for name, value in said.items():
        field = known(name)
        try:
            found[field.key] = None if is_empty(value) else read(field, value, None, "万元")
        except UnicodeError:
            raise
        except ValueError as error:
            if field.kind is Kind.SECRECY:
                raise  # its value is shown nowhere
            wrong.append(f"{field.heading} ({field.key}): read {value!r}, expected {error}")
    if wrong:
        raise RefusedError("; ".join(wrong))
    return found


def known(name: str) -> Field:
    """The field of a key, a heading or one of its aliases. Raises RefusedError."""
    for field in FIELDS:
        if name in {field.key, field.heading, field.title, *field.aliases}:
            return field
    raise RefusedError(f"no field {name!r} in the card; they are: {', '.join(BY_KEY)}")


def merged(card: Mapping[str, object], change: Mapping[str, object]) -> Card:
    """The card with the changes, in the order of the form; None takes a value out."""
    both = {**card, **change}
    return {field.key: both[field.key] for field in FIELDS if both.get(field.key) is not None}


def lacks(card: Mapping[str, object]) -> list[str]:
    """The headings of what a submission still needs."""
    wanted = [field.key for field in FIELDS if field.required]
    wanted += [key for key, needed in conditional(card) if needed]
    return [BY_KEY[key].heading for key in wanted if card.get(key) is None]


def conditional(card: Mapping[str, object]) -> list[tuple[str, bool]]:
    """What is wanted because of what was answered elsewhere."""
    return [
        ("running_source", bool(card.get("running_cost"))),
        ("maintainer", card.get("running_mode") == "外包"),
        ("postponed_because", card.get("postponed") is True),
    ]


def contradictions(card: Mapping[str, object], today: date) -> list[tuple[str, str]]:
    """Key of the field and what is wrong with it: days in an impossible order."""
    built, until = card.get("built_on"), card.get("maintained_until")
    days = [(key, card.get(key)) for key in ("built_on", "approved_on")]
    found = [
        (key, f"a day that is not after today, {today}")
        for key, day in days
        if isinstance(day, str) and day > today.isoformat()
    ]
    if isinstance(built, str) and isinstance(until, str) and until < built[: len(until)]:
        found.append(("maintained_until", f"a day not before the system was built ({built})"))
    return found


def check(card: Mapping[str, object], today: date) -> None:
    """Raises RefusedError for contradictions; a draft passes as far as it goes."""
    found = [f"{BY_KEY[key].heading}: expected {said}" for key, said in contradictions(card, today)]
    if found:
        raise RefusedError("the card contradicts itself: " + "; ".join(found))


def check_complete(card: Mapping[str, object], today: date) -> None:
    """Raises RefusedError, naming everything that is missing."""
    check(card, today)
    if missing := lacks(card):
        raise RefusedError(
            f"the card lacks {', '.join(missing)}: `rightsizer filing edit N --set {missing[0]}=...`"
        )


def differences(old: Mapping[str, object], new: Mapping[str, object]) -> list[tuple[Field, object, object]]:
    """Field, value before, value after; None where there is none."""
    return [
        (field, old.get(field.key), new.get(field.key))
        for field in FIELDS
        if old.get(field.key) != new.get(field.key)
    ]
