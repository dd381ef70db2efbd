"""Fault 20: a threshold reached exactly is reached, however the number is written and wherever it is stored.

Samples are kept to 0.01: what a float says beyond that was never measured.
"""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select
from stage import house, now

from monitor.pipeline import Run, fold, judge, run_steps
from store.inventory import create_machines
from store.samples import samples
from store.tables import Finding

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from store.database import Register

pytest_plugins = ["registers"]

DAYS, STEP = 35, 1800  # seconds between samples, 48 a day
COUNT = DAYS * 86400 // STEP
LOW = {"cpu": 10, "memory": 20, "disk": 40}  # percent: a machine to shrink
# (resource, level, what is found); 0.1 + 0.2 = 0.30000000000000004
FORMS: list[tuple[str, float | Decimal, str | None]] = [
    ("cpu", Decimal(25), "shrink"),
    ("cpu", Decimal("24.99"), "shrink"),
    ("cpu", Decimal("25.01"), None),
    ("cpu", 25.0, "shrink"),
    ("cpu", math.nextafter(25, 26), "shrink"),
    ("cpu", math.nextafter(25, 24), "shrink"),
    ("cpu", (0.1 + 0.2) * 250 / 3, "shrink"),
    ("cpu", np.float32(25), "shrink"),
    ("memory", Decimal("30.00"), "shrink"),
    ("memory", Decimal("30.01"), None),
    ("memory", (0.1 + 0.2) * 100, "shrink"),
    ("memory", math.nextafter(30, 31), "shrink"),
    ("disk", Decimal("49.99"), "shrink"),
    ("disk", Decimal(50), None),
    ("disk", math.nextafter(50, 51), None),
    ("disk", math.nextafter(50, 49), None),
    ("disk", (0.1 + 0.2) * 500 / 3, None),
    ("cpu", Decimal(75), None),
    ("cpu", Decimal("75.01"), "expand"),
    ("cpu", math.nextafter(75, 76), None),
    ("memory", (0.1 + 0.2) * 250, None),
    ("memory", Decimal("75.01"), "expand"),
    ("disk", (0.1 + 0.2) * 250, None),
    ("disk", 75.01, "expand"),
]
NAMES = [f"vm-{number:02d}" for number in range(len(FORMS))]


def measured(name: str, resource: str, level: float | Decimal, since: int) -> pa.Table:
    """35 days of a machine whose `resource` stands at `level`, handed over as the number it is."""
    times = np.array([(since + STEP * number) * 1_000_000 for number in range(COUNT)], "datetime64[us]")
    size = {"vcpus": 8.0, "memory_bytes": 2.0**34, "disk_bytes": 1e11}
    levels = {column: [value] * COUNT for column, value in ({**LOW, **size, resource: level}).items()}
    return samples({"machine": [name] * COUNT, "time": times, "step": [STEP] * COUNT, **levels})[0]


def test_fault_20_exactly_25_30_50_and_75_percent_are_judged_alike_as_float_and_decimal_on_both_databases(
    register: Register, tmp_path: Path
) -> None:
    city, moment = house(register, tmp_path), now(date(2026, 9, 18))
    begin = int(now(date(2026, 8, 13), 16).moment.timestamp())  # midnight of 08-14 in Shanghai
    tables = [measured(name, *form[:2], begin) for name, form in zip(NAMES, FORMS, strict=True)]
    city.lake.append(tables, moment.moment)
    with register.write() as db:
        create_machines(db, NAMES, "file", "li", moment.moment)
    run_steps(Run(city, moment), (fold, judge))

    with register.read() as db:
        found = {row.machine.name: row for row in db.scalars(select(Finding))}
        kinds = [found[name].kind if name in found else None for name in NAMES]
        shown = {
            evidence["resource"]: evidence["value"]
            for name in ("vm-03", "vm-10")
            for evidence in found[name].verdict["evidence"]
            if evidence["resource"] == FORMS[NAMES.index(name)][0]
        }
    assert kinds == [kind for _, _, kind in FORMS]
    assert shown == {"cpu": 25, "memory": 30}
