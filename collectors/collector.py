"""What every collector is: something that yields samples, and says what failed instead of stopping."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import pyarrow as pa

DETAIL = 200  # characters of foreign text that a log line may carry


class Reason(StrEnum):
    """Why a source or a machine gave no sample."""

    CONNECT = "connect"
    TIMEOUT = "timeout"
    TLS = "tls"
    AUTH = "auth"
    STATUS = "status"
    REDIRECT = "redirect"
    FORBIDDEN = "forbidden"
    BODY_LIMIT = "body_limit"
    TRUNCATED = "truncated"
    DECODE = "decode"
    PARSE = "parse"
    DUPLICATE = "duplicate"
    NO_DATA = "no_data"
    PARTIAL = "partial"
    UNREACHED = "unreached"  # its turn did not come within the round
    BROKEN = "broken"  # the collector itself failed: a fault of the program


class CollectError(Exception):
    """A source or one machine of it failed. `detail` is foreign text: escaped and cut."""

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason = reason
        self.detail = detail[:DETAIL].encode("unicode_escape").decode("ascii")[:DETAIL]
        super().__init__(f"{reason}: {self.detail}")


@dataclass(frozen=True, slots=True)
class Failure:
    """One machine (or, with machine None, a whole source) that gave nothing this time."""

    source: str
    machine: str | None
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Some samples (schema store.lake.SAMPLES), the failures met on the way, and how many values were
    invalid.
    """

    samples: pa.Table
    failures: tuple[Failure, ...] = ()
    invalid: int = 0


class Collector(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def counts(self) -> bool:
        """Whether it reads counters, whose use is known only at the second reading."""
        ...

    def collect(self, now: datetime) -> Iterator[Batch]:
        """Samples up to `now` (aware, UTC), in batches of bounded size. Raises nothing: failures are
        values.
        """
        ...

    def close(self) -> None:
        """Gives back connections; it is not used after that."""
        ...
