"""Reads: a fixed number of queries, plain data out."""
