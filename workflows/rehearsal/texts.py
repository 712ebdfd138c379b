"""Texts of the rehearsal in French and English."""

from __future__ import annotations

from typing import Literal

Language = Literal["fr", "en"]
