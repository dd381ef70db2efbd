"""Projects: review, filing, cloud applications and evaluation (arts. 5-12)."""
