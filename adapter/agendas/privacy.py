"""What may be written in logs about a lock."""

from __future__ import annotations

import hashlib


def lock_fingerprint(lock_code: str) -> str:
    """A short text that tells locks apart in logs without giving the code, which is a secret of its session."""
    return hashlib.sha256(lock_code.encode()).hexdigest()[:12] if lock_code else ""
