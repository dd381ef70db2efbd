"""Every mistake in a document is named with its place, and says what belongs there."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field

from config.document import ConfigError, Document, Duration, read, seconds, written
from config.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Part(Document):
    name: Annotated[str, Field(min_length=2, max_length=5, pattern="^[a-z]+$")] = "ab"
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5


class Sample(Document):
    count: Annotated[int, Field(ge=1, le=9)] = 1
    wanted: bool = True
    word: str = ""
    colour: Colour = Colour.RED
    side: Literal["left", "right"] = "left"
    since: date | None = None
    wait: Duration = timedelta(seconds=1)
    parts: Annotated[list[Part], Field(max_length=2, default_factory=list)]
    main: Part = Part()
    names: Annotated[dict[str, str], Field(default_factory=dict)]


def mistakes(folder: Path, text: str | bytes, model: type[Document] = Sample) -> list[str]:
    """The problems of a document `f.yml`, each a line without the folder's name."""
    path = folder / "f.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        read(path, model)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("count: many", "f.yml:1:1: count: a whole number (read 'many')"),
        ("count: 1.5", "f.yml:1:1: count: a whole number (read 1.5)"),
        ("count: 0", "f.yml:1:1: count: a number of at least 1 (read 0)"),
        ("count: 10", "f.yml:1:1: count: a number of at most 9 (read 10)"),
        ("count:", "f.yml:1:1: count: a whole number (read nothing)"),
        ("wanted: perhaps", "f.yml:1:1: wanted: true or false (read 'perhaps')"),
        ("wanted: [true]", "f.yml:1:1: wanted: true or false (read a list)"),
        ("word: 12", "f.yml:1:1: word: text; a number needs quotes to be text (read 12)"),
        ("colour: green", "f.yml:1:1: colour: one of red, blue (read 'green')"),
        ("side: up", "f.yml:1:1: side: one of left, right (read 'up')"),
        ("since: soon", "f.yml:1:1: since: a date such as 2026-10-01 (read 'soon')"),
        ("wait: 5 minutes", "f.yml:1:1: wait: a duration such as 30s, 5m, 2h or 1d (read '5 minutes')"),
        ("wait: -5", "f.yml:1:1: wait: a duration such as 30s, 5m, 2h or 1d (read -5)"),
        ("wait: true", "f.yml:1:1: wait: a duration such as 30s, 5m, 2h or 1d (read True)"),
        ("wait: .inf", "f.yml:1:1: wait: a duration such as 30s, 5m, 2h or 1d (read inf)"),
        ("wait: 9999999d", "f.yml:1:1: wait: a duration such as 30s, 5m, 2h or 1d (read '9999999d')"),
        ("parts: one", "f.yml:1:1: parts: a list: lines that begin with `- ` (read 'one')"),
        ("parts: [{}, {}, {}]", "f.yml:1:1: parts: at most 2 of it (read a list)"),
        ("main: one", "f.yml:1:1: main: keys with their values, indented below this key (read 'one')"),
        ("main:\n  name: a", "f.yml:2:3: main.name: text of at least 2 characters (read 'a')"),
        ("main:\n  name: abcdef", "f.yml:2:3: main.name: text of at most 5 characters (read 'abcdef')"),
        ("main:\n  name: a-b", "f.yml:2:3: main.name: text that matches ^[a-z]+$ (read 'a-b')"),
        ("main: {share: 1}", "f.yml:1:8: main.share: a number below 1.0 (read 1)"),
        ("main: {share: 0}", "f.yml:1:8: main.share: a number above 0.0 (read 0)"),
        ("main: {share: half}", "f.yml:1:8: main.share: a number (read 'half')"),
        ("names: {a: 1}", "f.yml:1:9: names.a: text; a number needs quotes to be text (read 1)"),
        ("1: x", "f.yml:1:1: 1: a key in letters (read 1)"),
        ("parts:\n- {}\n-   name: ab\n    share: 2", "f.yml:4:5: parts.1.share: a number below 1.0 (read 2)"),
    ],
)
def test_a_wrong_value_is_named_with_what_belongs_there(tmp_path: Path, text: str, said: str) -> None:
    assert mistakes(tmp_path, text) == [said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("coutn: 1", "f.yml:1:1: coutn: unknown key, did you mean count?"),
        ("main:\n  nmae: ab", "f.yml:2:3: main.nmae: unknown key, did you mean name?"),
        ("parts:\n  - shre: 1", "f.yml:2:5: parts.0.shre: unknown key, did you mean share?"),
        ("share: 1", "f.yml:1:1: share: unknown key here; there is main.share and parts.share"),
        ("main:\n  xyzzy: 1", "f.yml:2:3: main.xyzzy: unknown key; known here: name, share"),
    ],
    ids=["misspelt", "misspelt below", "misspelt in a list", "in the wrong place", "like none"],
)
def test_an_unknown_key_comes_with_a_hint(tmp_path: Path, text: str, said: str) -> None:
    assert mistakes(tmp_path, text) == [said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("count: 1\ncount: 2", "f.yml:2:1: every key once; this one stands above already"),
        ("main:\n\tname: ab", "f.yml:2:1: spaces, not a tab, before a key"),
        ("word: a: b", "f.yml:1:8: one key a line; text with `: ` in it needs quotes"),
        ('word: "ab', "f.yml:1:10: a quote at the end of the text that begins with one"),
        ("parts: [{name: ab}", "f.yml:1:19: a comma between the entries, or a closing ]"),
        ("word: *ab", "f.yml:1:7: quotes around text that begins with *; there is no anchor &ab"),
        ("word: @ab", "f.yml:1:7: quotes around text that begins with @"),
        ("main:\n    name: ab\n  share: 1", "f.yml:3:3: the same indentation as the lines of this block"),
        ("count: 1\nword\n", "f.yml:3:1: `key: value`; there is no `:`"),
        ("count: 1\n---\ncount: 2", "f.yml:2:1: one document; `---` begins a second one"),
        ("- count: 1", "f.yml:1:1: a mapping of keys to values (read a list)"),
        ("just text", "f.yml:1:1: a mapping of keys to values (read 'just text')"),
        ("count: 1\nword: a\0b", "f.yml:2:8: text without control characters"),
        (b"SQLite format 3\xff\x00\x80", "f.yml:1:1: text in UTF-8, not a binary file"),
        ("[" * 900, "f.yml:1:1: YAML that is not nested so deep"),
    ],
)
def test_a_file_that_is_no_yaml_is_refused_at_its_place(tmp_path: Path, text: str | bytes, said: str) -> None:
    (found,) = mistakes(tmp_path, text)

    assert found.startswith(said)


