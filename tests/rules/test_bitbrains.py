"""250 real machines over three months: the product and the independent oracle say the same of every one."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import oracle
import pandas as pd
import pyarrow as pa
import pytest
from agreement import figures, said
from measured import POLICY, SHANGHAI, folded, inventory

from rules.judgement import judge
from rules.verdict import Kind, Lack, Note
from store.samples import samples

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs_shared
# Five weeks after the first sample, in the middle, and on the last day but one.
AS_OF = [date(2013, 8, 5), date(2013, 9, 1), date(2013, 9, 28)]
CATALOGUE = POLICY.sizes.model_dump()


class Fleet(NamedTuple):
    """The same measurements folded twice: by the product and by the oracle."""

    names: list[str]
    days: pa.Table
    oracle: dict[str, dict[date, oracle.Day]]


@pytest.fixture(scope="module")
def fleet(shared: Path) -> Fleet:
    path = shared / "data" / "1_fleet_mem" / "bitbrains_rnd.parquet"
    by_oracle = {name: oracle.fold(arrays) for name, arrays in oracle.bitbrains(path)}
    return Fleet(list(by_oracle), folded(measurements(path), SHANGHAI), by_oracle)


def measurements(path: Path) -> pa.Table:
    """The file as it would be imported: no disk and no network; the disk is set to 20 percent."""
    rows = pd.read_parquet(path)
    table, _ = samples(
        {
            "machine": pa.array(rows["vm"].to_numpy(object), pa.string()),
            "time": pa.array(rows["ts"].to_numpy() * 1_000_000).cast(pa.timestamp("us", tz="UTC")),
            "step": np.full(len(rows), 300),
            "cpu": rows["cpu_pct"],
            "memory": rows["mem_pct"],
            "disk": np.full(len(rows), 20.0),
            "vcpus": rows["cores"],
            "memory_bytes": rows["mem_cap_mb"].astype(np.float64) * 2**20,
        }
    )
    return table


@pytest.mark.parametrize("as_of", AS_OF, ids=str)
def test_the_product_judges_every_machine_as_the_oracle_does(fleet: Fleet, as_of: date) -> None:
    verdicts = judge(fleet.days, POLICY, as_of, inventory(*fleet.names)).verdicts()
    product = {verdict.machine: said(verdict) for verdict in verdicts}
    expected = {name: figures(oracle.judge(days, as_of, CATALOGUE)) for name, days in fleet.oracle.items()}

    assert len(product) == 250
    assert {name: pair for name in expected if (pair := (product[name], expected[name]))[0] != pair[1]} == {}


def test_the_real_machines_are_worth_the_comparison(fleet: Fleet) -> None:
    # Agreement on machines of one kind would prove little: these are the kinds met, and sizes enough.
    verdicts = [
        verdict
        for as_of in AS_OF
        for verdict in judge(fleet.days, POLICY, as_of, inventory(*fleet.names)).verdicts()
    ]
    kinds = Counter(verdict.reason or verdict.note or verdict.kind for verdict in verdicts)

    assert set(kinds) == {
        *(Kind.SHRINK, Kind.EXPAND, Kind.KEEP, Note.NO_SAFE_SIZE),
        *(Lack.STALE, Lack.RESIZED, Lack.SHORT_HISTORY, Lack.LOW_COVERAGE),
    }
    assert sum(verdict.kind is Kind.SHRINK and verdict.size is not None for verdict in verdicts) > 150
