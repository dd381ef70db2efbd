"""The city at a glance: verdicts counted by department, and two policies compared. Frames of pandas, for
people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from monitor.verdicts import judge_all
from rules.verdict import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from config.policy import Policy
    from monitor.installation import Installation
    from monitor.verdicts import Answer

KINDS = [str(kind) for kind in Kind]
NOBODY = "(no department)"
TOTAL = "total"


def by_department(answers: Iterable[Answer]) -> pd.DataFrame:
    """One row a department: machines of each kind (a column each) and the `saving` of its shrinks in yuan
    a month.

    Largest saving first, then by name; the last row, `total`, is the sum.
    """
    rows = [(a.department or NOBODY, str(a.verdict.kind), a.verdict.saving_yuan_month) for a in answers]
    frame = pd.DataFrame(rows, columns=["department", "kind", "saving"])
    counts = pd.crosstab(frame["department"], frame["kind"]).reindex(columns=KINDS, fill_value=0)
    shrinks = frame[frame["kind"] == Kind.SHRINK].groupby("department")["saving"].sum()
    counts["saving"] = shrinks.reindex(counts.index, fill_value=0.0).fillna(0.0)
    ordered = counts.reset_index().sort_values(["saving", "department"], ascending=[False, True])
    total = ordered.drop(columns="department").sum().to_frame().T.assign(department=TOTAL)
    return pd.concat([ordered, total.astype(dict.fromkeys(KINDS, "int64"))], ignore_index=True)


def compare(house: Installation, other: Policy, as_of: date) -> pd.DataFrame:
    """One row a machine: verdict and saving under the policy in force (`before`) and under the other
    (`after`).
    """
    pairs = zip(judge_all(house, as_of), judge_all(house, as_of, other), strict=True)
    return pd.DataFrame(
        {
            "machine": now.verdict.machine,
            "department": now.department,
            "before": str(now.verdict.kind),
            "after": str(then.verdict.kind),
            "saving_before": now.verdict.saving_yuan_month,
            "saving_after": then.verdict.saving_yuan_month,
        }
        for now, then in pairs
    )


def totals(compared: pd.DataFrame) -> str:
    """How many verdicts change, and how many machines of each kind there are before and after."""
    if compared.empty:
        return "no machine in the inventory"
    moved = int((compared["before"] != compared["after"]).sum())
    before, after = (compared[when].value_counts() for when in ("before", "after"))
    kinds = sorted(set(before.index) | set(after.index))
    changes = ", ".join(f"{kind} {before.get(kind, 0)} -> {after.get(kind, 0)}" for kind in kinds)
    return f"{moved} of {len(compared)} verdicts change: {changes}"
