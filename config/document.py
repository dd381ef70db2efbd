"""Reads what an operator writes in YAML, and says every mistake in it with its place: file:line:col."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from stat import S_ISREG
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from config.wording import expectation, shown, syntax

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic_core import ErrorDetails

M = TypeVar("M", bound=BaseModel)
Node = CommentedMap | CommentedSeq
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LARGEST = 4 << 20  # bytes
CENTURY = 36525 * UNITS["d"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `place` is file:line:col, lines and columns counted from 1."""

    place: str
    key: str
    value: str
    expected: str

    def __str__(self) -> str:
        read = f" (read {self.value})" if self.value else ""
        key = f"{self.key}: " if self.key else ""
        return f"{self.place}: {key}{self.expected}{read}"


class ConfigError(ValueError):
    """A document cannot be used; `problems` holds every mistake found in it, in the order of the file."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class Document(BaseModel):
    """What a person may write: a misspelt key is an error, never ignored."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True
    )


def seconds(value: object) -> timedelta:
    """`5m`, `30s`, `2h`, `1d` or a number of seconds; at most a hundred years."""
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([smhd]?)", str(value).strip())
    bare = isinstance(value, int | float) and not isinstance(value, bool)
    if match is None or not (bare or match[2]) or float(match[1]) * UNITS[match[2] or "s"] > CENTURY:
        raise ValueError("a duration such as 30s, 5m, 2h or 1d")
    return timedelta(seconds=float(match[1]) * UNITS[match[2] or "s"])


def written(duration: timedelta) -> str:
    """Seconds, as `seconds` reads them: 90s, 0.5s."""
    return f"{duration.total_seconds():.6f}".rstrip("0").rstrip(".") + "s"


Duration = Annotated[timedelta, BeforeValidator(seconds), PlainSerializer(written)]


def positive(value: timedelta) -> timedelta:
    if value < timedelta(seconds=1):
        raise ValueError("a duration of at least 1s")
    return value


Positive = Annotated[Duration, AfterValidator(positive)]


def read(path: Path, model: type[M]) -> M:
    """The document at `path` as `model`. Raises ConfigError with every problem, OSError when it cannot be
    read.
    """
    tree = parse(path)
    try:
        return model.model_validate(tree, context={"folder": path.absolute().parent})
    except ValidationError as error:
        problems = [problem(path, tree, detail, model) for detail in error.errors()]
        raise ConfigError(sorted(problems, key=lambda found: order(found.place))) from error


def text_of(path: Path) -> str:
    """What a file of settings holds. Raises ConfigError when it is none, OSError, UnicodeDecodeError."""
    about = path.stat()
    if not S_ISREG(about.st_mode) or about.st_size > LARGEST:
        raise ConfigError([Problem(f"{path}:1:1", "", "", f"a file of at most {LARGEST >> 20} MiB")])
    return path.read_text("utf-8")


def parse(path: Path) -> CommentedMap:
    """The YAML tree with its line numbers. Raises ConfigError on a syntax error, a duplicate key or bad
    text.
    """
    try:
        tree = YAML(typ="rt").load(text_of(path))
    except UnicodeDecodeError as error:
        raise ConfigError([Problem(f"{path}:1:1", "", "", "text in UTF-8, not a binary file")]) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else f"{path}:1:1"
        raise ConfigError([Problem(place, "", "", syntax(error))]) from None  # its text may quote a secret
    except ReaderError as error:
        before = path.read_text("utf-8")[: error.position]
        place = f"{path}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
        raise ConfigError([Problem(place, "", "", "text without control characters")]) from error
    except RecursionError:
        raise ConfigError([Problem(f"{path}:1:1", "", "", "YAML that is not nested so deep")]) from None
    except (YAMLError, ValueError, TypeError, LookupError, AttributeError) as error:
        said = str(error).split("\n")[0]
        raise ConfigError([Problem(f"{path}:1:1", "", "", f"YAML that can be read ({said})")]) from error
    if tree is None:
        return CommentedMap()
    if not isinstance(tree, CommentedMap):
        raise ConfigError([Problem(f"{path}:1:1", "", shown(tree), "a mapping of keys to values")])
    return tree


def problem(path: Path, tree: CommentedMap, detail: ErrorDetails, model: type[BaseModel]) -> Problem:
    """One pydantic error as a place in the file, with what was read and what was expected."""
    node: Any = tree
    line, column = 0, 0
    keys: list[str] = []
    for part in steps(detail):
        found = key_of(node, part)
        if found is None and (detail["type"] != "missing" or part != detail["loc"][-1]):
            continue  # the tag of a union, not a key of the file
        keys.append(str(part))
        if found is not None:
            line, column = position(node, found, (line, column))
            node = node[found]
    return Problem(f"{path}:{line + 1}:{column + 1}", ".".join(keys), *expectation(detail, keys, model))


def steps(detail: ErrorDetails) -> list[str | int]:
    """The way to the mistake; a tag that is not known is a mistake in its own key."""
    if detail["type"] != "union_tag_invalid":
        return list(detail["loc"])
    return [*detail["loc"], detail["ctx"]["discriminator"].strip("'")]


def key_of(node: object, part: str | int) -> str | int | None:
    """The key or index under which `node` holds `part`; keys that are numbers come as text from pydantic."""
    if isinstance(node, CommentedMap):
        return next((key for key in node if key == part or str(key) == str(part)), None)
    return part if isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node) else None


def position(node: Node, key: str | int, above: tuple[int, int]) -> tuple[int, int]:
    """Line and column from 0; keys that a merge (`<<`) brought in stand where the mapping stands."""
    try:
        found: tuple[int, int] | None = (
            node.lc.key(key) if isinstance(node, CommentedMap) else node.lc.item(key)
        )
    except (KeyError, TypeError, AttributeError):
        found = None
    return found or above


def order(place: str) -> tuple[int, int]:
    _, line, column = place.rsplit(":", 2)
    return int(line), int(column)
