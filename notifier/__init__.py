"""Letters and their delivery: what a department is told, by mail, and how it answered (art. 13, third
paragraph).
"""
