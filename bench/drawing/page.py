"""A dashboard as one HTML page, its panels on the grid of 24 columns."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boards.asking import queries
from drawing.figures import bars, figure
from drawing.lines import lines, states
from drawing.tables import table

if TYPE_CHECKING:
    from boards.asking import Chosen
    from drawing.looks import Found
    from drawing.server import Server

WIDTH, MARGIN, ROW, SPACE = 1560, 12, 38, 8
HEAD = 102  # title and variables
HOURS = {"h": 3600, "d": 86400}
STYLE = Path(__file__).with_name("page.css").read_text("utf-8")


def page(board: dict[str, Any], server: Server, chosen: Chosen) -> tuple[str, int]:
    """The page, and its height in pixels."""
    span = seconds(board["time"]["from"])
    drawn, bottom = [], 0
    for panel in board["panels"]:
        place = panel["gridPos"]
        bottom = max(bottom, place["y"] + place["h"])
        drawn.append(heading(panel) if panel["type"] == "row" else boxed(panel, server, chosen, span))
    height = HEAD + bottom * ROW + MARGIN
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><style>{STYLE}</style>'
        f"{head(board, chosen)}{''.join(drawn)}</html>"
    ), height


def seconds(since: str) -> float:
    """now-24h is 86400."""
    text = since.removeprefix("now-")
    return float(text[:-1]) * HOURS[text[-1]]


def head(board: dict[str, Any], chosen: Chosen) -> str:
    values = {"datasource": "rightsizer", "machine": chosen.machine, "department": chosen.department}
    every = {found["name"] for found in board["templating"]["list"] if found.get("includeAll")}
    listed = [(found["label"], found["name"]) for found in board["templating"]["list"]]
    variables = "".join(
        f"<span>{label}<b>{escape('全部' if name in every else values[name])}</b></span>"
        for label, name in listed
    )
    length = board["time"]["from"].removeprefix("now-").replace("h", " 小时")
    days = int(seconds(board["time"]["from"]) // 86400)
    length = f"{days} 天" if days > 1 else length
    return (
        f"<header><h1>{escape(board['title'])}</h1><p>{escape(board['description'])}</p>"
        f"{variables}<span>时间<b>最近 {length}</b></span></header>"
    )


def position(place: dict[str, int]) -> tuple[int, int, int, int]:
    column = (WIDTH - 2 * MARGIN + SPACE) / 24
    left = MARGIN + place["x"] * column
    return round(left), HEAD + place["y"] * ROW, round(place["w"] * column - SPACE), place["h"] * ROW - SPACE


def heading(panel: dict[str, Any]) -> str:
    left, top, _, _ = position(panel["gridPos"])
    return f'<h3 style="left:{left}px;top:{top - 4}px">{escape(panel["title"])}</h3>'


def boxed(panel: dict[str, Any], server: Server, chosen: Chosen, span: float) -> str:
    left, top, width, height = position(panel["gridPos"])
    found: Found = [(asked, server.ask(asked, span)) for asked in queries(panel, chosen)]
    body = drawn(panel, found, width - 2, height - 30, (server.now - span, server.now))
    return (
        f'<section style="left:{left}px;top:{top}px;width:{width}px;height:{height}px">'
        f"<h2>{escape(panel['title'])}</h2>"
        f'<div class="body" style="height:{height - 30}px">{body}</div></section>'
    )


def drawn(panel: dict[str, Any], found: Found, width: int, height: int, window: tuple[float, float]) -> str:
    match panel["type"]:
        case "stat":
            return figure(panel, found, width, height)
        case "timeseries":
            return lines(panel, found, width, height, window)
        case "bargauge":
            return bars(panel, found, height)
        case "state-timeline":
            return states(panel, found, width, height, window)
        case _:
            return table(panel, found, height)
