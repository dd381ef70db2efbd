"""How the files of the lake are written, and what Delta remembers of them."""

from __future__ import annotations

from deltalake import ColumnProperties, WriterProperties

# What Delta remembers of commits and of files that were taken out: a busy day has thousands.
SHORT_MEMORY = {
    "delta.logRetentionDuration": "interval 1 days",
    "delta.deletedFileRetentionDuration": "interval 1 days",
}
COLUMNS = {
    "time": ColumnProperties(dictionary_enabled=False, encoding="DELTA_BINARY_PACKED"),
    # Values that hardly repeat, or stay near the one before: a dictionary makes them larger.
    "disk": ColumnProperties(dictionary_enabled=False),
    "network": ColumnProperties(dictionary_enabled=False),
}
WRITER = WriterProperties(
    compression="ZSTD", compression_level=5, max_row_group_size=131_072, column_properties=COLUMNS
)
# Of the many files of an open day a range of machines reads the row groups that it lies in.
JOINED_WRITER = WriterProperties(
    compression="ZSTD", compression_level=5, max_row_group_size=16_384, column_properties=COLUMNS
)
# Judged by ranges of machines: a range reads the row groups that it lies in, not the whole city's day.
DAYS_WRITER = WriterProperties(compression="ZSTD", compression_level=5, max_row_group_size=16_384)
