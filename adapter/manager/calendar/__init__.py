"""The calendar as plain data: spans, columns, blocks."""
