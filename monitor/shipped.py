"""Files that go along with the program: units, dashboards, rules. In a wheel they lie in this package, in a
checkout in the folder deploy/ beside it.
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """The file or folder `deploy/NAME`. Raises FileNotFoundError."""
    for folder in (HERE / "deploy", HERE.parent / "deploy"):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(f"deploy/{name} did not come with this installation: install rightsizer again")
