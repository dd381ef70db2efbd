"""The only room that knows all others: pipeline, daemon, commands."""
