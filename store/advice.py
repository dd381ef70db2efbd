"""What to do when something kept is damaged or gone: one sentence, wherever it is found out."""

RESTORE = "restore it from a backup (`rightsizer restore DIR --replace`)"
