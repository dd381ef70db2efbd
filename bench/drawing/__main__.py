"""Draws every dashboard into a folder: `script/draw-dashboards [FOLDER]`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from boards.asking import EVERY, Chosen
from drawing.page import WIDTH, page, seconds
from drawing.past import pages
from drawing.server import serving
from monitor.demo.sink import sink
from monitor.logs import quiet

if TYPE_CHECKING:
    from drawing.server import Server

JSON = Path(__file__).resolve().parents[2] / "deploy" / "grafana" / "dashboards"
ALONE = ("machine", "department")  # show one department; the others show all
RATE = "1h"  # of the pictures' pages: several lie in it


def main(folder: Path) -> None:
    quiet(verbose=False)
    with tempfile.TemporaryDirectory(prefix="rightsizer-drawing-") as place:
        work = Path(place)
        with sink(work / "mail") as port:
            chosen = pages(work / "city", port, work / "page.om")
        draw(work, chosen, folder)


def draw(work: Path, chosen: Chosen, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with serving(work / "page.om", newest(work / "page.om")) as server:
        for path in sorted(JSON.glob("*.json")):
            shoot(work, path, server, chosen, folder)


def newest(file: Path) -> float:
    """The time of the last sample of an OpenMetrics file."""
    with file.open("rb") as lines:
        lines.seek(-4096, 2)
        last = lines.read().decode("utf-8", "replace").splitlines()[-2]
    return float(last.rsplit(" ", 1)[1])


def shoot(work: Path, path: Path, server: Server, chosen: Chosen, folder: Path) -> None:
    board = json.loads(path.read_text("utf-8"))
    span = seconds(board["time"]["from"])
    owner = chosen.department if path.stem in ALONE else EVERY
    text, height = page(board, server, Chosen(chosen.machine, owner, RATE, f"{span / 3600:.0f}h"))
    html, picture = work / f"{path.stem}.html", folder / f"{path.stem}.png"
    html.write_text(text, "utf-8")
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        f"--user-data-dir={work / 'browser'}",
        f"--window-size={WIDTH},{height}",
        f"--screenshot={picture}",
        html.as_uri(),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    print(f"{picture}  {picture.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
