"""Meetings, consultations, pledges, practices, news and the newsletter."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from django.core import mail
from icalendar import Calendar

from leeward.server.core import clock, outbox
from leeward.server.core.models import OutboxMessage
from leeward.server.register import rules
from leeward.server.register.actions import meetings, stories
from leeward.server.register.actions.common import NotPossible, today
from leeward.server.register.models import Meeting, Pledge, Subscriber


def planned(harbour: Any) -> Meeting:
    found: Meeting = harbour.meetings.get(state="planned")
    return found


def events(client: Any, where: str = "/register/harbour/meetings.ics") -> dict[str, Any]:
    return {str(event["uid"]): event for event in Calendar.from_ical(client.get(where).content).walk("VEVENT")}


def test_the_calendar_has_every_meeting_and_follows_its_changes(client: Any, harbour: Any, seat: Any) -> None:
    meeting = planned(harbour)
    uid = f"meeting-{meeting.number}@harbour.leeward"
    assert len(events(client)) == 4 and events(client)[uid]["sequence"] == 0
    starts = dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC)
    OutboxMessage.objects.all().delete()
    meetings.change(seat("sanne"), meeting, starts, starts + dt.timedelta(hours=2), "Antwerp", meetings.read_agenda("09:00 10 Welcome"))
    assert OutboxMessage.objects.filter(target="kira@kitewire.example").exists()
    changed = events(client, f"/register/harbour/meetings/{meeting.number}/meeting.ics")[uid]
    assert (changed["sequence"], changed["dtstart"].dt, changed["location"]) == (1, starts, "Antwerp")
    meeting.refresh_from_db()
    meetings.cancel(seat("sanne"), meeting)
    assert events(client)[uid]["status"] == "CANCELLED"
    assert "cancelled" in client.get("/register/harbour/meetings/").content.decode()


def test_a_meeting_of_the_archive_is_an_entry_of_a_whole_day(client: Any, historical: Any) -> None:
    found = events(client, "/register/better-protect-minors-online/meetings.ics")
    assert len(found) == 7 and found["meeting-1@better-protect-minors-online.leeward"]["dtstart"].dt == dt.date(2019, 4, 30)


def test_minutes_come_afterwards_and_stay(client: Any, harbour: Any, seat: Any) -> None:
    meeting = planned(harbour)
    there = [harbour.members.get(name="Kitewire")]
    with pytest.raises(NotPossible, match="minutes come afterwards"):
        meetings.hold(seat("sanne"), meeting, there, [], "x")
    with clock.standing_at(dt.datetime.combine(meeting.on, dt.time(18), dt.UTC)):
        meetings.hold(seat("sanne"), meeting, there, ["A researcher"], "It was good.")
        with pytest.raises(NotPossible, match="stay as they are"):
            meetings.hold(seat("sanne"), meeting, there, [], "It was bad.")
        page = client.get(f"/register/harbour/meetings/{meeting.number}/").content.decode()
    assert "It was good." in page and "A researcher" in page and "Kitewire" in page


def test_an_agenda_is_read_line_by_line() -> None:
    points = meetings.read_agenda("9:30 20 Welcome | Secretariat\nDiscussion\n\n11:00 Lunch")
    assert [(p.starts, p.minutes, p.title, p.who) for p in points] == [
        (dt.time(9, 30), 20, "Welcome", "Secretariat"), (None, None, "Discussion", ""), (dt.time(11), None, "Lunch", ""),
    ]  # fmt: skip
    for text, says in (("25:00 Welcome", "not a time"), ("09:00 20 | Me", "has no title")):
        with pytest.raises(NotPossible, match=says):
            meetings.read_agenda(text)


def test_decisions_and_actions_have_owners(client: Any, harbour: Any, seat: Any) -> None:
    meeting = harbour.meetings.get(title="After the evaluation")
    with pytest.raises(NotPossible, match="needs an owner"):
        meetings.resolve(seat("sanne"), meeting, "action", "Do it.", "", None)
    meetings.finish(seat("sanne"), meeting.resolutions.get(kind="action"))
    assert f"done on {today().day}" in client.get(f"/register/harbour/meetings/{meeting.number}/").content.decode()


def test_a_consultation_collects_views_and_says_what_became_of_them(client: Any, harbour: Any, seat: Any) -> None:
    asked = harbour.consultations.get(outcome="")
    meetings.give_view(seat("yuna"), asked, "Days until an answer.")
    meetings.give_view(seat("Kitewire"), asked, "Reports a month.")
    with pytest.raises(NotPossible, match="does not allow"):
        meetings.give_view(seat("edda"), asked, "x")
    page = client.get("/register/harbour/meetings/").content.decode()
    assert "Days until an answer." in page and "Youth panel" in page and "yuna" not in page
    meetings.conclude_consultation(seat("sanne"), asked, "Days until an answer, by all.")
    assert "Days until an answer, by all." in client.get("/register/harbour/meetings/").content.decode()
    after = dt.datetime.combine(asked.closes_on + dt.timedelta(days=1), dt.time(1), dt.UTC)
    with clock.standing_at(after), pytest.raises(NotPossible, match="closed on"):
        meetings.give_view(seat("yuna"), asked, "Late.")


def test_the_verdict_is_the_young_peoples(client: Any, harbour: Any, seat: Any) -> None:
    pledge = Pledge.objects.get(title="Settings that we can find")
    answers = dict.fromkeys(rules.LUNDY, ("partly", "A little."))
    for name in ("Lumen Video", "sanne", "ada"):
        with pytest.raises(NotPossible, match="does not allow"):
            stories.judge(seat(name), pledge, "Wonderful!", answers)
    with pytest.raises(NotPossible, match="all four questions"):
        stories.judge(seat("yuna"), pledge, "Hm.", {"space": ("yes", "")})
    stories.judge(seat("yuna"), pledge, "We found them. It took a while.", answers)
    with pytest.raises(NotPossible, match="stays as it is"):
        stories.judge(seat("yuna"), pledge, "Forget it.", answers)
    with pytest.raises(NotPossible, match="take up a new pledge"):
        stories.work_on(seat("Lumen Video"), pledge, today(), "More.")
    page = client.get("/register/harbour/pledges/").content.decode()
    assert "We found them. It took a while." in page and "Influence: did what we said change something" in page


def test_a_practice_needs_evidence(client: Any, harbour: Any, seat: Any) -> None:
    with pytest.raises(NotPossible, match="needs evidence"):
        stories.share_practice(seat("ada"), "Idea", "p", "w", " ", "t", "")
    stories.share_practice(seat("ada"), "A real one", "p", "w", "It worked.", "t", "")
    assert "A real one" in client.get("/register/harbour/practices/").content.decode()


def test_news_and_acts_are_syndicated(client: Any, harbour: Any, seat: Any) -> None:
    with pytest.raises(NotPossible, match="needs the regulator"):
        stories.tell(seat("sanne"), "act", today(), "Act", "", "", "", [], [])
    kitewire = harbour.members.get(name="Kitewire")
    stories.tell(seat("sanne"), "act", today(), "A request & more", "Text", "Regulator", "https://example.org/1", [kitewire], ["reports"])
    atom = ET.fromstring(client.get("/register/harbour/news.atom").content)
    entry = atom.find("{http://www.w3.org/2005/Atom}entry")
    assert entry is not None and entry.findtext("{http://www.w3.org/2005/Atom}title") == "A request & more"
    rss = ET.fromstring(client.get("/register/harbour/news.rss").content)
    assert rss.findtext("channel/item/title") == "A request & more"
    assert "A request &amp; more" in client.get("/register/harbour/members/kitewire/").content.decode()


def test_the_newsletter_goes_to_who_said_yes_twice(client: Any, harbour: Any, seat: Any) -> None:
    where = "/register/harbour/newsletter/"
    OutboxMessage.objects.all().delete()
    assert "a mail is on its way" in client.post(where, {"mail": "Reader@Example.org"}).content.decode()
    assert stories.send_newsletter(seat("sanne"), "News", "Hello.", today()) == 0
    assert b"example.org" not in bytes(Subscriber.objects.get().mail).lower()
    outbox.deliver_due()
    found = re.search(r"/newsletter/yes/(\w+)/", str(mail.outbox[-1].body))
    assert found is not None
    token, link = found.group(1), f"{where}yes/{found.group(1)}/"
    assert Subscriber.objects.get().confirmed_at is None and client.get(link).status_code == 200
    assert Subscriber.objects.get().confirmed_at is None  # opening the link alone does nothing
    client.post(link)
    assert stories.send_newsletter(seat("sanne"), "News", "Hello.", today() - dt.timedelta(days=20)) == 1
    client.post(where, {"mail": "reader@example.org"})
    assert Subscriber.objects.count() == 1
    client.post(f"{where}no/{token}/")
    assert not Subscriber.objects.exists()
    assert "not valid any more" in client.post(link).content.decode()


def test_linked_data_says_what_there_is(client: Any, harbour: Any) -> None:
    catalog = client.get("/register/harbour/catalog.jsonld").json()
    assert catalog["@type"] == "dcat:Catalog"
    for dataset in catalog["dcat:dataset"]:
        for distribution in dataset["dcat:distribution"]:
            path = re.sub(r"^https?://[^/]+", "", distribution["dcat:accessURL"]["@id"])
            assert client.get(path).status_code == 200, path
    page = client.get("/register/harbour/").content.decode()
    assert '<script type="application/ld+json">' in page and '"@type": "Organization"' in page
