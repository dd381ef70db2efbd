"""The daemon: collects on the monotonic clock, settles the day and the outbox on the wall clock's ticks."""
