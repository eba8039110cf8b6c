"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from leeward.engine.screen import Engine


@pytest.fixture(scope="session", autouse=True)
def _addresses() -> None:
    """Loads every room before a test stops the clock: what reads days from JSON is made with real ones."""
    import leeward.server.urls  # noqa: F401


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine as it ships."""
    return Engine()


@pytest.fixture
def service(db: None) -> Any:
    """An invented service."""
    from leeward.server.people import actions

    return actions.create_service("Pebble Games", "Pebble Chat", "10-12", "test")


@pytest.fixture
def key(service: Any) -> Iterator[str]:
    """A key of the service that may screen, read and report."""
    from leeward.server.people import actions, auth

    auth.forget_keys()
    yield actions.create_key(service, "test", ["screen", "read", "report"], "test")
    auth.forget_keys()


@pytest.fixture
def application(db: None) -> Iterator[Any]:
    """The WSGI application. As in Django's test client, the connection with the test's transaction stays open between requests."""
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections

    from leeward.server.wsgi import application

    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield application
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def api(client: Any, key: str) -> Any:
    """POSTs and GETs with the key."""

    class Api:
        def post(self, path: str, body: Any, **headers: str) -> Any:
            head = {"Authorization": f"Bearer {key}", **headers}
            return client.post(f"/v1{path}", body, content_type="application/json", headers=head)

        def delete(self, path: str, **headers: str) -> Any:
            return client.delete(f"/v1{path}", headers={"Authorization": f"Bearer {key}", **headers})

        def get(self, path: str, **headers: str) -> Any:
            return client.get(f"/v1{path}", headers={"Authorization": f"Bearer {key}", **headers})

    return Api()


def staff_member(service: Any, name: str, role: str) -> Any:
    """A member of staff with a second factor."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from leeward.server.people import actions

    staff = actions.create_staff(f"{name}@pebble.example", "a long enough password", service.organisation, role, "test")
    TOTP.activate(staff.user, generate_totp_secret())
    return staff


def signed_in(staff: Any) -> Any:
    """A browser in which somebody is signed in."""
    from django.test import Client

    browser = Client()
    browser.force_login(staff.user)
    return browser


@pytest.fixture
def engineer(db: None, client: Any, service: Any) -> Any:
    """A signed-in engineer."""
    client.force_login(staff_member(service, "engineer", "engineer").user)
    return client


@pytest.fixture
def moderator(db: None, service: Any) -> Any:
    """A moderator of the service's organisation, which runs the server."""
    from leeward.server.people import actions

    actions.set_operator(service.organisation, "test")
    return staff_member(service, "moderator", "moderator")


@pytest.fixture
def other_moderator(moderator: Any, service: Any) -> Any:
    """A second moderator."""
    return staff_member(service, "other", "moderator")


@pytest.fixture
def lead(moderator: Any, service: Any) -> Any:
    """Who leads the moderators."""
    return staff_member(service, "lead", "lead")


@pytest.fixture
def outsider(db: None) -> Any:
    """A moderator of another organisation."""
    from leeward.server.people import actions

    elsewhere = actions.create_service("Other Games", "Other Chat", "13-15", "test")
    return staff_member(elsewhere, "outsider", "moderator")
