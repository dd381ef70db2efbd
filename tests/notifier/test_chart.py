"""The curves of a machine: every measured day at its place, gaps, thresholds, witnesses."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree as ET

from letters import sample_chart, sample_figures

from notifier.letters.chart import PANEL, Mark, across, curve, height, marks, panel, svg

SINCE = date(2026, 9, 1)


def test_a_line_stops_where_nothing_was_measured() -> None:
    # Four days share 112 pt: they stand at 14, 42, 70, 98. 100 % are 56 pt, counted from the top.
    assert curve((0.0, 50.0, None, 100.0)) == "M14.0 56.0h.01L42.0 28.0M98.0 0.0h.01"


def test_nothing_measured_draws_no_line() -> None:
    assert curve(()) == ""
    assert curve((None, None)) == ""


def test_what_lies_outside_is_drawn_on_the_edge() -> None:
    assert (height(-3), height(250)) == ("56.0", "0.0")


def test_days_stand_within_the_panel() -> None:
    places = [float(x) for x in across(93)]

    assert 0 < places[0] < places[-1] < PANEL
    assert places == sorted(places)


def test_a_witness_outside_the_chart_is_not_marked() -> None:
    days = (date(2026, 8, 31), date(2026, 9, 2), date(2026, 9, 5))
    drawn = panel(SINCE, (1.0, 2.0, 3.0, 4.0), Mark((), days))

    assert re.findall(r"M([\d.]+) -6m", drawn) == ["42.0"]


def test_thresholds_and_witnesses_are_those_of_the_resource() -> None:
    ruled = marks(sample_figures())

    assert ruled["cpu"] == Mark((25,), ())
    assert ruled["memory"] == Mark((30,), (date(2026, 8, 3), date(2026, 9, 12)))
    assert marks(())["disk"] == Mark((), ())


def test_the_drawing_is_well_formed_and_has_three_panels() -> None:
    drawn = ET.fromstring(svg(sample_chart(1), sample_figures()))  # noqa: S314 - our own drawing

    assert len(drawn.findall("{http://www.w3.org/2000/svg}g")) == 3
