"""The people of the tests, in one place. All invented."""

from __future__ import annotations

import datetime as dt
from typing import Any

from leeward.engine.events import Actor, Audience, Event

NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)

NINE_YEAR_OLD = {"ref": "nine", "age_band": "6-9", "country": "DE"}
CHILD = {"ref": "eleven", "age_band": "10-12", "country": "DE"}
TEEN = {"ref": "teen", "age_band": "13-15", "country": "DE"}
PARENT = {"ref": "parent", "age_band": "adult", "country": "DE"}
STRANGER = {"ref": "stranger", "age_band": "adult", "account_age_days": 2, "country": "DE"}


def says(text: str, actor: dict[str, Any], audience: dict[str, Any], relationship: str = "stranger", **more: Any) -> Event:
    """An event in which one persona writes to another, at noon unless told."""
    fields = {"at": NOON, **more}
    reader = {name: value for name, value in audience.items() if name in ("ref", "age_band", "country")}
    return Event(text=text, relationship=relationship, actor=Actor(**actor), audience=Audience(**reader), **fields)  # type: ignore[arg-type]
