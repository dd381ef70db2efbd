"""What Grafana asks Prometheus for a panel: the variables of its queries replaced."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY = ".*"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The variables' values; `interval` and `span` are Prometheus durations."""

    machine: str
    department: str = EVERY
    interval: str = "1m"
    span: str = "5m"


@dataclass(frozen=True, slots=True)
class Asked:
    """One query of a panel, ready for Prometheus."""

    ref: str
    expr: str
    legend: str
    ranged: bool


def panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The dashboard's panels that show data."""
    return (panel for panel in board["panels"] if panel["type"] != "row")


def queries(panel: dict[str, Any], chosen: Chosen) -> list[Asked]:
    return [
        Asked(found["refId"], replaced(found["expr"], chosen), found["legendFormat"], bool(found["range"]))
        for found in panel["targets"]
    ]


def replaced(expr: str, chosen: Chosen) -> str:
    """The query with its variables; in a regular expression a name stands for itself alone."""
    department = chosen.department if chosen.department == EVERY else re.escape(chosen.department)
    values = {
        "$__rate_interval": chosen.interval,
        "$__range": chosen.span,
        '=~"$department"': f"=~{json.dumps(department, ensure_ascii=False)}",
        '"$department"': json.dumps(chosen.department, ensure_ascii=False),
        '"$machine"': json.dumps(chosen.machine, ensure_ascii=False),
    }
    for name, value in values.items():
        expr = expr.replace(name, value)
    return expr


def legend(asked: Asked, labels: dict[str, str]) -> str:
    """What a series is called before words are put in for it."""
    if asked.legend == "__auto":
        return ", ".join(f"{name}={value}" for name, value in labels.items() if name != "__name__")
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: labels.get(found[1], ""), asked.legend)
