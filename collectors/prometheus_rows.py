"""Series of one slice become samples: which machine each one speaks of, and one row per machine and time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from collectors.collector import Batch, CollectError, Failure, Reason
from collectors.prometheus_answer import TooMuchError
from store.cells import name as visible_name
from store.samples import samples

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collectors.prometheus_answer import Answer, Span
    from config.sources import PrometheusSource

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Bools = np.ndarray[tuple[int], np.dtype[np.bool_]]
Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
NAMELESS, REFUSED = -1, -2  # numbers of series without a machine, and of one with an impossible name
CELLS = 2_000_000  # machines x times of a slice: 16 MB a resource


@dataclass(frozen=True, slots=True)
class Naming:
    """From a series to its machine: label, what the pattern takes of it, operator's map, inventory."""

    label: str
    pattern: re.Pattern[str]
    explicit: Mapping[str, str]
    aliases: Mapping[str, str]

    @classmethod
    def of(cls, source: PrometheusSource, aliases: Mapping[str, str]) -> Naming:
        return cls(source.machine_label, re.compile(source.machine_pattern), source.machines, aliases)

    def machine(self, labels: Mapping[str, str]) -> str | None:
        """None when the series does not say. A name that neither map knows is the machine's.

        Raises ValueError when it is none that an inventory could have.
        """
        match = self.pattern.search(labels.get(self.label, ""))
        if match is None or not match[1]:
            return None
        name = self.explicit.get(match[1], match[1])
        return visible_name(self.aliases.get(name, name))


def rows(answers: Mapping[str, Answer], span: Span, naming: Naming, source: str) -> Batch:
    """The samples of a slice. Raises TooMuchError when machines x times would not fit.

    At a time at which two series claim one machine it has no row, and the claim is a failure (duplicate).
    Series that take turns (a machine that moved to another host) do not. NaN is no value, counted as invalid.
    """
    machines: dict[str, int] = {}
    refused: dict[str, str] = {}
    owners = {name: numbered(answer, naming, machines, refused) for name, answer in answers.items()}
    size = len(machines) * span.points
    if size > CELLS:
        raise TooMuchError(Reason.BODY_LIMIT, f"{len(machines)} machines at {span.points} times")
    disputed = np.zeros(size, np.bool_)
    grids = {name: grid(answer, owners[name], span.points, disputed) for name, answer in answers.items()}
    table, invalid = tabulated(grids, ~disputed, list(machines), span)
    times = disputed.reshape(len(machines), span.points).sum(axis=1)
    claims = (
        Failure(source, machine, Reason.DUPLICATE, claim(answers, owners, number, times[number], span))
        for machine, number in machines.items()
        if times[number]
    )
    return Batch(
        table, (*nameless(owners, naming, source), *misnamed(refused, naming, source), *claims), invalid
    )


def numbered(answer: Answer, naming: Naming, machines: dict[str, int], refused: dict[str, str]) -> Ints:
    """The number of each series' machine, below 0 without one. Adds to `machines` those that it has not yet,
    and to `refused` what is no machine's name, and why.
    """
    numbers = []
    for labels in answer.labels:
        try:
            name = naming.machine(labels)
        except ValueError as error:
            refused.setdefault(labels[naming.label], str(error))
            numbers.append(REFUSED)
            continue
        numbers.append(NAMELESS if name is None else machines.setdefault(name, len(machines)))
    return np.asarray(numbers, np.int64)


def grid(answer: Answer, owners: Ints, points: int, disputed: Bools) -> Floats:
    """Values by machine, then time; NaN where there is none. Marks in `disputed` where there are two.

    A NaN that was answered becomes -inf, which `samples` counts as invalid: NaN alone means "nobody said".
    """
    cells = np.full(len(disputed), np.nan)
    machine = owners[answer.owner]
    named = machine >= 0
    keys = machine[named] * points + answer.index[named]
    values = answer.values[named]
    disputed |= np.bincount(keys, minlength=len(disputed)) > 1
    cells[keys] = np.where(np.isnan(values), -np.inf, values)
    return cells


def tabulated(
    grids: Mapping[str, Floats], usable: Bools, machines: list[str], span: Span
) -> tuple[pa.Table, int]:
    """The rows with any value, and the number of invalid values."""
    said = np.logical_or.reduce([~np.isnan(cells) for cells in grids.values()])
    where = np.flatnonzero(said & usable)
    number, index = np.divmod(where, span.points)
    columns: dict[str, object] = {resource: cells[where] for resource, cells in grids.items()}
    columns["machine"] = pa.array(machines, pa.string()).take(pa.array(number))
    columns["time"] = pa.array((span.start + index * span.step) * 1_000_000).cast(
        pa.timestamp("us", tz="UTC")
    )
    columns["step"] = pa.array(np.full(len(where), span.step, np.int32))
    return samples(columns)


def nameless(owners: Mapping[str, Ints], naming: Naming, source: str) -> Iterator[Failure]:
    """One failure when series carry no name of a machine, however many they are."""
    missing = sum(int((numbers == NAMELESS).sum()) for numbers in owners.values())
    if missing:
        said = f"{missing} series without a machine in the label {naming.label}"
        yield Failure(source, None, Reason.PARSE, CollectError(Reason.PARSE, said).detail)


def misnamed(refused: Mapping[str, str], naming: Naming, source: str) -> Iterator[Failure]:
    """One failure when labels hold what no machine can be called, however many they are."""
    if refused:
        label, reason = next(iter(refused.items()))
        said = f"{len(refused)} names in the label {naming.label} are refused, the first is not {reason}: "
        yield Failure(source, None, Reason.PARSE, CollectError(Reason.PARSE, said + label).detail)


def claim(
    answers: Mapping[str, Answer], owners: Mapping[str, Ints], number: int, times: int, span: Span
) -> str:
    """How two series of one machine differ, in an answer that has two of it."""
    said = f"two series at {times} of {span.points} times"
    for resource, numbers in owners.items():
        mine = np.flatnonzero(numbers == number)
        if len(mine) > 1:
            first, second = (set(answers[resource].labels[series].items()) for series in mine[:2])
            said += f": {shown(first - second)} and {shown(second - first)}"
            break
    return CollectError(Reason.DUPLICATE, said).detail


def shown(labels: set[tuple[str, str]]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in sorted(labels)) + "}"
