"""A report for a terminal, and as one HTML file to share."""

from .html import as_html
from .text import as_text

__all__ = ["as_html", "as_text"]
