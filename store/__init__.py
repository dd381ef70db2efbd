"""What is known: the register database, its audit journal, and the lake of measurements."""
