"""Who becomes a member, stays one, and ends being one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from leeward.server.core.models import OutboxMessage
from leeward.server.register import access
from leeward.server.register.actions import commitments, membership
from leeward.server.register.actions.common import NotPossible, today
from leeward.server.register.models import Alliance, Member, Seat

APPLY = "/register/harbour/apply/"
FORM = {
    "name": "Moss Chat", "category": "company", "sector": "messaging", "country": "FI", "website": "https://moss.example/",
    "services": "Moss\nMoss Kids",
    "about": "A chat for schools.", "mail": "hello@moss.example",
}  # fmt: skip


def applied(client: Any) -> Member:
    assert client.post(APPLY, FORM).status_code == 200
    return Member.objects.get(name="Moss Chat")


def met(seat: Any, member: Member) -> None:
    criteria = member.alliance.policies.last().criteria[member.category]
    membership.check_eligibility(seat("sanne"), member, dict.fromkeys(criteria, (True, "seen")))


def test_an_application_is_public_to_nobody(client: Any, harbour: Any, seat: Any) -> None:
    member = applied(client)
    assert member.services == ["Moss", "Moss Kids"] and b"moss.example" not in bytes(member.contact)
    assert client.get(f"/register/harbour/members/{member.slug}/").status_code == 404
    assert "Moss Chat" not in client.get("/register/harbour/members.csv").content.decode()
    assert member in access.applicants(seat("sanne")) and member in access.applicants(seat("Kitewire"))
    assert not access.applicants(seat("ada")).exists() and not access.applicants(seat("edda")).exists()


@pytest.mark.parametrize("name", ["Pebble Games", "PEBBLE-GAMES GmbH", "The Kitewire Group", "Quickwire Ltd.", "Marble Arcade"])
def test_the_name_of_a_member_or_applicant_is_refused_and_nothing_typed_is_lost(client: Any, harbour: Any, name: str) -> None:
    answer = client.post(APPLY, FORM | {"name": name})
    page = answer.content.decode()
    assert answer.status_code == 422 and "stands in the register already" in page and "A chat for schools." in page


def test_applications_are_limited(client: Any, harbour: Any) -> None:
    codes = [client.post(APPLY, FORM | {"name": f"Service {number}"}).status_code for number in range(6)]
    assert codes == [200] * 5 + [422]


def test_a_vote_decides_where_the_policy_says_so(client: Any, harbour: Any, seat: Any) -> None:
    member = applied(client)
    with pytest.raises(NotPossible, match="Not found to be met"):
        membership.decide(seat("sanne"), member, "admitted", "")
    met(seat, member)
    with pytest.raises(NotPossible, match="0 of 6 members voted"):
        membership.decide(seat("sanne"), member, "admitted", "")
    for name in ("Kitewire", "Lumen Video", "Pebble Games"):
        membership.vote(seat(name), member, name != "Kitewire", "")
    with pytest.raises(NotPossible, match="voted already"):
        membership.vote(seat("Kitewire"), member, True, "")
    with pytest.raises(NotPossible, match="does not allow"):
        membership.vote(seat("ada"), member, True, "")
    membership.decide(seat("sanne"), member, "admitted", "Two of three said yes.")
    page = client.get(f"/register/harbour/members/{member.slug}/").content.decode()
    assert "Two of three said yes." in page
    assert OutboxMessage.objects.filter(target="hello@moss.example").count() == 1
    assert bytes(Member.objects.get(pk=member.pk).contact) == b""


def test_refusing_suspending_and_ending_need_reasons_that_are_shown(client: Any, harbour: Any, seat: Any) -> None:
    member = applied(client)
    with pytest.raises(NotPossible, match="Say why"):
        membership.decide(seat("sanne"), member, "refused", " ")
    membership.decide(seat("sanne"), member, "refused", "It has no service for minors.")
    assert client.get(f"/register/harbour/members/{member.slug}/").status_code == 404
    kitewire = Member.objects.get(name="Kitewire")
    membership.decide(seat("sanne"), kitewire, "suspended", "Two rounds late.")
    assert "Two rounds late." in client.get("/register/harbour/members/kitewire/").content.decode()
    assert 'fill="#5a6669"' in client.get("/register/harbour/members/kitewire/badge.svg").content.decode()
    editor = seat("Kitewire")
    membership.decide(seat("sanne"), kitewire, "terminated", "Non-compliance.")
    with pytest.raises(NotPossible, match="cannot become suspended"):
        membership.decide(seat("sanne"), kitewire, "suspended", "x")
    editor.refresh_from_db()
    with pytest.raises(NotPossible, match="does not allow"):
        commitments.draft(editor, commitments.Text("x", "y"))


def test_who_was_a_member_on_a_day_is_known_for_every_day(client: Any, harbour: Any) -> None:
    def state(days: int) -> str:
        items = client.get(f"/register/harbour/members.json?on={today() - dt.timedelta(days=days)}").json()["members"]
        return {item["slug"]: item["state"] for item in items}.get("quickwire", "")

    assert [state(days) for days in (710, 600, 350, 10)] == ["", "admitted", "suspended", "terminated"]


def test_endorsing_is_an_act_with_a_name_and_a_day(client: Any, harbour: Any, seat: Any) -> None:
    with pytest.raises(NotPossible, match="endorsed this version already"):
        membership.endorse(seat("Kitewire"), "Somebody")
    texts = [membership.ActionText("One", "Only", "The only action.")]
    membership.publish_purpose(harbour, "New words.", texts, "test")
    membership.endorse(seat("Kitewire"), "A. Director")
    page = client.get("/register/harbour/purpose/").content.decode()
    assert "by A. Director on" in page and "New words." in page


def test_a_member_leaves_by_itself(harbour: Any, seat: Any) -> None:
    editor = seat("Foxglove")
    membership.leave(editor, "We close the service.")
    assert Member.objects.get(name="Foxglove").state == "left"
    editor.refresh_from_db()
    assert editor.ended_at is not None and access.seats_of(editor.user_id) == []


def test_seats_are_given_and_ended(harbour: Any, seat: Any) -> None:
    member = Member.objects.get(name="Kitewire")
    made = membership.give_seat(harbour, "new@kitewire.example", "editor", member, "test")
    assert not made.user.has_usable_password() and OutboxMessage.objects.filter(target="new@kitewire.example").exists()
    with pytest.raises(NotPossible, match="has a seat in this alliance already"):
        membership.give_seat(harbour, "NEW@kitewire.example", "youth", None, "test")
    with pytest.raises(NotPossible, match="has to belong to a member"):
        membership.give_seat(harbour, "x@y.example", "editor", None, "test")
    membership.end_seat(seat("sanne"), made)
    assert made not in access.seats_of(made.user_id)
    with pytest.raises(NotPossible):
        commitments.draft(Seat.objects.get(pk=made.pk), commitments.Text("x", "y"))
    with pytest.raises(NotPossible, match="Ask a colleague"):
        membership.end_seat(seat("sanne"), seat("sanne"))


def test_an_alliance_begins_with_a_statement_and_ends_with_a_successor(client: Any, harbour: Any, seat: Any) -> None:
    new = membership.create_alliance("Lagoon Alliance", "A new one.", "test")
    with pytest.raises(NotPossible, match="Publish a statement"):
        membership.start(new, today(), "test")
    assert "This alliance forms." in client.get("/register/lagoon-alliance/").content.decode()
    with pytest.raises(NotPossible, match="another name"):
        membership.create_alliance("Lagoon Alliance", "", "test")
    membership.conclude(seat("sanne"), "Its work is done.", "Lagoon Alliance", "https://example.org/")
    page = client.get("/register/harbour/").content.decode()
    assert "Its work is done." in page and "Lagoon Alliance" in page and Alliance.objects.get(pk=harbour.pk).concluded_on == today()
    with pytest.raises(NotPossible, match="kept as it was"):
        membership.apply(Alliance.objects.get(pk=harbour.pk), membership.Application("X", "company"))
