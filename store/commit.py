"""One commit to a table of the lake: what feeds it, and what happens when another writer was faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from deltalake.exceptions import CommitFailedError

from store.layout import LakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

T = TypeVar("T")
TRIES = 10


@dataclass
class Source:
    """Batches on their way into the lake; `failure` is what stopped them."""

    batches: Iterator[pa.RecordBatch]
    failure: Exception | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self.batches
        except Exception as error:
            self.failure = error
            raise


def again_if_overtaken(write: Callable[[], T]) -> T:
    """Writes, and once more from the newest state when another writer was faster. Raises LakeError."""
    for _ in range(TRIES):
        try:
            return write()
        except CommitFailedError as error:
            overtaken = error
    raise LakeError(f"other writers were faster {TRIES} times ({overtaken}): try again") from overtaken
