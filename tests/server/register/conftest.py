"""The living alliance of the demo and the archive, made once for a file of tests: each test undoes what it changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def _register(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    from django.db import transaction

    from leeward.server.people import actions
    from leeward.server.register import archive, demo

    with django_db_blocker.unblock(), transaction.atomic():
        service = actions.create_service("Pebble Games", "Pebble Chat", "10-12", "test")
        archive.load("test")
        demo.load(service, "http://127.0.0.1:8000")
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _forget_rows() -> None:
    """What a test undid may come again under the same ids."""
    from leeward.server.register import access

    access.forget_rows()


@pytest.fixture
def harbour(_register: None, db: None) -> Any:
    """The living alliance."""
    from leeward.server.register.models import Alliance

    return Alliance.objects.get(slug="harbour")


@pytest.fixture
def historical(_register: None, db: None) -> Any:
    """The historical one."""
    from leeward.server.register.models import Alliance

    return Alliance.objects.get(is_archive=True)


@pytest.fixture
def seat(harbour: Any) -> Any:
    """The seat of one of the demo's people by name, or of a member's editor by the member's name."""
    from leeward.server.register.models import Seat

    def find(name: str) -> Any:
        seats = Seat.objects.filter(alliance=harbour, ended_at=None).select_related("user", "member", "alliance")
        return seats.filter(user__email__startswith=f"{name}@").first() or seats.get(member__name=name, role="editor")

    return find


@pytest.fixture
def signed_in(seat: Any) -> Any:
    """A browser in which one of them is signed in."""
    from django.test import Client

    from leeward.server.people import demo

    def sign_in(name: str) -> Any:
        user = seat(name).user
        if "@harbour" not in user.email and not user.authenticator_set.exists():
            demo.second_factor(user)
        browser = Client()
        browser.force_login(user)
        return browser

    return sign_in
