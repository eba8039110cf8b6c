"""A first day on the demo's invented service, lived through the same actions as any other, so that its tools have something to measure."""

from __future__ import annotations

from leeward.engine.events import Actor, Audience, Event
from leeward.server.core import ids
from leeward.server.desk import actions as desk
from leeward.server.people import demo as people
from leeward.server.people.models import Service, Staff
from leeward.server.reports import actions as reports
from leeward.server.reports.models import Case, Outcome
from leeward.server.reports.told import Place, Told
from leeward.server.screening import actions as screening

CHAT = (
    "gg wp, one more round?", "who has the map of level 4", "i killed the boss with the last arrow", "brb dinner", "ur base is so cool",
    "this maths is killing me", "can we play tomorrow after school", "lol that jump", "i need more wood",
    "nobody likes you, leave the team",
    "i feel so alone, i do not want to be here any more", "everything is too much, i cannot go on",
    "sometimes i think nobody would miss me", "i hate myself so much today", "i just want to disappear for ever", "thanks for the help!!",
)  # fmt: skip
TOLD = (
    ("conduct.bullying", "10-12", "they laugh at me in the team chat", "Meanie77"), ("conduct.bullying", "13-15",
    "they made a group without me", "xX_Rex"),
    ("conduct.bullying", "10-12", "says i should quit", "Lavaboy"), ("consumer.scam", "13-15", "free coins, then my items were gone",
    "CoinKing"),
    ("conduct.hate", "16-17", "jokes about where i come from", "Toast_9"), ("conduct.bullying", "13-15",
    "posts my old picture again and again", "Moonrat"),
    ("content.profanity", "10-12", "swears at everybody", "Gnarl"), ("contact.age_probe", "10-12", "keeps asking how old i am",
    "FriendlyFox"),
    ("conduct.bullying", "16-17", "tells lies about me", "Quarz"),
)  # fmt: skip

WAITING = (
    ("contact.image_request", "10-12", "someone i met in a game wants a photo of me", "SkyWolf_"),
    ("conduct.bullying", "13-15", "the whole class is in a group about me", "Class 8b"),
    ("", "6-9", "i do not know if this is ok", "Nobody7"),
)
"""Reports that wait, so that the desk has something to decide for whoever signs in."""


def first_day(service: Service) -> None:
    """Chat that is screened, reports that two moderators decide, and some that wait."""
    staff = {name: Staff.objects.get(user=people.user_named(name)) for name in ("mara", "noor")}
    events = [
        Event(
            id=f"demo-{number}", text=text, surface="group", relationship="friend", actor=Actor(ref=f"player-{number % 5}",
            age_band="13-15"),
            audience=Audience(ref="player-9", age_band="10-12"),
        )
        for number, text in enumerate(CHAT)
    ]  # fmt: skip
    screening.screen(service.pk, events, "en")
    for harm, band, text, name in TOLD:
        told = Told(band=band, harm=harm, service_id=service.pk, place=Place(username=name), text=text, country="DE")  # type: ignore[arg-type]
        _decide(reports.file_report(told, ids.new("demo")).report.case, harm, staff["mara"], staff["noor"])
    for harm, band, text, name in WAITING:
        waiting = Told(band=band, harm=harm, service_id=service.pk, place=Place(username=name), text=text, country="DE")  # type: ignore[arg-type]
        reports.file_report(waiting, ids.new("demo"))


def _decide(case: Case, harm: str, first: Staff, second: Staff) -> None:
    desk.take(case, first)
    choice = desk.Choice(
        "action_taken", harm=harm, on_content="DECISION_VISIBILITY_CONTENT_REMOVED", on_account="warned",
        ground_reference="Community rules: protection of minors", facts="Conduct towards a minor, reported and read by a person.",
    )  # fmt: skip
    if desk.decide(case, first, choice).state == Outcome.State.PROPOSED:
        case.refresh_from_db()
        desk.take(case, second)
        desk.confirm(case, second)
