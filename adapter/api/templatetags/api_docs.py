"""The little marking that descriptions use: ``code`` and **strong**."""

from __future__ import annotations

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def marked(text: str) -> SafeString:
    """Escape ``text``, then show its code and strong words."""
    found = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return mark_safe(re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", found))  # noqa: S308
