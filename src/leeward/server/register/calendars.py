"""Meetings as calendar entries (RFC 5545). An entry keeps its UID; its SEQUENCE grows with every change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from icalendar import Calendar, Event

from leeward.server import environment
from leeward.server.core import clock
from leeward.server.register.models import Alliance, Meeting

STATUS = {Meeting.State.PLANNED: "CONFIRMED", Meeting.State.HELD: "CONFIRMED", Meeting.State.CANCELLED: "CANCELLED"}


def calendar(of: Alliance, meetings: Iterable[Meeting]) -> bytes:
    """The meetings; one whose hours are not known is an entry of a whole day."""
    made = Calendar()
    made.add("prodid", "-//Leeward//register//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", of.name)
    for meeting in meetings:
        made.add_component(_event(of, meeting))
    return bytes(made.to_ical())


def _event(of: Alliance, meeting: Meeting) -> Event:
    url = f"{environment.get('LEEWARD_URL', 'http://127.0.0.1:8000')}/register/{of.slug}/meetings/{meeting.number}/"
    event = Event()
    event.add("uid", f"meeting-{meeting.number}@{of.slug}.leeward")
    event.add("dtstamp", clock.now())
    event.add("summary", f"{of.name}: {meeting.title}")
    event.add("description", meeting.about)
    event.add("url", url)
    event.add("sequence", meeting.sequence)
    event.add("status", STATUS[Meeting.State(meeting.state)])
    if meeting.place:
        event.add("location", meeting.place)
    if meeting.starts_at and meeting.ends_at:
        event.add("dtstart", meeting.starts_at)
        event.add("dtend", meeting.ends_at)
    else:
        event.add("dtstart", meeting.on)
        event.add("dtend", meeting.on + dt.timedelta(days=1))
    return event
