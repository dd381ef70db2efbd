"""What the pipeline tells about itself while it works; commands let nobody listen, the daemon its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from collectors.collector import Batch
    from monitor.installation import Installation
    from monitor.verdicts import Answer


class Meter(Protocol):
    def stepped(self, step: str, seconds: float, counts: Mapping[str, int] | None) -> None:
        """A step ended; `counts` None: it failed."""
        ...

    def sampled(self, source: str, batch: Batch, at: datetime) -> None:
        """A batch of a source was stored at this moment."""
        ...

    def judged(self, house: Installation, answers: Sequence[Answer], as_of: date) -> None:
        """The whole city was judged."""
        ...


class Silent:
    """Nobody listens."""

    def stepped(self, step: str, seconds: float, counts: Mapping[str, int] | None) -> None: ...
    def sampled(self, source: str, batch: Batch, at: datetime) -> None: ...
    def judged(self, house: Installation, answers: Sequence[Answer], as_of: date) -> None: ...
