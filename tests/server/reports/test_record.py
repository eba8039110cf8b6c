"""The statement of reasons, against the rules of the DSA Transparency Database (dsa_statement.schema.json)."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from leeward.engine.harms import CODES
from leeward.server.reports import statements
from leeward.server.reports.models import Case, Outcome

SCHEMA = jsonschema.Draft202012Validator(json.loads((Path(__file__).parent / "dsa_statement.schema.json").read_text(encoding="utf-8")))
DAY = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    on_content, on_account = draw(st.sampled_from(Outcome.OnContent.values)), draw(st.sampled_from(Outcome.OnAccount.values))
    return Outcome(
        id="out_01", kind="action_taken", harm=draw(st.sampled_from(["", *sorted(CODES)])), on_content=on_content, on_account=on_account,
        content=draw(st.sampled_from(Outcome.Content.values)), ground=draw(st.sampled_from(Outcome.Ground.values)),
        ground_reference="Community rules, 2", found_by_machine=draw(st.booleans()),
    )  # fmt: skip


@given(
    outcomes(), st.sampled_from(Case.Source.values), st.sampled_from(["", "DE", "FR", "RO"]), st.sampled_from(["de", "en", "da", "pt-br"])
)
def test_every_record_would_be_taken(outcome: Outcome, source: str, country: str, language: str) -> None:
    case = Case(id="case_01", source=source, country=country, language=language, opened_at=DAY)
    record: dict[str, Any] = statements.record(outcome, case, "A minor was mocked. " * 400, DAY.date())
    SCHEMA.validate(record)
    assert record["content_type"] == [outcome.content]
