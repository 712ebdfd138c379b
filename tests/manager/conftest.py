"""An agenda whose calendar agents use, at a stopped time, with a w.c.s. beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client

from tests.support.signed import known_services
from tests.support.wcs_double import FakeForm, WcsDouble


def log_in(name: str, *groups: str, **names: str) -> Client:
    """A client with a fresh login that has these roles."""
    user = get_user_model().objects.create_user(name, f"{name}@example.org", "x", **names)
    user.groups.set(Group.objects.get_or_create(name=group)[0] for group in groups)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def wcs_form(settings) -> Iterator[WcsDouble]:
    """A w.c.s. that has the form ``rendez-vous`` and makes as many drafts as it is asked for."""
    cache.clear()
    with WcsDouble(FakeForm(title="Prendre rendez-vous")) as double:
        settings.KNOWN_SERVICES = known_services(double.url)
        yield double
