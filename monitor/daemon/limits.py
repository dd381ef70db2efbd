"""How long each loop of the daemon may be silent before it counts as hung."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings import Settings
    from monitor.daemon.health import Health

COLLECT, SETTLE, POST, LOOK, LEASE = "collect", "settle", "post", "look", "lease"  # the loops' names
POST_EVERY = 60  # seconds between two looks into the outbox


def expect(health: Health, settings: Settings) -> None:
    """By these settings; also after a reload."""
    talk = settings.mail.deadline.total_seconds() if settings.mail else 0.0
    health.expect(COLLECT, max(3 * settings.collection.interval.total_seconds(), 600.0))
    health.expect(SETTLE, 1800.0)  # three ticks of ten minutes
    health.expect(POST, 3 * POST_EVERY + talk)
    health.expect(LOOK, max(3 * settings.exporter.refresh.total_seconds(), 60.0))
    health.expect(LEASE, 60.0)
