"""Tolerant reading: values come from templates, anything may be a string, missing or empty."""
