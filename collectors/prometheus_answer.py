"""What a Prometheus-compatible server answers to a range query: read whole, or refused.

An answer that is not whole is no answer: a partial (`isPartial`, `warnings`), truncated or oversized one is
refused, for what is missing from it would be missing from the lake for good.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import chain

import numpy as np

from collectors.collector import CollectError, Reason

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
NUMBERS = re.compile(r"[0-9eE+\-.,NaInf]*")  # NaN, +Inf and decimal digits only: float() alone takes more
INFO = "PromQL info:"  # Prometheus 2.48 to 2.53 puts mere hints among the warnings


class TooMuchError(CollectError):
    """The server or we cannot hold the answer: a shorter span may do."""


@dataclass(frozen=True, slots=True)
class Span:
    """`points` times start, start + step, ... in whole seconds since 1970, multiples of step."""

    start: int
    step: int
    points: int

    @property
    def end(self) -> int:
        return self.start + (self.points - 1) * self.step


@dataclass(frozen=True, slots=True)
class Answer:
    """The values of all series, one after the other, each rising in time; they may be NaN or infinite.

    `labels`: one entry a series. `owner`: the number of each value's series. `index`: its point of the span.
    """

    labels: list[dict[str, str]]
    owner: Ints
    index: Ints
    values: Floats


def read(body: bytes | bytearray, span: Span, most: int) -> Answer:
    """A whole answer of at most `most` series. Raises CollectError for any other."""
    result = matrix(body)
    if len(result) > most:
        raise CollectError(Reason.BODY_LIMIT, f"{len(result)} series, max_series {most}: narrow `selector`")
    labels: list[dict[str, str]] = []
    pairs: list[list[object]] = []
    counts: list[int] = []
    for entry in result:
        named, found = parts(entry)
        labels.append(named)
        pairs += found
        counts.append(len(found))
    if not set(map(type, pairs)) <= {list} or not set(map(len, pairs)) <= {2}:
        raise CollectError(Reason.PARSE, "a value that is no pair of time and number")
    flat = list(chain.from_iterable(pairs))
    owner = np.repeat(np.arange(len(labels)), counts)
    return Answer(labels, owner, positions(flat[0::2], owner, span), numbers(flat[1::2]))


def matrix(body: bytes | bytearray) -> list[object]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CollectError(Reason.PARSE, f"no JSON ({error}); it begins {bytes(body[:80])!r}") from error
    if not isinstance(answer, dict) or answer.get("status") != "success":
        raise CollectError(Reason.PARSE, f"no status success: {spoken(body)}")
    refuse_partial(answer)
    data = answer.get("data")
    if not isinstance(data, dict) or data.get("resultType") != "matrix":
        kind = data.get("resultType") if isinstance(data, dict) else data
        raise CollectError(Reason.PARSE, f"resultType {kind!r} where a matrix was asked for")
    result = data.get("result")
    if not isinstance(result, list):
        raise CollectError(Reason.PARSE, "result is no list")
    return result


def refuse_partial(answer: dict[str, object]) -> None:
    if answer.get("isPartial"):
        raise CollectError(Reason.PARTIAL, "isPartial: a storage node did not answer")
    warnings = answer.get("warnings") or []
    if not isinstance(warnings, list):
        raise CollectError(Reason.PARSE, "warnings is no list")
    grave = [str(text) for text in warnings if not str(text).startswith(INFO)]
    if grave:
        raise CollectError(Reason.PARTIAL, f"warnings: {'; '.join(grave)}")


def parts(entry: object) -> tuple[dict[str, str], list[list[object]]]:
    """Labels and pairs of one series; the pairs are checked later, all together."""
    if not isinstance(entry, dict):
        raise CollectError(Reason.PARSE, "a series that is no object")
    labels, pairs = entry.get("metric"), entry.get("values")
    if not isinstance(labels, dict) or not set(map(type, labels.values())) <= {str}:
        raise CollectError(Reason.PARSE, "a series without labels")
    if not isinstance(pairs, list):
        raise CollectError(Reason.PARSE, f"a series without values: {labels}")
    return labels, pairs


def positions(times: list[object], owner: Ints, span: Span) -> Ints:
    """Which points of the span these times are. Raises CollectError when one is none, or they do not rise."""
    wrong = CollectError(Reason.PARSE, f"times other than those asked for, {span.start} to {span.end}")
    if not set(map(type, times)) <= {int, float}:
        raise wrong
    try:
        steps = (np.asarray(times, np.float64) - span.start) / span.step
    except OverflowError as error:
        raise wrong from error
    steps = np.where(np.abs(steps) <= span.points, steps, -1.0)  # NaN and infinity too
    index = np.rint(steps).astype(np.int64)
    inside = (index >= 0) & (index < span.points) & (np.abs(steps - index) * span.step < 1e-3)
    if not inside.all() or ((np.diff(index) <= 0) & (np.diff(owner) == 0)).any():
        raise wrong
    return index


def numbers(texts: list[object]) -> Floats:
    try:
        if NUMBERS.fullmatch(",".join(texts)):  # type: ignore[arg-type]  # TypeError when one is no text
            return np.fromiter(map(float, texts), np.float64, len(texts))  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise CollectError(Reason.PARSE, f"a value that is no number: {error}") from error
    raise CollectError(Reason.PARSE, f"a value that is no number, among {len(texts)}")


def spoken(body: bytes | bytearray) -> str:
    """The server's own words, when it sent its error as JSON; else the beginning of what it sent."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    text = answer.get("error") if isinstance(answer, dict) else None
    return text if isinstance(text, str) else body[:200].decode("utf-8", "replace")
