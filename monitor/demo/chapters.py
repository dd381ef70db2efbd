"""What happens in the demo's registers, a working day a chapter; what is left over comes on the last day."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.demo import applications, filings, outcomes, projects
from monitor.demo.scene import Scene
from monitor.demo.story import AGO, Event
from monitor.office import office_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitor.demo.people import Cast
    from monitor.demo.story import Story

    Chapter = tuple[Callable[[Scene], Iterator[str]], ...]

CHAPTERS: tuple[Chapter, ...] = (
    (filings.typed_in, projects.drafts),
    (projects.returned, filings.found),
    (projects.supplied, filings.called),
    (projects.accepted,),
    (projects.reviewed,),
    (projects.funded, filings.confirmed),
    (applications.asked_for_project,),
    (applications.delivered_to_project,),
    (outcomes.listed, applications.deployed),
    (projects.completed, filings.handed_in),
    (filings.taken,),
    (outcomes.scored,),
    (outcomes.confirmed, applications.asked_for_more),
    (applications.delivered_more, outcomes.listed, outcomes.attested),
)


@dataclass(frozen=True, slots=True)
class Registers:
    """The chapters that are still to come."""

    cast: Cast
    papers: Path
    left: deque[Chapter] = field(default_factory=lambda: deque(CHAPTERS))

    def on(self, story: Story, number: int) -> Iterator[Event]:
        """What happens so many days after the beginning of the story."""
        now = story.at(number)
        scene = Scene(story.house, self.cast, now, self.papers)
        last = number == AGO - 1
        while self.left and (last or office_day(story.house, now)):
            for part in self.left.popleft():
                for what in part(scene):
                    yield Event(now.today, what)
            if not last:
                return
