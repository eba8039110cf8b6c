"""Rounds of reporting: in time or late, reminded, commented on."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from leeward.server.core import clock
from leeward.server.core.models import OutboxMessage
from leeward.server.register.actions import rounds
from leeward.server.register.actions.common import Changed, NotPossible, today
from leeward.server.register.models import Document, Round, RoundReport

WORDS = ("We did it.", "We plan more.", "")


@pytest.fixture
def current(harbour: Any) -> Round:
    found: Round = harbour.rounds.get(name="Fourth half")
    return found


def at(day: dt.date) -> Any:
    return clock.standing_at(dt.datetime.combine(day, dt.time(12), dt.UTC))


def test_a_report_is_written_then_handed_in(client: Any, harbour: Any, seat: Any, current: Round) -> None:
    editor = seat("Kitewire")
    rounds.save_report(editor, current, 0, *WORDS)
    where = f"/register/harbour/rounds/{current.slug}"
    assert "We did it." not in client.get(f"{where}.csv").content.decode()
    rounds.submit_report(editor, current)
    page = client.get(f"{where}/").content.decode()
    assert "We did it." in page and "in time" in page
    with pytest.raises(NotPossible, match="nothing new"):
        rounds.submit_report(editor, current)


def test_without_words_it_is_not_taken(seat: Any, current: Round) -> None:
    rounds.save_report(seat("Kitewire"), current, 0, "Something.", " ", "")
    with pytest.raises(NotPossible, match="“nothing” is an answer too"):
        rounds.submit_report(seat("Kitewire"), current)


def test_changed_after_it_was_handed_in_both_versions_can_be_read(client: Any, seat: Any, current: Round) -> None:
    editor = seat("Kitewire")
    rounds.save_report(editor, current, 0, *WORDS)
    rounds.submit_report(editor, current)
    with at(current.due + dt.timedelta(days=9)):
        rounds.save_report(editor, current, 1, "We did it, and one thing more.", "", "")
        rounds.save_report(editor, current, 1, "We did it, and one thing more.", "Rest.", "")
        rounds.submit_report(editor, current)
        page = client.get(f"/register/harbour/rounds/{current.slug}/").content.decode()
    assert "one thing more" in page and "We did it." in page and "version 2" in page and "9 days late" in page


def test_after_the_round_has_closed_nothing_is_taken_and_nothing_typed_is_lost(signed_in: Any, current: Round) -> None:
    with at(current.closes + dt.timedelta(days=1)):
        browser = signed_in("kira")
        answer = browser.post(f"/register/office/harbour/report/{current.pk}/", {"done": "My long text", "planned": "p", "numbers": ""})
    page = answer.content.decode()
    assert answer.status_code == 422 and f"The round closed on {current.closes}" in page and "My long text" in page
    assert not RoundReport.objects.filter(round=current, member__name="Kitewire").exists()


def test_two_editors_of_a_report_notice_each_other(seat: Any, current: Round) -> None:
    editor = seat("Kitewire")
    report = rounds.save_report(editor, current, 0, *WORDS)
    rounds.save_report(editor, current, report.edit, "Hers", "p", "")
    with pytest.raises(Changed) as told:
        rounds.save_report(editor, current, report.edit, "His", "p", "")
    assert told.value.theirs["done"] == "Hers"


def test_reminders_come_once_each_and_stop_when_it_is_handed_in(harbour: Any, seat: Any, current: Round) -> None:
    def reminded(day: dt.date) -> set[str]:
        OutboxMessage.objects.all().delete()
        with at(day):
            rounds.remind(day)
        return set(OutboxMessage.objects.values_list("target", flat=True))

    first = reminded(current.due - dt.timedelta(days=14))
    assert "kira@kitewire.example" in first and len(first) == 6
    assert reminded(current.due - dt.timedelta(days=13)) == set()
    rounds.save_report(seat("Kitewire"), current, 0, *WORDS)
    rounds.submit_report(seat("Kitewire"), current)
    assert reminded(current.due - dt.timedelta(days=3)) == first - {"kira@kitewire.example"}
    assert len(reminded(current.due + dt.timedelta(days=30))) == 5
    assert "28" in str(list(current.reminder_set.values_list("kind", flat=True)))


def test_who_is_late_is_shown(client: Any, harbour: Any) -> None:
    third = client.get("/register/harbour/rounds/third-half/").content.decode()
    assert "2 days late" in third and "No report" in third and "Foxglove" in third
    rows = client.get("/register/harbour/reports.json").json()["reports"]
    late = {(row["round"], row["member"]): row["days_late"] for row in rows}
    assert late["first-half", "kitewire"] == 21 and late["third-half", "pebble-games"] == 0
    assert late["third-half", "foxglove"] == 45  # never: counted until the round closed


def test_associated_members_and_youth_comment_and_the_member_replies_once(client: Any, seat: Any, harbour: Any) -> None:
    report = RoundReport.objects.get(round__name="Third half", member__name="Pebble Games")
    said = rounds.comment(seat("yuna"), "What happens at night?", report=report)
    with pytest.raises(NotPossible, match="does not allow"):
        rounds.comment(seat("Kitewire"), "We are better.", report=report)
    with pytest.raises(NotPossible, match="another member"):
        rounds.reply(seat("Kitewire"), said, "No idea.")
    rounds.reply(seat("Pebble Games"), said, "Two people are awake.")
    with pytest.raises(NotPossible, match="not changed"):
        rounds.reply(seat("Pebble Games"), said, "Three.")
    page = client.get("/register/harbour/rounds/third-half/").content.decode()
    assert "What happens at night?" in page and "Two people are awake." in page and "yuna" not in page


def test_a_withdrawn_document_leaves_its_name_its_hash_and_the_reason(client: Any, harbour: Any, seat: Any) -> None:
    made = rounds.add_document(seat("Pebble Games"), "evidence", "Numbers", data=b"a,b\n1,2\n")
    where = f"/register/harbour/documents/{made.pk}/"
    given = client.get(where)
    assert given.content == b"a,b\n1,2\n" and given["Content-Disposition"].startswith("attachment")
    assert given["Content-Security-Policy"] == "default-src 'none'; sandbox"
    with pytest.raises(NotPossible, match="another member"):
        rounds.withdraw_document(seat("Kitewire"), made, "x")
    with pytest.raises(NotPossible, match="Say why"):
        rounds.withdraw_document(seat("Pebble Games"), made, "")
    rounds.withdraw_document(seat("Pebble Games"), made, "A name stood in it.")
    gone = client.get(where)
    assert gone.status_code == 410 and "A name stood in it." in gone.content.decode() and made.sha256 in gone.content.decode()
    assert Document.objects.filter(pk=made.pk).exists()


def test_only_harmless_files_of_a_size_are_taken(seat: Any) -> None:
    editor = seat("Pebble Games")
    for data, says in ((b"MZ\x90\x00\xff", "Only PDF"), (b"%PDF-" + b"x" * rounds.MAX_FILE, "MB at most"), (None, "Choose a file")):
        with pytest.raises(NotPossible, match=says):
            rounds.add_document(editor, "evidence", "x", data=data)
    assert rounds.media_type(b"<html><script>alert(1)</script>") == "text/plain"


def test_the_days_of_a_round_follow_each_other(seat: Any, harbour: Any) -> None:
    day = today()
    with pytest.raises(NotPossible, match="follow each other"):
        rounds.open_round(seat("sanne"), "Wrong", day, day, day, day)
    later = [day + dt.timedelta(days=days) for days in (0, 10, 20, 30)]
    with pytest.raises(NotPossible, match="There is a round"):
        rounds.open_round(seat("sanne"), "Fourth half", *later)
