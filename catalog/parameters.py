"""What a client of the action API sends, checked: every parameter is known, of its type, and bounded."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

LONGEST = 500  # characters of a text
MANY = 10  # texts of a list
NUMBER = re.compile(r"[0-9]{1,9}")
FLAGS: Mapping[str, bool] = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
    "": False,
}


class Kind(StrEnum):
    """CKAN's names of what went wrong."""

    NOT_FOUND = "Not Found Error"
    VALIDATION = "Validation Error"
    QUERY = "Search Query Error"


class ActionError(ValueError):
    """What was asked cannot be answered. `about`: the parameter that is wrong."""

    def __init__(self, kind: Kind, message: str, about: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.about = about


def shown(value: object) -> str:
    """What somebody sent, for a message: short, on one line, printable."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def wrong(name: str, wanted: str, value: object) -> ActionError:
    return ActionError(Kind.VALIDATION, f"{name}: {wanted}; read {shown(value)}", name)


@dataclass(frozen=True, slots=True)
class Parameters:
    """By name. From an address every value is a text (a list, where it stands twice), from JSON anything."""

    values: Mapping[str, object]

    def expect(self, names: Collection[str]) -> None:
        """Raises ActionError for a parameter that the action does not have: none is passed over."""
        unknown = sorted(set(self.values) - set(names))
        if unknown:
            known = ", ".join(sorted(names)) or "none"
            raise ActionError(
                Kind.VALIDATION, f"{shown(unknown[0])}: no parameter here; there are {known}", "parameters"
            )

    def text(self, name: str) -> str:
        """Empty when it was not sent. Raises ActionError."""
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > LONGEST:
            raise wrong(name, f"one text of at most {LONGEST} characters", value)
        return value

    def texts(self, name: str) -> list[str]:
        """A list, a JSON list in a text, or one text. Raises ActionError."""
        value = self.values.get(name)
        if isinstance(value, str) and value.lstrip().startswith("["):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                raise wrong(name, "a JSON list of texts", value) from None
        found = [] if value in (None, "") else value if isinstance(value, list) else [value]
        if len(found) > MANY or not all(isinstance(one, str) and len(one) <= LONGEST for one in found):
            raise wrong(name, f"at most {MANY} texts of at most {LONGEST} characters", value)
        return [str(one) for one in found]

    def number(self, name: str, default: int | None, most: int | None = None) -> int | None:
        """0 or more; more than `most` counts as `most`, as with CKAN. Raises ActionError."""
        value = self.values.get(name)
        if value is None or value == "":
            return default
        text = "" if isinstance(value, bool) else str(value).strip() if isinstance(value, int | str) else ""
        if not NUMBER.fullmatch(text):
            raise wrong(name, "a whole number of 0 or more", value)
        found = int(text)
        return found if most is None else min(found, most)

    def flag(self, name: str) -> bool:
        value = self.values.get(name)
        if isinstance(value, bool):
            return value
        found = FLAGS.get(str("" if value is None else value).strip().lower())
        if found is None:
            raise wrong(name, "true or false", value)
        return found
