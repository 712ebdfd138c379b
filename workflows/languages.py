"""The languages in which the tools speak and the kit is written."""

from __future__ import annotations

from typing import Literal

Language = Literal["fr", "en"]
