"""Every state machine of the house, once: what the documents and `people roles` are made of."""

from __future__ import annotations

from notifier.states import ITEM
from store.review import FINDING

WORKFLOWS = (FINDING, ITEM)
