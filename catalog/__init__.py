"""The catalog of government data: entries, sharing, opening (arts. 15-27)."""
