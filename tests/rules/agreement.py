"""What the product and the oracle say of a machine, in the same words, so that both can be compared."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import oracle

    from rules.verdict import Verdict


def said(verdict: Verdict) -> dict[str, object]:
    """The product's verdict and figures, named as the oracle names them."""
    cpu, memory, disk = (evidence for evidence in verdict.evidence if evidence.rule == "shrink")
    enough = verdict.sufficiency[0]
    size = verdict.size
    return {
        "verdict": verdict.kind.value,
        "reason": verdict.reason and verdict.reason.value,
        "note": verdict.note and verdict.note.value if verdict.kind != "expand" else None,
        "share": cpu.share,
        "p95": cpu.value,
        "memory_peak": memory.value,
        "witnesses": memory.witnesses,
        "disk_max": disk.value,
        "coverage": enough.coverage,
        "valid_days": enough.valid_days,
        "size": None if verdict.kind == "expand" or size is None else asdict(size),
    }


def figures(answer: oracle.Answer) -> dict[str, object]:
    return {
        "verdict": answer.verdict,
        "reason": answer.reason,
        "note": answer.note,
        "share": known(answer.cpu_share_at_or_below_25),
        "p95": answer.cpu_p95,
        "memory_peak": known(answer.memory_peak),
        "witnesses": answer.memory_witnesses,
        "disk_max": known(answer.disk_max),
        "coverage": answer.coverage,
        "valid_days": answer.valid_days,
        "size": answer.size,
    }


def known(value: float) -> float | None:
    return None if math.isnan(value) else value
