"""The API does what its OpenAPI file says, under whatever schemathesis thinks of."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from leeward.server.wsgi import application

schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", application)


@pytest.mark.django_db
@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_api_keeps_its_word(case: Any, key: str) -> None:
    case.call_and_validate(
        headers={"Authorization": f"Bearer {key}"},
        excluded_checks=[
            schemathesis.checks.unsupported_method,
            schemathesis.checks.positive_data_acceptance,
        ]
        if hasattr(schemathesis.checks, "unsupported_method")
        else [],
    )
