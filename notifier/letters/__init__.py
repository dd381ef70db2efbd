"""Letters: what a notice says, in words, on paper, as mail and as sheet: functions of the content alone."""
