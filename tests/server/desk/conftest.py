"""What all tests of the desk share."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from leeward.server.reports import rules
from tests.conftest import signed_in


@pytest.fixture(autouse=True)
def nothing_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SAMPLE", 10**9)


@pytest.fixture
def browser(moderator: Any) -> Client:
    return signed_in(moderator)
