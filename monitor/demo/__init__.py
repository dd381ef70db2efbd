"""A simulated city: departments, machines, their past, and exporters that are really scraped."""
