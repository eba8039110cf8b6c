"""The public pages: every one in its three faces, as of any day."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

PAGES = (
    "", "purpose", "members", "members/kitewire", "commitments", "commitments/harbour-kitewire-1", "compare", "observations", "findings",
    "reports", "evaluations", "evaluations/first-independent-evaluation", "rounds", "rounds/third-half", "meetings", "meetings/3",
    "pledges",
    "practices", "news", "timeline", "search",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_a_page_its_json_and_its_csv_say_the_same(client: Any, harbour: Any, page: str) -> None:
    where = f"/register/harbour/{page}"
    shown = client.get(f"{where}/" if page else where)
    assert shown.status_code == 200
    stem = where if page else f"{where}overview"
    data = client.get(f"{stem}.json")
    body = json.loads(data.content)
    assert body["alliance"] == "harbour" and body["license"].startswith("https://") and body["as_of"] in body["permalink"]
    rows = list(csv.reader(io.StringIO(client.get(f"{stem}.csv").content.decode())))
    assert len({len(row) for row in rows}) == 1
    assert f'href="{stem}.json"' in shown.content.decode() and f'href="{stem}.csv"' in shown.content.decode()
    assert client.get(body["permalink"]).status_code == 200
