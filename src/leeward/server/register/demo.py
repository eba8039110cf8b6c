"""The invented living alliance of the demo: two years of its life, told by the same actions that a real one uses.

All organisations, people and figures are invented. Days count back from today, so that the demo is never stale. What the demo's own service
measures comes on top of it, signed, from its live tools.
"""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction

from leeward.server.core import clock, indicators, signing
from leeward.server.core.models import OutboxMessage
from leeward.server.people import demo as people
from leeward.server.people.models import Service
from leeward.server.register import bundle as bundles
from leeward.server.register import rules
from leeward.server.register.actions import commitments, evaluation, meetings, membership, observations, rounds, stories
from leeward.server.register.models import Alliance, Commitment, Indicator, Member, Seat

SLUG = "harbour"
BY = "leeward up"
MONTHS = 14
PERSONAS = (
    people.Persona("sanne", "sanne@harbour.example", "secretariat of the Harbour Alliance", "office_door"),
    people.Persona("paul", "paul@pebble.example", "editor of the member Pebble Games", "office_door"),
    people.Persona("kira", "kira@kitewire.example", "editor of the member Kitewire", "office_door"),
    people.Persona("ada", "ada@safe-harbour.example", "associated member, Safe Harbour Helpline", "office_door"),
    people.Persona("yuna", "yuna@young-voices.example", "youth panel of the Harbour Alliance", "office_door"),
    people.Persona("edda", "edda@ostrand.example", "independent evaluator, Ostrand Institute", "office_door"),
)
PURPOSE = (
    ("User empowerment", "Data privacy practices", "Tell children and parents in plain words what is done with their data."),
    ("User empowerment", "Accessible, robust tools", "Give tools to report and block that a child can use, with an answer."),
    ("User empowerment", "Information and respect", "Teach how to stay safe, and to behave responsibly and respectfully towards others."),
    ("User empowerment", "Content classification", "Label content by age, where and when it helps."),
    ("User empowerment", "Parental controls", "Offer controls that parents use and children know of."),
    ("Enhanced collaboration", "Cooperation", "Work with helplines, hotlines, schools, governments and law enforcement."),
    ("Enhanced collaboration", "Emerging developments", "Watch connected devices and other new technology, and act early."),
    ("Awareness raising", "Campaigns", "Support campaigns for safety, digital empowerment and media literacy."),
    ("Awareness raising", "Diversified content", "Give children access to diverse content, opinions and knowledge."),
)
CRITERIA = {
    "company": ("Runs a service that minors in the EU use", "Names a person who answers for the protection of minors"),
    "associated": ("Works for the protection or the rights of minors", "Is independent of the companies of the alliance"),
}
COMPANIES = (
    ("Pebble Games", "games", "DE", ("Pebble Chat",), "Games with a chat for players from ten years on."),
    ("Kitewire", "social media", "IE", ("Kitewire",), "A social network for short posts."),
    ("Lumen Video", "video", "FR", ("Lumen", "Lumen Kids"), "Video sharing, with a part for children."),
    ("Foxglove", "messaging", "NL", ("Foxglove Messenger",), "An end-to-end encrypted messenger."),
    ("Tarn Telecom", "telecommunications", "PL", ("Tarn Family",), "A network operator with a family plan."),
)
ASSOCIATED = (
    ("Safe Harbour Helpline", "child helpline", "AT"), ("Young Voices Forum", "youth participation", "BE"),
    ("Open Lessons Trust", "education", "IE"), ("Parents Together", "parents", "ES"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment with its indicator and what is invented of its past. `tool` is the code in the tools' registry, '' for other sources."""

    member: str
    title: str
    text: str
    actions: tuple[int, ...]
    bands: tuple[str, ...] = ()
    direction: str = ""
    target: float | None = None
    unit: str = ""
    baseline: float | None = None
    due: int | None = None  # days from today
    tool: str = ""
    by: str = ""
    source: str = ""  # upload or manual
    values: tuple[float | None, ...] = field(default=())
    until: int = 1  # how many months ago the newest value ends
    found: str = ""
    because: str = ""


def _rising(first: float, last: float) -> tuple[float, ...]:
    """An even way from one value to another with a small swing, over all months."""
    swing = (0.0, 0.012, -0.008, 0.005, -0.011)
    span = last - first
    return tuple(round(first + span * step / (MONTHS - 1) + swing[step % 5] * abs(last), 3) for step in range(MONTHS))


MINORS = ("10-12", "13-15", "16-17")
PROMISES = (
    Promise("Pebble Games", "Every report gets a decision", "95% of the reports of users under 18 in the EU have a decision by a person.",
            (2,), MINORS, "up", 0.95, "share", 0.81, 200, tool="reports.answered", values=_rising(0.82, 0.97), found="fully",
            because="40 test reports: 39 had a decision within five days; the signed values agree with the service’s own log."),
    Promise("Pebble Games", "No answer comes late", "At most 5% of first answers to users under 18 come after the clock that we publish.",
            (2,), MINORS, "down", 0.05, "share", 0.22, 200, tool="reports.late", values=_rising(0.2, 0.04), found="largely",
            because="Tests and signed values agree; nights at weekends are slower."),
    Promise("Pebble Games", "Help beside what hurts",
    "From 2026 on, help is shown beside every message about self-harm that a user under 18 sees.",
            (3, 6), MINORS, tool="screening.support", values=(), found="partly",
            because="Help was shown in 17 of 20 trials; three in Danish had none."),
    Promise("Pebble Games", "Parents answer wishes", "Seven of ten wishes of children under 16 are answered by a parent within the month.",
            (5,), ("10-12", "13-15"), "up", 0.7, "share", 0.55, 300, tool="families.wishes_answered", values=_rising(0.55, 0.72)),
    Promise("Kitewire", "An answer within a day",
    "The median first answer to a report by a user under 18 takes at most 24 hours, in all EU languages.",
            (2,), ("13-15", "16-17"), "down", 24.0, "hours", 61.0, 150, tool="reports.hours_to_answer",
            by="level=medium, statistic=median", values=tuple(round(value, 1) for value in _rising(58.0, 19.0)), found="not",
            because="20 test reports in five languages: 6 had an answer after three days; 8 never had one. The signed median "
            "counts answered cases only."),
    Promise("Kitewire", "Private by default", "Every account of a user under 16 in the EU is private when it is made, from 2025 on.",
            (1, 2), ("13-15",), "up", 1.0, "share", 0.4, -200, source="upload", values=(0.4,) * 5 + (0.99,) * 9, found="fully",
            because="30 of 30 new test accounts were private."),
    Promise("Kitewire", "A safer internet together", "We strive to promote a safer internet and to support parents where appropriate.", (3,
    5, 8)),
    Promise("Lumen Video", "Age labels on all videos for children",
    "All videos in Lumen Kids carry an age label that a person checked, by the end of 2026.",
            (4,), ("0-5", "6-9", "10-12"), "up", 1.0, "share", 0.62, 120, source="upload", values=_rising(0.62, 0.91), found="partly",
            because="Of 200 videos drawn at random 171 had a label; a second reader agreed on 150."),
    Promise("Lumen Video", "Diverse first page",
    "Half of the videos on the first page of Lumen Kids are from makers outside of the ten largest.",
            (9,), ("6-9", "10-12"), "up", 0.5, "share", 0.31, 400, source="upload", values=_rising(0.3, 0.44)),
    Promise("Lumen Video", "Lessons in six languages", "20,000 pupils aged 10 to 15 take part in our media lessons in 2026.",
            (3, 8), ("10-12", "13-15"), "up", 20000.0, "pupils", 6000.0, 60, source="manual",
            values=(6000, 7200, 9100, 9900, 11800, 13000, 13900, 14500, 16800, 18200, 19000, 19900, 21000, 21500), found="largely",
            because="Lists of 14 of 20 schools could be checked."),
    Promise("Foxglove", "Contact warnings without reading",
    "From 2025 on, users under 16 are warned when an unknown adult account writes to them.",
            (2, 7), ("10-12", "13-15"), source="manual", values=(0.5, 0.58, 0.66, 0.7), until=8, unit="share", found="no_evidence",
            because="The service gave no access for a test, and its values end before the period."),
    Promise("Foxglove", "Data in one page", "The privacy notice for users under 18 fits on one page, in ten languages, from 2025 on.",
    (1,), MINORS,
            source="manual", unit="languages", direction="up", target=10.0, baseline=2.0, values=(2, 4, 6, 8, 9, 10), until=7,
            found="largely",
            because="Nine of ten languages were found; Maltese was missing."),
    Promise("Tarn Telecom", "Family plan that is used", "Six of ten families with a child under 13 keep the preset of their child’s age.",
            (5,), ("6-9", "10-12"), "up", 0.6, "share", 0.48, 300, tool="families.presets_kept", values=_rising(0.5, 0.66), found="fully",
            because="Signed values, and a telephone survey of 300 families, agree."),
    Promise("Tarn Telecom", "Helpline free of charge",
    "From 2025 on, calls to 116 111 cost nothing and never stand on a bill, for all users.",
            (6,), MINORS, "up", 1.0, "share", 1.0, None, source="upload", values=(1.0,) * MONTHS, found="fully",
            because="12 of 12 test calls stood on no bill."),
    Promise("Brindle Toys", "Every report gets a decision",
    "90% of the reports about our talking toys by families with a child under 13 have a decision by a person, from 2026 on.",
            (2, 7), ("0-5", "6-9", "10-12"), "up", 0.9, "share", 0.7, 250, tool="reports.answered", values=(0.71, 0.74, 0.82, 0.86, 0.88)),
    Promise("Tarn Telecom", "Watching connected toys",
    "Each year we test 30 connected toys that are sold with our plans, and publish the results.",
            (7,), ("0-5", "6-9"), "up", 30.0, "toys", 0.0, 90, source="manual", values=(4, 9, 12, 15, 18, 22, 24, 26, 27), until=3),
)  # fmt: skip


@dataclass(slots=True)
class Cast:
    """Who acts in the demo's past."""

    alliance: Alliance
    today: dt.date
    secretariat: Seat
    editors: dict[str, Seat] = field(default_factory=dict)
    associated: dict[str, Seat] = field(default_factory=dict)
    evaluator: Seat | None = None
    youth: Seat | None = None
    keys: dict[str, Ed25519PrivateKey] = field(default_factory=dict)
    commitments: dict[tuple[str, str], Commitment] = field(default_factory=dict)

    def ago(self, days: int) -> Any:
        """It is so many days ago, at ten in the morning."""
        return clock.standing_at(dt.datetime.combine(self.today - dt.timedelta(days=days), dt.time(10), dt.UTC))

    def day(self, days: int) -> dt.date:
        """The day so many days ago."""
        return self.today - dt.timedelta(days=days)


@transaction.atomic
def load(service: Service, url: str) -> Alliance:
    """Makes the alliance where it is not there yet, and lets the service's tools feed it."""
    there = Alliance.objects.filter(slug=SLUG).first()
    if there is not None:
        return there
    cast = _found()
    _join(cast, service)
    _promise(cast)
    _measure(cast)
    _report(cast)
    _evaluate(cast)
    _meet(cast)
    _tell(cast)
    _today(cast)
    observations.connect(service, url, SLUG, "pebble-games", BY)
    OutboxMessage.objects.filter(target__endswith=".example").delete()  # the invented past is not mailed to invented people
    return cast.alliance


def _seat(alliance: Alliance, name: str, mail: str, role: str, member: Member | None = None) -> Seat:
    seat = membership.give_seat(alliance, mail, role, member, BY)
    if name in people.PEOPLE:
        people.second_factor(seat.user)
    return seat


def _found() -> Cast:
    today = clock.now().date()
    with clock.standing_at(dt.datetime.combine(today - dt.timedelta(days=720), dt.time(10), dt.UTC)):
        about = "An invented alliance of services, helplines and young people that shows every part of the register. Nothing here is real."
        alliance = membership.create_alliance("Harbour Alliance for young people online", about, BY, SLUG)
        membership.publish_purpose(alliance,
        "We protect young people online from harmful content, conduct and contact, and we show what we did.",
                                   [membership.ActionText(*item) for item in PURPOSE], BY)  # fmt: skip
        membership.publish_policy(alliance,
        "Open to every service that young people use and to everybody who works for them. A member that does not "
                                  "report twice is suspended, and its membership ends if it does not within three months.", "secretariat",
                                  CRITERIA, BY)  # fmt: skip
        membership.start(alliance, today - dt.timedelta(days=700), BY)
        cast = Cast(alliance, today, _seat(alliance, "sanne", "sanne@harbour.example", Seat.Role.SECRETARIAT))
        cast.evaluator = _seat(alliance, "edda", "edda@ostrand.example", Seat.Role.EVALUATOR)
        cast.youth = _seat(alliance, "yuna", "yuna@young-voices.example", Seat.Role.YOUTH)
    return cast


def _admit(cast: Cast, application: membership.Application, days: int) -> Member:
    member = membership.apply(cast.alliance, application)
    checks = dict.fromkeys(CRITERIA[application.category], (True, "Shown by its published terms."))
    membership.check_eligibility(cast.secretariat, member, checks)
    membership.decide(cast.secretariat, member, Member.State.ADMITTED, "Meets the policy.", cast.day(days))
    return member


EDITORS = {"Pebble Games": ("paul", "paul@pebble.example"), "Kitewire": ("kira", "kira@kitewire.example")}


def _join(cast: Cast, service: Service) -> None:
    with cast.ago(690):
        for name, sector, country, services, about in (
            *COMPANIES,
            ("Quickwire", "social media", "", ("Quickwire",), "A live-streaming service."),
        ):
            member = _admit(
                cast,
                membership.Application(
                    name, "company", sector, country, f"https://{name.lower().replace(' ', '-')}.example/", services, about
                ),
                690,
            )
            nick, mail = EDITORS.get(name, ("", f"editor@{member.slug}.example"))
            cast.editors[name] = _seat(cast.alliance, nick, mail, Seat.Role.EDITOR, member)
            membership.endorse(cast.editors[name], "Head of child safety")
        for name, sector, country in ASSOCIATED:
            member = _admit(cast, membership.Application(name, "associated", sector, country), 690)
            nick, mail = ("ada", "ada@safe-harbour.example") if name == "Safe Harbour Helpline" else ("", f"office@{member.slug}.example")
            cast.associated[name] = _seat(cast.alliance, nick, mail, Seat.Role.ASSOCIATED, member)
            membership.endorse(cast.associated[name], "Director")
    Member.objects.filter(alliance=cast.alliance, name="Pebble Games").update(organisation=service.organisation)
    with cast.ago(260):
        membership.publish_policy(cast.alliance, "As before; from now on the member companies vote on applicants.", "vote", CRITERIA, BY)
        gone = cast.alliance.members.get(name="Quickwire")
        membership.decide(cast.secretariat, gone, Member.State.SUSPENDED, "Two rounds without a report.", cast.day(400))
        membership.decide(
            cast.secretariat,
            gone,
            Member.State.TERMINATED,
            "Non-compliance: no report within three months after the suspension.",
            cast.day(260),
        )
    with cast.ago(200):
        toys = membership.apply(
            cast.alliance, membership.Application("Brindle Toys", "company", "connected toys", "DK", about="Toys that talk.")
        )
        membership.check_eligibility(cast.secretariat, toys, dict.fromkeys(CRITERIA["company"], (True, "")))
        for name, yes in (("Pebble Games", True), ("Lumen Video", True), ("Tarn Telecom", True), ("Kitewire", False)):
            membership.vote(cast.editors[name], toys, yes, "")
        membership.decide(cast.secretariat, toys, Member.State.ADMITTED, "Three of four votes said yes.", cast.day(200))
        cast.editors["Brindle Toys"] = _seat(cast.alliance, "", "editor@brindle-toys.example", Seat.Role.EDITOR, toys)
        membership.endorse(cast.editors["Brindle Toys"], "Head of product safety")


def _promise(cast: Cast) -> None:
    for place, item in enumerate(PROMISES):
        editor = cast.editors[item.member]
        with cast.ago(660 - place if item.member != "Brindle Toys" else 190):
            text = commitments.Text(
                item.title, item.text, item.actions, item.bands, item.baseline, cast.day(690) if item.baseline is not None else None,
                item.target,
                item.unit, item.direction, (), cast.today + dt.timedelta(days=item.due) if item.due is not None else None,
            )  # fmt: skip
            version = commitments.draft(editor, text)
            cast.commitments[item.member, item.title] = version.commitment
            if item.values or item.tool:
                _define(editor, item, version.commitment)
            commitments.submit(editor, version)
            commitments.publish(cast.secretariat, version)
    with cast.ago(210):  # one promise was made stricter, one was taken back
        editor, commitment = cast.editors["Kitewire"], cast.commitments["Kitewire", "An answer within a day"]
        version = commitments.new_version(editor, commitment)
        last = commitments.text_of(version)
        commitments.save(editor, version, 1, _stricter(last))
        version.refresh_from_db()
        commitments.submit(editor, version)
        commitments.publish(cast.secretariat, version)
    with cast.ago(90):
        editor = cast.editors["Foxglove"]
        version = commitments.draft(
            editor, commitments.Text("Report button in every chat", "Every chat has a report button by the end of 2025.", (2,), MINORS)
        )
        commitments.submit(editor, version)
        commitments.publish(cast.secretariat, version)
    with cast.ago(40):
        commitments.withdraw(
            cast.editors["Foxglove"], version.commitment, "The new design has no place for it yet. We will make a new promise in spring."
        )


def _stricter(text: commitments.Text) -> commitments.Text:
    fields = {name: getattr(text, name) for name in commitments.Text.__dataclass_fields__}
    return commitments.Text(**{**fields, "text": text.text.replace("in all EU languages", "in the 24 official languages of the EU"),
                               "change": "The languages are named, after the evaluation asked for it."})  # fmt: skip


def _define(editor: Seat, item: Promise, commitment: Commitment) -> Indicator:
    code = (item.tool or item.title).replace(".", "-").replace(" ", "-").lower()[:70]
    definition = observations.Definition(
        code, indicators.REGISTRY[item.tool].title if item.tool else item.title, unit="" if item.tool else item.unit,
        direction="none" if item.tool else item.direction or "up", tool=item.tool, by=item.by, denominator="Users under 18 in the EU",
    )  # fmt: skip
    return observations.define(editor, definition, [commitment])


def months(today: dt.date, count: int, until: int) -> list[tuple[dt.date, dt.date]]:
    """So many whole months, the last of which ends `until` months before this one begins (1: the last month)."""
    first = today.replace(day=1)
    return [
        (rules.add_months(first, -place), rules.add_months(first, 1 - place) - dt.timedelta(days=1))
        for place in range(count + until - 1, until - 1, -1)
    ]


def _measure(cast: Cast) -> None:
    signed: dict[tuple[str, dt.date, dt.date], list[bundles.Measured]] = {}
    for item in PROMISES:
        periods = months(cast.today, len(item.values), item.until)
        if item.tool:
            tool = indicators.REGISTRY[item.tool]
            for (start, end), value in zip(periods, item.values, strict=True):
                version = 1 if item.member != "Tarn Telecom" or start < rules.add_months(cast.today, -5) else 2  # a method that changed
                made = bundles.Measured(item.tool, version, tool.unit, value, 240, False, observations.split_by(item.by))
                signed.setdefault((item.member, start, end), []).append(made)
        elif item.source:
            with cast.ago(0):
                values = [observations.Value(start, end, value, 240 if item.unit == "share" else None, item.unit)
                          for (start, end), value in zip(periods, item.values, strict=True)]  # fmt: skip
                _enter(cast, item, values)
    for (member, start, end), measured in sorted(signed.items(), key=lambda entry: entry[0][1]):
        _push(cast, member, start, end, measured)


def _enter(cast: Cast, item: Promise, values: list[observations.Value]) -> None:
    indicator = cast.commitments[item.member, item.title].indicators.get()
    for value in values:
        with clock.standing_at(dt.datetime.combine(value.end + dt.timedelta(days=4), dt.time(9), dt.UTC)):
            observations.enter(cast.editors[item.member], indicator, [value], item.source)


def _push(cast: Cast, member: str, start: dt.date, end: dt.date, measured: list[bundles.Measured]) -> None:
    editor = cast.editors[member]
    at = dt.datetime.combine(end + dt.timedelta(days=1), dt.time(3), dt.UTC)
    with clock.standing_at(at):
        if member == "Pebble Games":
            public, sign = signing.public_key(), signing.sign
        else:
            key = cast.keys.setdefault(member, Ed25519PrivateKey.generate())
            public = base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()

            def sign(data: bytes) -> str:
                return base64.b64encode(key.sign(data)).decode()

        if editor.member is not None and not editor.member.signing_keys.exists():
            observations.add_key(editor, "production", public)
        slug = editor.member.slug if editor.member else ""
        body = msgspec.json.encode(bundles.Bundle(bundles.FORMAT, SLUG, slug, member, "leeward/0.1.0", at, start, end, measured))
        observations.receive(body, public, sign(body))


def _report(cast: Cast) -> None:
    for name, due, late in (
        ("First half", 430, {"Kitewire": 21, "Foxglove": 3}),
        ("Second half", 250, {"Kitewire": 12}),
        ("Third half", 66, {"Lumen Video": 2}),
    ):
        with cast.ago(due + 60):
            made = rounds.open_round(cast.secretariat, name, cast.day(due + 245), cast.day(due + 62), cast.day(due), cast.day(due - 45))
        for member, editor in cast.editors.items():
            silent = member == "Quickwire" or (member == "Foxglove" and due < 400) or (member == "Brindle Toys" and due > 200)
            if silent:
                continue
            with cast.ago(due + 2 - (late[member] + 2 if member in late else 0)):
                rounds.save_report(editor, made, 0, f"{member} worked on each of its commitments; the numbers stand beside them.",
                                   "The next steps stand in the milestones of our commitments.",
                                   "Counted over all users under 18 in the EU.")  # fmt: skip
                rounds.submit_report(editor, made)
    report = made.reports.get(member__name="Kitewire")
    with cast.ago(55):
        said = rounds.comment(cast.associated["Safe Harbour Helpline"],
        "Young people who call us say that answers from Kitewire do not come at weekends. "
                              "Is the median counted over weekends too?", report=report)  # fmt: skip
    with cast.ago(50):
        rounds.reply(cast.editors["Kitewire"], said, "Yes, over all days. We will publish weekends by themselves from the next round on.")
    with cast.ago(20):
        commitment = cast.commitments["Kitewire", "A safer internet together"]
        assert cast.youth is not None  # noqa: S101
        rounds.comment(cast.youth, "We read this three times and still do not know what you will do.", commitment=commitment)
    with cast.ago(15):
        rounds.open_round(cast.secretariat, "Fourth half", cast.day(120), cast.day(16), cast.day(-21), cast.day(-66))
        rounds.save_report(cast.editors["Pebble Games"], cast.alliance.rounds.get(name="Fourth half"), 0, "Written so far …", "", "")


def _evaluate(cast: Cast) -> None:
    seat = cast.evaluator
    assert seat is not None  # noqa: S101
    independence = ("The Ostrand Institute is paid by the secretariat from equal fees of all companies. It has no other tie to any member, "
                    "and had none in the five years before.")  # fmt: skip
    with cast.ago(300):
        made = evaluation.begin(
            seat, "First independent evaluation", "Ostrand Institute for Digital Rights", independence, cast.day(690), cast.day(300)
        )
        for kind, title in (("interview", "Interviews with all six companies"), ("desk", "Commitments, reports and signed values"),
                            ("workshop", "Workshop with 24 young people in Antwerp")):  # fmt: skip
            evaluation.note(seat, made, kind, cast.day(300), title, "")
        for member in ("Pebble Games", "Kitewire", "Lumen Video", "Tarn Telecom"):
            evaluation.assess(cast.editors[member], made, dict.fromkeys(rules.QUESTIONS, "See our report of the second half."))
        _tests(cast, seat, made)
        for item in PROMISES:
            if item.found:
                says = f"“{item.title}” is {_in_a_sentence(item.found)}."
                evaluation.find(
                    seat,
                    made,
                    "finding",
                    "implementation",
                    item.found,
                    says,
                    item.because,
                    commitment=cast.commitments[item.member, item.title],
                )
        evaluation.find(
            seat, made, "strength", "effectiveness", "", "Signed measurements make claims cheap to check.", "Desk work on 60 bundles."
        )
        evaluation.find(
            seat, made, "shortcoming", "coherence", "", "Members count the same thing in different ways.", "Comparison of definitions."
        )
        evaluation.find(seat, made, "finding", "relevance", "largely", "The nine actions meet what young people ask for.", "Workshop.")
        evaluation.find(seat, made, "finding", "impact", "no_evidence", "Nobody measured whether young people are safer.", "Desk work.")
        evaluation.find(seat, made, "finding", "added_value", "partly", "Small services copied practices of large ones.", "Interviews.")
        kitewire = cast.alliance.members.get(name="Kitewire")
        evaluation.recommend(
            seat, made, "Answer every report in the language in which it was written, and count those that got no answer.", "", kitewire
        )
        evaluation.recommend(seat, made, "Agree on one definition for each indicator that several members report.", "The alliance")
    with cast.ago(270):
        evaluation.open_check(seat, made,
        "Four of fifteen promises are fully true, three are largely true, and one is not. Promises "
            "with signed "
                              "measurements were checked in days; those without took months. One member’s own figure and our tests "
                              "do not agree.")  # fmt: skip
    with cast.ago(262):
        for finding in made.findings.exclude(member=None):
            editor = cast.editors[finding.member.name] if finding.member else cast.secretariat
            if finding.scale == "not":
                evaluation.check(
                    editor, finding, False, "Our signed median is 31 hours and falling. Eight reports without an answer were spam to us."
                )
                evaluation.respond(
                    seat, finding, "The eight reports were written by us and described bullying in plain words. The finding stands.", ""
                )
            else:
                evaluation.check(editor, finding, True, "")
    with cast.ago(240):
        evaluation.publish(seat, made)
    with cast.ago(225):
        first, second = made.recommendations.order_by("number")
        evaluation.answer(cast.editors["Kitewire"], first, "partly", "We will answer in the 24 official languages. We do not count spam.")
        evaluation.answer(cast.secretariat, second, "accepted", "A working group will propose definitions.")
    with cast.ago(70):
        evaluation.follow_up(cast.editors["Kitewire"], first, "Answers are written in 19 languages now.")


def _in_a_sentence(scale: str) -> str:
    """A place on the scale within a sentence."""
    return {
        "fully": "fully true",
        "largely": "largely true",
        "partly": "partly true",
        "not": "not true",
        "no_evidence": "without evidence",
    }[scale]


def _tests(cast: Cast, seat: Seat, made: Any) -> None:
    results = (
        ("Pebble Games", "Pebble Chat", "report_taps", "yes", "Eight taps, no sign-in."), ("Pebble Games", "Pebble Chat", "answer_comes",
        "yes", "39 of 40."),
        ("Kitewire", "Kitewire", "report_found", "yes", "In the menu of every post."), ("Kitewire", "Kitewire", "answer_comes", "no",
        "6 of 20 within three days."),
        ("Kitewire", "Kitewire", "settings_private", "yes", "30 of 30 accounts."), ("Lumen Video", "Lumen Kids", "terms_language",
        "partly", "Four of six languages."),
        ("Foxglove", "Foxglove Messenger", "report_found", "not_tested", "No access was given."),
    )  # fmt: skip
    for member, service, item, result, evidence in results:
        evaluation.test_service(seat, made, cast.alliance.members.get(name=member), service, item, result, evidence, cast.day(300))


def _meet(cast: Cast) -> None:
    agenda = meetings.read_agenda(
        "10:00 20 Welcome | Secretariat\n10:20 40 What the numbers say | Ostrand Institute\n11:00 45 The youth panel’s view | Youth panel"
    )
    there = list(cast.alliance.members.filter(state="admitted"))
    for days, title, about in ((640, "Kick-off", "To agree on the first commitments."), (410, "First results",
    "To look at the first round."),
                               (235, "After the evaluation",
                               "To discuss the report of the independent evaluation and the way forward.")):  # fmt: skip
        at = dt.datetime.combine(cast.day(days), dt.time(10), dt.UTC)
        with cast.ago(days + 30):
            held = meetings.plan(cast.secretariat, title, about, at, at + dt.timedelta(hours=3), "Rotterdam and online", agenda)
        with cast.ago(days - 6):
            meetings.hold(
                cast.secretariat,
                held,
                there,
                ["Two researchers of the Ostrand Institute"],
                "The reports were presented and discussed. No vote was taken.",
            )
    with cast.ago(228):
        meetings.resolve(
            cast.secretariat, held, "decision", "Findings of an evaluation stand beside each commitment from now on.", "", None
        )
        meetings.resolve(cast.secretariat, held, "action", "Propose one definition for each shared indicator.", "Lumen Video", cast.day(60))
        asked = meetings.consult(cast.secretariat, "What should the second strategy of the alliance be about?", cast.day(200), held)
        rounds.add_document(
            cast.secretariat,
            "presentation",
            "What the numbers say",
            data=b"Slides as text: four promises of fifteen are fully true.\n",
            meeting=held,
        )
    with cast.ago(215):
        assert cast.youth is not None  # noqa: S101
        meetings.give_view(cast.youth, asked, "Less about telling us to be careful. More about what you do when somebody is not.")
        meetings.give_view(cast.associated["Parents Together"], asked, "One page for parents, the same in every service.")
    with cast.ago(190):
        meetings.conclude_consultation(
            cast.secretariat, asked, "The strategy puts answers to reports first, and a shared page for parents second."
        )
    at = dt.datetime.combine(cast.day(-24), dt.time(10), dt.UTC)
    meetings.plan(cast.secretariat, "Winter meeting", "To prepare the second evaluation.", at, at + dt.timedelta(hours=3), "Online", agenda)


def _tell(cast: Cast) -> None:
    youth = cast.youth
    assert youth is not None  # noqa: S101
    with cast.ago(330):
        pledge = stories.take_up(
            cast.editors["Pebble Games"], "Terms that we can read", "Make the terms fit on one page that a twelve-year-old understands."
        )
        other = stories.take_up(cast.editors["Lumen Video"], "Settings that we can find", "Bring the privacy settings to the first page.")
    with cast.ago(240):
        stories.work_on(
            cast.editors["Pebble Games"], pledge, cast.day(240), "Two workshops with 31 pupils in Leipzig: they rewrote the terms."
        )
        stories.work_on(cast.editors["Lumen Video"], other, cast.day(240), "A first design was shown to the youth panel.")
    with cast.ago(120):
        lundy = {"space": ("yes", "We were asked before anything was designed."), "voice": ("yes", "We could draw it, not only write it."),
                 "audience": ("yes", "The head of product sat with us."), "influence": ("partly",
                 "Two of our five changes were made. They told us why not the others.")}  # fmt: skip
        stories.judge(youth, pledge, "It is one page now and we understand it. We would still like it read aloud.", lundy)
        stories.share_practice(cast.editors["Pebble Games"], "Terms rewritten by pupils", "Nobody under 15 understood the terms.",
                               "Two workshops in which pupils rewrote them, checked by a lawyer.",
                               "Of 60 pupils 52 answered four of five questions right; before it was 17.",
                               "Every service; it takes two days and a patient lawyer.", "")  # fmt: skip
    with cast.ago(100):
        stories.share_practice(cast.associated["Safe Harbour Helpline"], "A number beside every answer",
        "Children who get an answer do not know whom to talk to.",
                               "Every answer to a report names the helpline of the country.",
                               "Calls that name a service rose from 40 to 130 a month.",
                               "Every service; the list of helplines is open.", "")  # fmt: skip
    tell = ((210, "news", "The second strategy puts answers first", "", "", "", ()),
            (75, "act", "Request for information to Kitewire about answers to minors",
            "An invented regulator asks how reports by minors are answered.",
             "Digital Services Coordinator of Exampleland", "https://example.org/acts/17", ("Kitewire",)),
            (12, "news", "The fourth round is open", "Reports are due in three weeks.", "", "", ()))  # fmt: skip
    for days, kind, title, text, regulator, url, about in tell:
        with cast.ago(days):
            named = list(cast.alliance.members.filter(name__in=about))
            stories.tell(cast.secretariat, kind, cast.day(days), title, text, regulator, url, named, ["reports"] if about else [])
    with cast.ago(110):
        made = rounds.add_document(cast.editors["Lumen Video"], "evidence", "How labels are checked",
        data=b"Two readers, then a third where they differ.\n",
                                   commitment=cast.commitments["Lumen Video", "Age labels on all videos for children"])  # fmt: skip
        old = rounds.add_document(cast.editors["Lumen Video"], "evidence", "Label statistics", data=b"month,labels\n2026-01,120\n",
                                  commitment=cast.commitments["Lumen Video", "Age labels on all videos for children"])  # fmt: skip
    with cast.ago(80):
        rounds.withdraw_document(cast.editors["Lumen Video"], old, f"It counted some videos twice. “{made.title}” says how it is done now.")


def _today(cast: Cast) -> None:
    """What waits for the people of the demo when they sign in."""
    membership.apply(
        cast.alliance,
        membership.Application("Marble Arcade", "company", "games", "PT", "https://marble-arcade.example/", ("Marble",), "Small games."),
    )
    text = commitments.Text("Answers that can be heard", "By 30 June 2027, 90% of answers to users under 13 can be read aloud.", (2,),
    ("6-9", "10-12"), 0.2,
                            cast.day(10), 0.9, "share", "up", (), cast.day(-200))  # fmt: skip
    commitments.submit(cast.editors["Pebble Games"], commitments.draft(cast.editors["Pebble Games"], text))
    commitments.draft(cast.editors["Kitewire"], commitments.Text("Weekends", "We aim to improve answers at weekends.", (2,)))
    seat = cast.evaluator
    assert seat is not None  # noqa: S101
    independence = "As in the first evaluation: paid by equal fees of all companies, no other tie to any member."
    evaluation.begin(seat, "Second independent evaluation", "Ostrand Institute for Digital Rights", independence, cast.day(300), cast.today)
    meetings.consult(cast.secretariat, "Which indicator should every member report?", cast.day(-30))
