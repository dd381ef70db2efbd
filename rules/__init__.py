"""What measurements mean: fold, statistics, judgement, size. Pure: no I/O, no clock, no global state."""
