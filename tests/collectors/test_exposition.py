"""The text format: what is read, what is refused, and that promtool refuses it too."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from texts import G, H, outcome, pages, promtool_accepts, refusal

from collectors import exposition
from collectors.collector import CollectError, Reason
from collectors.exposition import Cutter, read
from collectors.pages import WANTED

# (text, whether it is read)
GRAMMAR = {
    "a value": (f"{G} 8", True),
    "an exponent": (f"{G} 8.197320704e+09", True),
    "a leading point": (f"{G} +.5E-3", True),
    "a trailing point": (f"{G} 5.", True),
    "infinity": (f"{G} +Inf", True),
    "infinity in any case": (f"{G} -iNFinity", True),
    "not a number": (f"{G} nAn", True),
    "a signed NaN": (f"{G} +NaN", False),
    "a point alone": (f"{G} .", False),
    "an exponent without figures": (f"{G} 1e", False),
    "too large for a float": (f"{G} 1e400", False),
    "too small for a float": (f"{G} 1e-400", True),
    "400 figures": (f"{G} {'9' * 400}", False),
    "a hexadecimal float": (f"{G} 0x1p3", False),
    "an underscore": (f"{G} 1_000", False),
    "Arabic figures": (f"{G} ٣", False),
    "a word": (f"{G} eight", False),
    "no value": (G, False),
    "a blank and no value": (f"{G} ", False),
    "a carriage return": (f"{G} 8\r", False),
    "a vertical tab": (f"{G} 8\v", False),
    "a timestamp": (f"{G} 8 1700000000000", True),
    "the last timestamp": (f"{G} 8 {2**63 - 1}", True),
    "a timestamp too far": (f"{G} 8 {2**63}", False),
    "a timestamp of 5,000 figures": (f"{G} 8 {'1' * 5000}", False),
    "a broken timestamp": (f"{G} 8 1.5", False),
    "a NaN timestamp": (f"{G} 8 NaN", False),
    "three numbers": (f"{G} 1 2 3", False),
    "a blank at the end": (f"{G} 8 ", False),
    "a blank after the timestamp": (f"{G} 8 5 ", False),
    "an exemplar": (f'{G} 8 # {{t="x"}} 1', False),
    "tabs": (f"{G}\t8\t5", True),
    "several blanks": (f"{G}  \t 8   5", True),
    "labels": (f'{G}{{a="1",b="2"}} 8', True),
    "labels with blanks": (f'{G} {{ a = "1" , b = "2" }} 8', True),
    "a comma at the end": (f'{G}{{a="1",}} 8', True),
    "empty braces": (f"{G}{{}} 8", True),
    "no blank after braces": (f'{G}{{a="1"}}8', True),
    "a brace in a value": (f'{G}{{a="}} 1"}} 8', True),
    "a hash in a value": (f'{G}{{a="# x"}} 8', True),
    "a comma alone": (f"{G}{{,}} 8", False),
    "two commas": (f'{G}{{a="1",,}} 8', False),
    "no comma": (f'{G}{{a="1" b="2"}} 8', False),
    "an open brace": (f'{G}{{a="1" 8', False),
    "an open quote": (f'{G}{{a="1}} 8', False),
    "no quotes": (f"{G}{{a=1}} 8", False),
    "single quotes": (f"{G}{{a='1'}} 8", False),
    "known escapes": (rf'{G}{{a="\\ \" \n"}} 8', True),
    "another escape": (rf'{G}{{a="\t"}} 8', False),
    "an escape at the end": (rf'{G}{{a="\"}} 8', False),
    "a label twice": (f'{G}{{a="1",a="2"}} 8', False),
    "a reserved label": (f'{G}{{__name__="x"}} 8', False),
    "a label that begins with a figure": (f'{G}{{0a="1"}} 8', False),
    "a label with a colon": (f'{G}{{a:b="1"}} 8', False),
    "a label in Chinese": (f'{G}{{机="1"}} 8', False),
    "a value in Chinese": (f'{G}{{a="云主机"}} 8', True),
    "a quoted name": (f'{{"{G}"}} 8', False),
    "a quoted name among labels": (f'{{a="1","{G}"}} 8', False),
    "TYPE": (f"# TYPE {G} gauge\n{G} 8", True),
    "TYPE of any number": (f"# TYPE {G} untyped\n{G} 8", True),
    "TYPE twice": (f"# TYPE {G} gauge\n# TYPE {G} gauge\n{G} 8", False),
    "TYPE after a sample": (f"{G} 8\n# TYPE {G} gauge", False),
    "TYPE after another's sample": (f"{H} 8\n# TYPE {G} gauge\n{G} 8", True),
    "TYPE of a kind nobody knows": (f"# TYPE {G} number\n{G} 8", False),
    "TYPE with a blank at the end": (f"# TYPE {G} gauge \n{G} 8", False),
    "TYPE with a carriage return": (f"# TYPE {G} gauge\r\n{G} 8", False),
    "TYPE without a blank": (f"#TYPE {G} gauge\n# TYPE {G} gauge", False),
    "TYPE of a broken name": (f"# TYPE {G}{{ gauge", False),
    "HELP": (f"# HELP {G} words with \\\\ and \\n\n{G} 8", True),
    "HELP twice": (f"# HELP {G} words\n# HELP {G} words\n{G} 8", False),
    "HELP after a sample": (f"{G} 8\n# HELP {G} words", True),
    "HELP with another escape": (f"# HELP {G} \\t\n{G} 8", False),
    "HELP without words": (f"# HELP {G}\n# HELP {G}\n{G} 8", True),
    "a comment": (f"# {G} is what it is\n{G} 8", True),
    "lines between": (f"\n\n{G} 8\n\n", True),
}


@pytest.mark.parametrize(("text", "accepted"), GRAMMAR.values(), ids=GRAMMAR)
def test_the_grammar_is_that_of_promtool(text: str, *, accepted: bool) -> None:
    body = text.encode() + b"\n"

    assert (outcome(body) != "parse") is accepted
    assert promtool_accepts(body) is accepted


NARROWER = {
    "a sample after a blank": f" {G} 8",
    "a sample after a tab": f"\t{G} 8",
    "a signed timestamp": f"{G} 8 -5",
    "a plus before the timestamp": f"{G} 8 +5",
    "TYPE without a type": f"# TYPE {G}\n{G} 8",
    "TYPE in capitals": f"# TYPE {G} GAUGE\n{G} 8",
    "TYPE after two blanks": f"# TYPE {G}  gauge\n{G} 8",
    "a histogram of one value": f"# TYPE {G} histogram\n{G} 8",
    "a NUL byte": f'{G}{{a="\0"}} 8',
    "a NUL byte in HELP": f"# HELP {G} \0",
}


@pytest.mark.parametrize("text", NARROWER.values(), ids=NARROWER)
def test_what_promtool_reads_and_the_server_or_we_refuse(text: str) -> None:
    body = text.encode() + b"\n"

    assert outcome(body) == "parse"
    assert promtool_accepts(body)


@pytest.mark.parametrize(
    "raw",
    [b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"],
    ids=["FF", "half", "surrogate", "5 bytes"],
)
def test_fault_09_what_is_not_utf8_is_refused(raw: bytes) -> None:
    body = G.encode() + b'{a="' + raw + b'"} 8\n'

    assert outcome(body) == "parse"
    assert not promtool_accepts(body)


def test_values_labels_and_families_come_out() -> None:
    page = read(f'{G} 8e9\n{H}{{node="a\\\\b\\"c\\nd",empty=""}} 2 5\nup 1\n'.encode(), WANTED)

    assert {name: list(family.values()) for name, family in page.items()} == {G: [8e9], H: [2.0]}
    [series] = page[H]
    assert dict(series.labels) == {"node": 'a\\b"c\nd'}


@pytest.mark.parametrize(
    "text",
    [
        f"{G} 1\n{G} 2\n",
        f'{G}{{a="1",b="2"}} 1\n{G}{{b="2",a="1"}} 1\n',
        f'{G}{{a="1"}} 1\n{G}{{a="1",b=""}} 1\n',
        f'{G}{{a="1"}} 1\n{G}\t{{ a = "1" ,}} NaN 5\n',
    ],
    ids=["the same text", "another order", "an empty label", "other blanks"],
)
def test_fault_11_a_series_that_stands_twice_is_duplicate_however_it_is_written(text: str) -> None:
    assert outcome(text.encode()) == "duplicate"
    assert outcome("".join(reversed(text.splitlines(keepends=True))).encode()) == "duplicate"


@pytest.mark.parametrize(
    "text", [f"{G} 8", f"{H} 1\n{G} 819732", f"# HELP {G} wor", f"{G}"], ids=["one", "two", "HELP", "name"]
)
def test_a_page_that_ends_within_a_wanted_line_is_refused(text: str) -> None:
    assert outcome(text.encode()) == "parse"
    assert not promtool_accepts(text.encode())


def test_a_page_that_ends_within_another_line_is_read() -> None:
    # As promtool's verdict on the wanted lines alone; a body cut short is found by its length.
    assert outcome(f"{G} 8\npromhttp_requests_tot".encode()) == {(G, ()): "8.0"}


def labels(count: int) -> str:
    return G + "{" + ",".join(f'a{number}="1"' for number in range(count)) + "} 8\n"


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (f'{G}{{a="{"x" * (65_536 - len(G) - 8)}"}} 8\n', False),
        (f'{G}{{a="{"x" * (65_536 - len(G) - 7)}"}} 8\n', True),
        (labels(64), False),
        (labels(65), True),
        (f"# HELP {G} {'x' * 65_536}\n", True),
    ],
    ids=["a line of 64 KiB", "one more byte", "64 labels", "65 labels", "a long HELP"],
)
def test_fault_06_lines_and_labels_have_limits(text: str, *, refused: bool) -> None:
    assert (outcome(text.encode()) == "parse") is refused


@pytest.mark.parametrize(("count", "refused"), [(20_000, False), (20_001, True)])
def test_fault_05_samples_have_a_limit(count: int, *, refused: bool) -> None:
    text = "".join(f'node_filesystem_size_bytes{{device="{n}"}} 1\n' for n in range(count))

    assert (outcome(text.encode()) == "body_limit") is refused


def test_fault_06_many_long_lines_of_escaped_quotes_stop_at_the_work_limit() -> None:
    # prometheus-client takes quadratic time: 8 MiB of lines of 64 KiB would keep it busy for seconds.
    line = G.encode() + b'{a="%03d' + b'\\"' * 32_000 + b'"} 8\n'
    with pytest.raises(CollectError, match="line 5: too much text in long lines") as refused:
        read(b"".join(line % n for n in range(100)), WANTED)

    assert refused.value.reason == Reason.PARSE


def test_fault_06_eighty_thousand_labels_on_a_line_are_refused() -> None:
    assert outcome(labels(80_000).encode()) == "parse"


def test_only_whole_names_are_wanted() -> None:
    cutter = Cutter(["node_cpu", "node_cpu_seconds_total"])
    lines = [
        b"node_cpu 1",
        b"node_cpu_seconds 1",
        b"node_cpu_seconds_total{} 1",
        b"xnode_cpu 1",
        b"node_cpu:x 1",
    ]

    assert cutter.cut(b"\n" + b"\n".join(lines)) == [lines[0], lines[2]]


@given(pages())
@settings(max_examples=500)
@example(f"{G} 1_0\n".encode())
@example(f"{G} 8 5\n{G}  8\n".encode())
def test_what_was_seen_before_changes_nothing(body: bytes) -> None:
    exposition.remembered.cache_clear()
    exposition.meta.cache_clear()
    cold = outcome(body)

    assert outcome(body) == cold


@given(pages())
@settings(max_examples=300)
def test_fault_09_a_refusal_has_a_reason_and_one_printable_line(body: bytes) -> None:
    error = refusal(body)

    assert error is None or error.reason in {Reason.PARSE, Reason.DUPLICATE}
    assert error is None or re.match(r"line \d+: [ -~]+$", error.detail)
