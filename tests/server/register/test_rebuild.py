"""The script that makes every figure again from the CSVs, and what it says where one was changed."""

from __future__ import annotations

import datetime as dt
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from leeward.server.register.actions.common import today

SCRIPT = Path(__file__).parents[3] / "tools/rebuild_register.py"


@pytest.fixture(scope="module")
def script() -> Any:
    spec = importlib.util.spec_from_file_location("rebuild_register", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("days", [0, 100, 300, 500])
def test_every_figure_of_the_page_comes_out_of_the_tables(client: Any, harbour: Any, script: Any, days: int) -> None:
    day = today() - dt.timedelta(days=days)
    compared = script.rebuild(lambda name: client.get(f"/register/harbour/{name}?on={day}").content.decode())
    assert len(compared) > 300 and [item for item in compared if item[1] != item[2]] == []


def test_a_changed_table_is_noticed(client: Any, harbour: Any, script: Any) -> None:
    def read(name: str) -> str:
        text = client.get(f"/register/harbour/{name}").content.decode()
        return text.replace(",fully,", ",not,") if name == "findings.csv" else text

    differ = [what for what, theirs, ours in script.rebuild(read) if theirs != ours]
    assert "overview: found_true" in differ and "overview: found_false" in differ


def test_it_needs_nothing_but_python() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert "leeward." not in text and "import django" not in text
