"""Turns at a database in a file."""

import contextlib
import threading
from pathlib import Path

import pytest

from leeward.server.core.turn import turn, turn_at


def test_one_after_the_other(tmp_path: Path) -> None:
    said: list[str] = []
    inside = threading.Event()

    def other() -> None:
        inside.wait(5)
        with turn_at(tmp_path / "turn"):
            said.append("other")

    thread = threading.Thread(target=other)
    thread.start()
    with turn_at(tmp_path / "turn"):
        inside.set()
        thread.join(0.05)
        said.append("first")
    thread.join(5)
    assert said == ["first", "other"]


def test_who_hangs_stops_nobody(tmp_path: Path) -> None:
    with turn_at(tmp_path / "turn"), turn_at(tmp_path / "turn", patience=0.01):
        assert (tmp_path / "turn").exists()


@pytest.mark.django_db
def test_nothing_is_locked_inside_of_a_transaction() -> None:
    assert isinstance(turn(), contextlib.nullcontext)