def test_every_mistake_is_named_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = "wait: x\ncolour: x\nmain:\n  share: 7\n  nmae: x\nparts: [{name: X}]\ncount: 99\nnew: 1\n"

    places = [line.split(" ")[0] for line in mistakes(tmp_path, text)]
    assert places == [f"f.yml:{place}:" for place in ("1:1", "2:1", "4:3", "5:3", "6:10", "7:1", "8:1")]


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n", "\ufeffcount: 1\n"])
def test_a_file_without_keys_gives_the_defaults(tmp_path: Path, text: str) -> None:
    path = tmp_path / "f.yml"
    path.write_text(text)

    assert read(path, Sample) == Sample.model_validate({})


def test_anchors_and_merges_are_read_and_their_mistakes_have_a_place(tmp_path: Path) -> None:
    path = tmp_path / "f.yml"
    path.write_text("main: &m {name: abc}\nparts:\n  - *m\n  - <<: *m\n    share: 0.1\n")

    assert read(path, Sample).parts == [Part(name="abc"), Part(name="abc", share=0.1)]
    # A mistake that the merge brought in stands where the merging mapping stands.
    assert mistakes(tmp_path, "names: &m {nmae: x}\nparts:\n  - <<: *m\n") == [
        "f.yml:3:5: parts.0.nmae: unknown key, did you mean name?"
    ]


def test_an_alias_within_its_own_anchor_is_refused(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, "parts: &p [*p]\n")

    assert found.startswith("f.yml:1:")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{name: a}", "1:11: sources.0: the key `kind` is required: one of exporter, host, prometheus"),
        ("{kind: ssh}", "1:12: sources.0.kind: one of exporter, prometheus, host (read 'ssh')"),
        ("{kind: host, name: a}", "1:11: sources.0.machine: this key is required"),
        (
            "{kind: host, machine: m, name: A b}",
            "1:36: sources.0.name: text that matches ^[a-z0-9][a-z0-9_-]*$ (read 'A b')",
        ),
        (
            "{kind: host, machine: m, name: a, tagets: []}",
            "1:45: sources.0.tagets: unknown key, did you mean targets?",
        ),
        ("ssh", "1:11: sources.0: keys with their values, indented below this key (read 'ssh')"),
        (
            "{kind: host, machine: m, name: 7}",
            "1:36: sources.0.name: text; a number needs quotes to be text (read 7)",
        ),
    ],
    ids=["no kind", "unknown kind", "missing key", "bad name", "key of another kind", "no mapping", "number"],
)
def test_a_source_is_checked_by_its_kind(tmp_path: Path, source: str, said: str) -> None:
    assert mistakes(tmp_path, f"sources: [{source}]", Settings) == [f"f.yml:{said}"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("30s", 30),
        ("5m", 300),
        ("2h", 7200),
        ("1d", 86400),
        ("0.5m", 30),
        (" 5 m ", 300),
        (90, 90),
        (0, 0),
        (1.5, 1.5),
    ],
)
def test_a_duration_is_a_number_with_its_unit(value: object, expected: float) -> None:
    assert seconds(value) == timedelta(seconds=expected)


@given(st.integers(0, 36525 * 86400 * 1000))
def test_a_duration_that_is_written_reads_as_the_same(milliseconds: int) -> None:
    duration = timedelta(milliseconds=milliseconds)

    assert seconds(written(duration)) == duration


@pytest.mark.parametrize(
    "value", ["", "5", "5w", "m", "-5m", "1e3s", "٥m", "5m5s", None, True, -1, float("nan")]
)
def test_what_is_no_duration_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="a duration such as"):
        seconds(value)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="acnoprstuw:-[]{}&*!|>'\"#%@\t\n 019.é", max_size=60))
def test_no_text_escapes_as_another_error_than_its_own(tmp_path: Path, text: str) -> None:
    path = tmp_path / "any.yml"
    path.write_text(text)
    with suppress(ConfigError):
        read(path, Sample)
