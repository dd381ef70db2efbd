"""Reads the wanted part of a Prometheus text page, strictly, and quickly.

Three steps: the lines of the wanted families are cut out of the page; prometheus-client parses what stands
before each value, once per distinct text (machines repeat each other's labels); everything is held against
the grammar that Prometheus and promtool apply, narrower than prometheus-client's. One bad wanted line rejects
the whole page.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from prometheus_client.parser import text_string_to_metric_families

from collectors.collector import CollectError, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LINE_LIMIT = 64 << 10  # bytes of a line
LABEL_LIMIT = 64  # labels of a series
SAMPLE_LIMIT = 20_000  # wanted samples of a page
REMEMBERED = 512  # bytes: longer series texts are parsed anew each time, so that the memory stays bounded
WORK_LIMIT = 1 << 34  # sum of the squared lengths of long lines: prometheus-client takes quadratic time

LABEL = rb'[a-zA-Z_][a-zA-Z0-9_]*+[ \t]*+=[ \t]*+"(?:[^"\\\n]|\\[\\"n])*+"[ \t]*+'
LABELS = rb"\{[ \t]*+(?:%b(?:,[ \t]*+%b)*+(?:,[ \t]*+)?+)?+\}" % (LABEL, LABEL)
SERIES = rb"[a-zA-Z_:][a-zA-Z0-9_:]*+[ \t]*+(?:%b)?+[ \t]*+" % LABELS
NUMBER = rb"(?:[+-]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?|[+-]?(?i:inf(?:inity)?)|(?i:nan))"
SERIES_TEXT = re.compile(SERIES)
LABEL_TEXT = re.compile(LABEL)
SAMPLE_LINE = re.compile(rb"(%b)(%b)(?:[ \t]++([0-9]++))?" % (SERIES, NUMBER))
META_LINE = re.compile(rb"[ \t]*+#[ \t]*+(HELP|TYPE)[ \t]++([a-zA-Z_:][a-zA-Z0-9_:]*+)(?:[ \t](.*))?")
FIGURES = b"0123456789.eE+-"
HASH = ord("#")
HELP_TEXT = re.compile(rb"(?:[^\\]|\\[\\n])*+", re.DOTALL)
TYPES = frozenset({b"counter", b"gauge", b"untyped"})  # no wanted family is a histogram or a summary


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Series:
    """A name and its labels; one object per series, so that equal series are the same key."""

    name: str
    labels: Mapping[str, str]


Page = dict[str, dict[Series, float]]  # family -> series -> value
INTERNED: WeakValueDictionary[tuple[str, frozenset[tuple[str, str]]], Series] = WeakValueDictionary()


class Cutter:
    """Knows the wanted families and cuts their lines out of a page."""

    def __init__(self, names: Iterable[str]) -> None:
        wanted = trie([name.encode() for name in names]) + rb"(?![a-zA-Z0-9_:])"
        meta = rb"#[ \t]*(?:HELP|TYPE)[ \t]+%b" % wanted
        # {"name", ...} is the newer spelling that only who asks for it gets: cut out, to be refused.
        quoted = rb'\{[^\n]*"%b"' % wanted
        self.lines = re.compile(rb"\n([ \t]*(?:%b|%b|%b)[^\n]*)" % (wanted, meta, quoted))

    def cut(self, page: bytes) -> list[bytes]:
        """The wanted lines, without their newlines. `page` begins with a newline."""
        found: list[bytes] = self.lines.findall(page)
        return found

    def place(self, page: bytes, index: int) -> int:
        """The line number, from 1, of the wanted line `index`."""
        for count, match in enumerate(self.lines.finditer(page)):
            if count == index:
                return page.count(b"\n", 0, match.start() + 1)
        raise IndexError(index)


def trie(names: Sequence[bytes]) -> bytes:
    """A pattern that matches any of the names, with common beginnings written once."""
    heads: dict[bytes, list[bytes]] = defaultdict(list)
    for name in names:
        heads[name[:1]].append(name[1:])
    end = heads.pop(b"", None)
    branches = [re.escape(head) + trie(tails) for head, tails in heads.items()]
    if not branches:
        return b""
    group = branches[0] if len(branches) == 1 else b"(?:%b)" % b"|".join(branches)
    return group if end is None else b"(?:%b)?+" % group


def read(body: bytes, cutter: Cutter) -> Page:
    """The wanted samples of a page. Raises CollectError: PARSE or DUPLICATE with the line, BODY_LIMIT.

    Values are as written, so NaN and infinities may be among them; timestamps are checked and not used.
    """
    page = b"\n" + body
    lines = cutter.cut(page)
    if len(lines) > SAMPLE_LIMIT:
        raise CollectError(Reason.BODY_LIMIT, f"{len(lines)} wanted lines, more than {SAMPLE_LIMIT}")
    reader = Reader()
    index, line = 0, b""
    try:
        for index, line in enumerate(lines):  # noqa: B007 - the error names the line where it stopped
            reader.take(line)
        reader.finish(page, line)
    except ValueError as error:
        reason = Reason.DUPLICATE if isinstance(error, TwiceError) else Reason.PARSE
        where = cutter.place(page, index)
        text = line[:150].decode("latin-1")
        raise CollectError(reason, f"line {where}: {error}: {text}") from error
    return reader.page


class TwiceError(ValueError):
    """A series stands twice in one page."""


class Reader:
    """One page while it is read, line by line."""

    def __init__(self) -> None:
        self.page: Page = defaultdict(dict)
        self.metas: set[tuple[bytes, str]] = set()
        self.work = 0

    def take(self, line: bytes) -> None:
        """One wanted line. Raises ValueError when it breaks the grammar, TwiceError."""
        if line[0] == HASH:
            self.take_meta(line)
            return
        text, _, number = line.rpartition(b" ")
        if len(text) > REMEMBERED or number.translate(None, FIGURES) or (series := remembered(text)) is None:
            self.slowly(line)
            return
        family = self.page[series.name]
        if series in family:
            raise TwiceError("this series stands twice")
        family[series] = read = float(number)
        if read - read:  # an infinity less itself is not 0
            raise ValueError("a number beyond every float")

    def finish(self, page: bytes, last: bytes) -> None:
        """Raises ValueError when the page stops within its `last` wanted line: figures may be missing."""
        if last and not page.endswith(b"\n") and page.endswith(b"\n" + last):
            raise ValueError("the page ends within this line")

    def slowly(self, line: bytes) -> None:
        """A line that is not `series figures`: blanks, NaN, timestamps, long labels; or a bad one."""
        if len(line) > LINE_LIMIT:
            raise ValueError(f"longer than {LINE_LIMIT} bytes")
        if line.lstrip(b" \t")[:1] == b"#":
            self.take_meta(line)
            return
        match = SAMPLE_LINE.fullmatch(line)
        if match is None or int(match[3] or 0) >= 2**63:
            raise ValueError("not a sample of the text format")
        series = self.series(match[1])
        family = self.page[series.name]
        if series in family:
            raise TwiceError("this series stands twice")
        family[series] = read = float(match[2])
        if math.isinf(read) and match[2][-1:].isdigit():
            raise ValueError("a number beyond every float")

    def series(self, text: bytes) -> Series:
        if len(text) <= REMEMBERED and (known := remembered(text)):
            return known
        self.work += len(text) ** 2
        if self.work > WORK_LIMIT:
            raise ValueError("too much text in long lines")
        return parse(text)

    def take_meta(self, line: bytes) -> None:
        if len(line) > LINE_LIMIT:
            raise ValueError(f"longer than {LINE_LIMIT} bytes")
        known = meta(line) if len(line) <= REMEMBERED else parse_meta(line)
        if known is None:
            return
        kind, name = known
        if known in self.metas or (kind == b"TYPE" and name in self.page):
            raise ValueError(f"a second {kind.decode()} line, or one after samples")
        self.metas.add(known)


@lru_cache(maxsize=1 << 15)
def remembered(text: bytes) -> Series | None:
    return parse(text) if SERIES_TEXT.fullmatch(text) else None


def parse(text: bytes) -> Series:
    """The series that `text` (already in the shape SERIES) names. Raises ValueError."""
    count = len(LABEL_TEXT.findall(text))
    if count > LABEL_LIMIT:
        raise ValueError(f"more than {LABEL_LIMIT} labels")
    if b"\0" in text:
        raise ValueError("a NUL byte")
    families = list(text_string_to_metric_families(text.decode("utf-8") + " 0\n"))
    sample = families[0].samples[0]
    if len(sample.labels) != count or "__name__" in sample.labels:
        raise ValueError("a label stands twice, or is reserved")
    labels = {key: text for key, text in sample.labels.items() if text}  # an empty label is no label
    key = (sample.name, frozenset(labels.items()))
    return INTERNED.setdefault(key, Series(sample.name, labels))


@lru_cache(maxsize=1 << 12)
def meta(line: bytes) -> tuple[bytes, str] | None:
    return parse_meta(line)


def parse_meta(line: bytes) -> tuple[bytes, str] | None:
    """(HELP or TYPE, family), None when nothing follows the name. Raises ValueError."""
    match = META_LINE.fullmatch(line)
    if match is None:
        raise ValueError("not a HELP or TYPE line of the text format")
    kind, name, rest = match[1], match[2].decode(), match[3] or b""
    if kind == b"TYPE" and rest not in TYPES:
        raise ValueError("a type that this family cannot have")
    if b"\0" in rest:
        raise ValueError("a NUL byte")
    if kind == b"HELP" and HELP_TEXT.fullmatch(rest) is None:
        raise ValueError("an escape that the text format does not know")
    rest.decode("utf-8")
    return (kind, name) if rest.strip(b" \t") else None  # promtool does not count a HELP without text
