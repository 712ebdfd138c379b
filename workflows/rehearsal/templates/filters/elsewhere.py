"""Filters of w.c.s. that reach what a rehearsal does not have: other records, cards, files, settings of a site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.template import Library

from ..errors import not_played

register = Library()

QUERIES = (
    "absent", "between", "current_user", "distance_filter", "done", "equal", "exclude_self", "exclude_value",
    "existing", "filter_by", "filter_by_distance", "filter_by_identifier", "filter_by_internal_id",
    "filter_by_number", "filter_by_status", "filter_by_user", "filter_value", "greater_than",
    "greater_than_or_equal", "i_equal", "icontains", "in", "is_future", "is_past", "is_this_week", "is_today",
    "is_today_or_future", "is_today_or_past", "is_tomorrow", "is_yesterday", "less_than", "less_than_or_equal",
    "not_equal", "not_in", "objects", "order_by", "pending", "same_user", "set_geo_center", "with_custom_view",
    "with_drafts",
)  # fmt: skip
#: They need the site's calendar of working days.
WORKING_DAYS = (
    "add_working_days", "add_working_days_with_saturday", "adjust_to_working_day",
    "adjust_to_working_day_with_saturday", "age_in_working_days", "age_in_working_days_with_saturday",
    "is_working_day", "is_working_day_with_saturday",
)  # fmt: skip
OTHERS = (
    "as_template", "convert_image_format", "details_format", "distance", "duration", "get_preference",
    "is_french_mobile_phone_number", "language_detect", "qrcode", "rename_file", "reproj", "strip_emoji",
    "strip_metadata", "stripsometags", "user_id_for_service",
)  # fmt: skip
FILTERS = (*QUERIES, *WORKING_DAYS, *OTHERS)


def _refusal(name: str) -> Callable[..., Any]:
    def refuse(value: Any, argument: Any = None) -> Any:
        raise not_played("filter", name, 1)

    return refuse


for _name in FILTERS:
    register.filter(_name, _refusal(_name))
