"""The page for Prometheus: what is measured, judged, written and waited for, and how the service is."""
