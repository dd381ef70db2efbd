"""Projects from plan to budget: review, filing, cloud applications, evaluation (arts. 5-12, 31-33)."""
