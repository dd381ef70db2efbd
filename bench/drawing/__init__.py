"""Draws the dashboards for the eye: their own JSON and queries, asked of a real Prometheus."""
