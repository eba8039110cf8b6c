"""Contact state under concurrent writers, in a real database file."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from leeward.engine.contact import ActorState
from leeward.server.screening import actions
from leeward.server.screening.book import Book, keys
from tests.personas import STRANGER, says


@pytest.mark.django_db(transaction=True)
def test_no_first_contact_is_lost_among_concurrent_writers() -> None:
    def write(first: int) -> None:
        for number in range(first, first + 8):
            actions.screen(7, [says("hi", STRANGER, {"ref": f"child{number}", "age_band": "10-12"})], None)
        connection.close()

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 8, 16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    book, event = Book(7), says("hi", STRANGER, {"ref": "child0", "age_band": "10-12"})
    book.load([event])
    state: ActorState = book.states(event).actor
    assert len(state.contacts) == 24


@pytest.mark.django_db
def test_services_do_not_share_what_they_know() -> None:
    event = says("hi", STRANGER, {"ref": "c", "age_band": "10-12"})
    assert set(keys(1, event)).isdisjoint(keys(2, event))


@pytest.mark.django_db
def test_both_directions_share_the_pair() -> None:
    there, back = says("hi", {"ref": "a"}, {"ref": "b"}), says("hi", {"ref": "b"}, {"ref": "a"})
    assert keys(1, there)[0] == keys(1, back)[0]
    assert keys(1, there)[1] == keys(1, back)[2]
