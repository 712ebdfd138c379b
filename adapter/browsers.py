"""Headers that browsers obey, for pages and for data alike."""

from __future__ import annotations

# Data: whoever opens an answer as a page gets a page that can do nothing.
DATA_POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
OTHER_HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
