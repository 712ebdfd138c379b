"""Filters on numbers: decimals, exactly; a text that is no number counts as 0."""

from __future__ import annotations

import math
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import Any

from django.template import Library, defaultfilters
from django.utils.formats import number_format

from ..lazy import plain

register = Library()


class NoNumber(ValueError):
    """The value is no number."""


def number(value: Any) -> Decimal:
    """The number of a value, with at most six decimals; a comma is a point. Raises `NoNumber`."""
    value = plain(value)
    if isinstance(value, bool):
        value = 0
    if isinstance(value, str):
        value = value.replace(",", ".")
    try:
        found = Decimal(value)
        if found == found.to_integral_value():
            return found.quantize(Decimal(1))
        return found.quantize(Decimal("1.000000")).normalize()
    except (ArithmeticError, TypeError, ValueError):
        raise NoNumber(str(value)[:50]) from None


def parsed(value: Any) -> Decimal:
    """The number of a value, 0 when it is none."""
    try:
        return number(value)
    except NoNumber:
        return Decimal(0)


@register.filter(is_safe=False)
def decimal(value: Any, digits: Any = None) -> Any:
    """A number; with `digits` the text of it, rounded."""
    found = parsed(value)
    return found if digits is None else defaultfilters.floatformat(found, arg=digits)


@register.filter
def integer(value: Any) -> int:
    """A whole number."""
    return int(parsed(value))


@register.filter(name="float")
def float_(value: Any) -> float:
    """A number, in floating point."""
    return float(parsed(value))


@register.filter
def boolean(value: Any) -> bool:
    """Whether it says yes."""
    return value not in (None, "", "false", "False", False, 0)


@register.filter
def add(value: Any, other: Any) -> Any:
    """The sum of two numbers, even written as texts; else lists and texts joined. Nothing is an empty text."""
    if isinstance(value, list) and not isinstance(other, list):
        return value if other is None else [*value, other]
    left, right = ("" if one is None else one for one in (value, other))
    try:
        if left == "":
            return number(right)
        if right == "":
            return number(left)
        return number(left) + number(right)
    except NoNumber:
        return defaultfilters.add(left, right)


@register.filter
def subtract(value: Any, other: Any) -> Decimal:
    """The difference."""
    return parsed(value) - parsed(other)


@register.filter
def multiply(value: Any, other: Any) -> Decimal:
    """The product."""
    return parsed(value) * parsed(other)


@register.filter
def divide(value: Any, other: Any) -> Any:
    """The quotient, "" by zero."""
    try:
        return parsed(value) / parsed(other)
    except (InvalidOperation, DivisionByZero):
        return ""


@register.filter
def modulo(value: Any, other: Any) -> Any:
    """The rest of a division, "" by zero."""
    try:
        return parsed(value) % parsed(other)
    except (InvalidOperation, DivisionByZero):
        return ""


@register.filter(name="sum")
def sum_(values: Any) -> Any:
    """The sum of a list of numbers, "" of anything else."""
    if isinstance(values, str):
        return ""
    try:
        return sum((parsed(value) for value in values), Decimal(0))
    except TypeError:
        return ""


@register.filter
def ceil(value: Any) -> Decimal:
    """Up to the next whole number."""
    return parsed(math.ceil(parsed(value)))


@register.filter
def floor(value: Any) -> Decimal:
    """Down to the next whole number."""
    return parsed(math.floor(parsed(value)))


@register.filter(name="abs")
def abs_(value: Any) -> Decimal:
    """Without its sign."""
    return parsed(abs(parsed(value)))


@register.filter
def clamp(value: Any, limits: Any) -> Any:
    """Not below the first nor above the second of two limits (`"0 10"`)."""
    try:
        lowest, highest = (number(limit) for limit in str(limits).split())
        return max(lowest, min(number(value), highest))
    except ValueError:
        return ""


@register.filter
def limit_low(value: Any, lowest: Any) -> Any:
    """Not below that."""
    try:
        return max(number(value), number(lowest))
    except NoNumber:
        return ""


@register.filter
def limit_high(value: Any, highest: Any) -> Any:
    """Not above that."""
    try:
        return min(number(value), number(highest))
    except NoNumber:
        return ""


@register.filter(is_safe=True)
def intcomma(value: Any) -> str:
    """The number with its thousands apart."""
    return number_format(parsed(value), use_l10n=True, force_grouping=True)
