"""What is expected at a mistake, in the words of the person who writes the document, not of the library."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from ruamel.yaml.constructor import DuplicateKeyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import BaseModel
    from pydantic_core import ErrorDetails
    from ruamel.yaml.error import MarkedYAMLError

Place = tuple[str, ...]
SECRET = re.compile(r"password|secret|token|bearer|url_file", re.IGNORECASE)
NUMBER = "a whole number"
DATE = "a date such as 2026-10-01"
KEYS = "keys with their values, indented below this key"
EXPECTED = {
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": NUMBER,
    "int_parsing": NUMBER,
    "int_parsing_size": NUMBER,
    "int_from_float": NUMBER,
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "string_type": "text; a number needs quotes to be text",
    "string_too_short": "text of at least {min_length} characters",
    "string_too_long": "text of at most {max_length} characters",
    "string_pattern_mismatch": "text that matches {pattern}",
    "path_type": "a path",
    "date_type": DATE,
    "date_parsing": DATE,
    "date_from_datetime_parsing": DATE,
    "date_from_datetime_inexact": DATE,
    "list_type": "a list: lines that begin with `- `",
    "tuple_type": "a list: lines that begin with `- `",
    "too_short": "at least {min_length} of it",
    "too_long": "at most {max_length} of it",
    "dict_type": KEYS,
    "model_type": KEYS,
    "model_attributes_type": KEYS,
    "missing": "this key is required",
    "invalid_key": "a key in letters",
    "recursion_loop": "no alias that stands within its own anchor",
}
SYNTAX = (
    (r"mapping values are not allowed", "one key a line; text with `: ` in it needs quotes"),
    (r"found character '\\?t'", "spaces, not a tab, before a key"),
    (r"found character '(.)' that cannot", r"quotes around text that begins with \1"),
    (r"found undefined alias '(.*)'", r"quotes around text that begins with *; there is no anchor &\1"),
    (r"found another document", "one document; `---` begins a second one"),
    (r"found unexpected end of stream", "a quote at the end of the text that begins with one"),
    (r"could not find expected ':'", "`key: value`; there is no `:`"),
    (r"expected <block end>", "the same indentation as the lines of this block"),
    (r"expected ',' or '(.)'", r"a comma between the entries, or a closing \1"),
)


def expectation(detail: ErrorDetails, keys: Sequence[str], model: type[BaseModel]) -> tuple[str, str]:
    """What was read ("" when that says nothing, or may be a secret) and what belongs there."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return "", f"unknown key{hint(keys, model)}"
    if kind == "union_tag_not_found":
        tag = str(context["discriminator"]).strip("'")
        return "", f"the key `{tag}` is required: one of {', '.join(tags(model, tag))}"
    value = "" if kind == "missing" or (keys and SECRET.search(keys[-1])) else shown(detail["input"])
    if kind == "union_tag_invalid":
        return shown(context["tag"]), f"one of {listed(context['expected_tags'])}"
    if kind in {"literal_error", "enum"}:
        return value, f"one of {listed(context['expected'])}"
    said = detail["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return value, EXPECTED[kind].format(**context) if kind in EXPECTED else said[:1].lower() + said[1:]


def listed(quoted: str) -> str:
    """`'a', 'b' or 'c'` as `a, b, c`."""
    return quoted.replace(" or ", ", ").replace("'", "")


def hint(keys: Sequence[str], model: type[BaseModel]) -> str:
    """Which key may have been meant: a like one of this place, else the places that know this very key."""
    known = list(places(model.model_json_schema()))
    parent: Place = tuple(key for key in keys[:-1] if not key.isdigit())
    here = sorted({place[-1] for place in known if place[:-1] == parent})
    near = difflib.get_close_matches(keys[-1], here, 1)
    if near:
        return f", did you mean {near[0]}?"
    elsewhere = sorted({".".join(place) for place in known if place[-1] == keys[-1]})
    if elsewhere:
        return f" here; there is {' and '.join(elsewhere[:3])}"
    return f"; known here: {', '.join(here)}" if here else ""


def places(schema: dict[str, Any], root: dict[str, Any] | None = None, place: Place = ()) -> Iterator[Place]:
    """Every key that a JSON schema knows, with the keys above it; entries of a list count as their list."""
    root = root if root is not None else schema
    if "$ref" in schema:
        yield from places(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root, place)
    for branch in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from places(branch, root, place)
    if isinstance(schema.get("items"), dict):
        yield from places(schema["items"], root, place)
    for name, below in schema.get("properties", {}).items():
        yield (*place, name)
        yield from places(below, root, (*place, name))


def tags(model: type[BaseModel], name: str) -> list[str]:
    definitions = model.model_json_schema().get("$defs", {}).values()
    found = {definition.get("properties", {}).get(name, {}).get("const") for definition in definitions}
    return sorted(tag for tag in found if tag)


def syntax(error: MarkedYAMLError) -> str:
    """What YAML wants, without the text that was read: it may hold a secret."""
    if isinstance(error, DuplicateKeyError):
        return "every key once; this one stands above already"
    said = (error.problem or "YAML that can be read").split("\n")[0]
    for pattern, phrase in SYNTAX:
        if match := re.search(pattern, said):
            return match.expand(phrase)
    return f"YAML that can be read ({said})"


def shown(value: object) -> str:
    """A value in at most 60 characters; the password in a URL is left out."""
    text = repr(value) if isinstance(value, str | int | float | bool | type(None)) else type(value).__name__
    text = {"CommentedMap": "a mapping", "CommentedSeq": "a list", "None": "nothing"}.get(text, text)
    text = re.sub(r"://[^/@\s]*@", "://***@", text)
    return text if len(text) <= 60 else text[:57] + "..."
