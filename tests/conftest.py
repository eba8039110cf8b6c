"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from leeward.engine.screen import Engine


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
    """A key of the service that may screen and read."""
    from leeward.server.people import actions, auth

    auth.forget_keys()
    yield actions.create_key(service, "test", ["screen", "read"], "test")
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

        def get(self, path: str, **headers: str) -> Any:
            return client.get(f"/v1{path}", headers={"Authorization": f"Bearer {key}", **headers})

    return Api()


@pytest.fixture
def engineer(db: None, client: Any, service: Any) -> Any:
    """A signed-in engineer with a second factor."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from leeward.server.people import actions

    staff = actions.create_staff("engineer@pebble.example", "a long enough password", service.organisation, "engineer", "test")
    TOTP.activate(staff.user, generate_totp_secret())
    client.force_login(staff.user)
    return client
