"""PromQL that several dashboards ask. Two nodes show the same city: what they both say counts once (max)."""

from __future__ import annotations


def where(metric: str, **labels: str) -> str:
    """The metric's series with these labels."""
    wanted = (f'{name}="{value}"' for name, value in labels.items())
    return f"{metric}{{{','.join(wanted)}}}"


def chosen(metric: str) -> str:
    """The metric's series of the chosen department, where it may be all of them."""
    return f'{metric}{{department=~"$department"}}'


def ours(metric: str, **labels: str) -> str:
    """The metric's series of the one department that is chosen: its name is no regular expression."""
    return where(metric, department="$department", **labels)


def each(metric: str, *labels: str) -> str:
    """The metric once for each value of the labels, whichever node says it."""
    return f"max by ({', '.join(labels)}) (rightsizer_{metric})"


def owned(metric: str, inventory: str = "machine_info") -> str:
    """A metric of the machines of the inventory, with their department and system."""
    info = each(inventory, "machine", "department", "system")
    return f"{each(metric, 'machine')} * on (machine) group_left (department, system) {info}"


def saved(inventory: str = "machine_info") -> str:
    """What the advised sizes save; an expansion, which costs, is left out."""
    return f"{owned('machine_saving_yuan', inventory)} > 0"


def total(metric: str, *labels: str) -> str:
    """The sum over all series, each counted once; `labels` tell them apart."""
    return f"sum({each(metric, *labels)})"


def by(label: str, metric: str, *labels: str) -> str:
    return f"sum by ({label}) ({each(metric, *labels)})"
