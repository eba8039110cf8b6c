"""The office: each seat sees what is theirs, and every form leads to its action."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from leeward.server.core.models import AuditEntry
from leeward.server.register import rules
from leeward.server.register.actions import commitments, evaluation
from leeward.server.register.actions.common import today
from leeward.server.register.models import Commitment, Indicator, Member, Pledge, RoundReport, SigningKey
from leeward.server.register.tasks import TASKS

PEOPLE = {"secretariat": "sanne", "editor": "paul", "associated": "ada", "evaluator": "edda", "youth": "yuna"}
HOME = "/register/office/harbour/"
DAY = "2026-01-31"


def subjects(harbour: Any, seat: Any) -> dict[str, Any]:
    """A subject for every task that has one."""
    pebble = Member.objects.get(name="Pebble Games")
    running = harbour.evaluations.get(state="running")
    published = harbour.evaluations.get(state="published")
    text = commitments.Text("Draft", "By 2027 one in two children.", (1,), ("10-12",))
    draft, ready = commitments.draft(seat("Pebble Games"), text), commitments.draft(seat("Pebble Games"), text)
    submitted = commitments.draft(seat("Pebble Games"), text)
    commitments.submit(seat("Pebble Games"), submitted)
    other = commitments.draft(seat("Pebble Games"), text)
    commitments.submit(seat("Pebble Games"), other)
    by_hand = Indicator.objects.create(member=pebble, code="hand", title="By hand", unit="share", direction="up")
    applicant = Member.objects.get(name="Marble Arcade")
    meeting = harbour.meetings.get(state="planned")
    held = harbour.meetings.get(title="After the evaluation")
    report = RoundReport.objects.get(round__name="Third half", member=pebble)
    current = harbour.rounds.get(name="Fourth half")
    asked = harbour.consultations.get(outcome="")
    mine = Commitment.objects.get(code="harbour-pebble-games-1")
    finding = evaluation.find(seat("edda"), running, "finding", "impact", "partly", "Hm.", "Desk work.", commitment=mine)
    alliance_wide = published.recommendations.get(number=2)
    document = harbour.documents.filter(withdrawn_at=None).latest("pk")
    pledge = Pledge.objects.get(verdict_at=None, member__alliance=harbour)
    return {
        "end-seat": seat("Brindle Toys"), "check": applicant, "decide": applicant, "vote": applicant, "pull": pebble, "publish": submitted,
        "give-back": other,
        "change-meeting": meeting, "cancel-meeting": meeting, "minutes": held, "resolution": held, "meeting-document": held,
        "finish": held.resolutions.get(kind="action"), "consultation-outcome": asked, "view": asked, "version": draft, "submit": ready,
        "new-version": mine, "withdraw": mine, "commitment-document": mine, "withdraw-document": document, "value": by_hand,
        "upload": by_hand,
        "revoke-key": SigningKey.objects.get(member=pebble), "report": current, "submit-report": current, "report-document": current,
        "assess": running, "activity": running, "test": running, "finding": running, "recommend": running, "change-finding": finding,
        "open-check": running, "answer": alliance_wide, "follow-up": alliance_wide, "pledge-step": pledge, "verdict": pledge,
        "comment-report": report, "comment-commitment": mine,
    }  # fmt: skip


def address(name: str, found: dict[str, Any]) -> str:
    return f"{HOME}{name}/{found[name].pk}/" if name in found else f"{HOME}{name}/"


LATER = {"publish-evaluation", "respond", "fact-check", "reply"}
"""Tasks whose subjects come to be in the course of things; test_evaluation and test_rounds go there."""


def test_every_form_is_for_its_roles_and_for_nobody_else(harbour: Any, seat: Any, signed_in: Any) -> None:
    found = subjects(harbour, seat)
    browsers = {role: signed_in(name) for role, name in PEOPLE.items()}
    for name, task in TASKS.items():
        if name in LATER:
            continue
        for role, browser in browsers.items():
            status = browser.get(address(name, found)).status_code
            own = name in (
                "view",
                "follow-up",
                "answer",
                "pledge-step",
                "endorse",
                "leave",
                "withdraw-document",
            )  # the subject may be another's
            assert status == 200 if role in task.roles and not own else status in (200, 404), (name, role, status)
            if role not in task.roles:
                assert status == 404, (name, role)


def test_nobody_else_comes_in(client: Client, harbour: Any, seat: Any, lead: Any) -> None:
    found = subjects(harbour, seat)
    moderator = Client()
    moderator.force_login(lead.user)
    for where in (HOME, *(address(name, found) for name in TASKS if name not in LATER)):
        assert client.get(where).status_code == 302, where
        assert moderator.get(where).status_code == 403, where
    assert moderator.get("/register/office/").status_code == 403
    for wrong in (f"{HOME}nothing/", f"{HOME}version/", f"{HOME}commitment/1/"):
        assert client.get(wrong).status_code in (302, 404)


def test_a_seat_needs_a_second_factor(harbour: Any, seat: Any) -> None:
    browser = Client()
    browser.force_login(seat("Lumen Video").user)
    answer = browser.get(HOME)
    assert answer.status_code == 302 and "/2fa/totp/activate/" in answer["Location"]


def test_an_ended_seat_is_no_seat(harbour: Any, seat: Any, signed_in: Any) -> None:
    browser = signed_in("ada")
    assert browser.get(HOME).status_code == 200
    seat("ada").__class__.objects.filter(pk=seat("ada").pk).update(ended_at=dt.datetime.now(dt.UTC))
    assert browser.get(HOME).status_code == 403


FORMS: dict[str, dict[str, Any]] = {
    "seat": {"mail": "new@example.org", "role": "youth"}, "end-seat": {}, "check": {"met0": "on", "note0": "Seen."},
    "purpose": {"text": "Words", "actions": "One | Short | Long text"},
    "policy": {"text": "Open", "decides": "secretariat", "company": "a\nb", "associated": "c"},
    "publish": {}, "give-back": {"why": "Say when."}, "round": {"name": "Fifth", "period_start": "2027-01-01", "period_end": "2027-06-30",
    "due": "2027-08-01", "closes": "2027-09-01"},
    "meeting": {"title": "M", "about": "a", "starts_at": "2027-01-01T10:00", "ends_at": "2027-01-01T11:00", "agenda": "10:00 5 Hi"},
    "change-meeting": {"starts_at": "2027-01-01T10:00", "ends_at": "2027-01-01T12:00", "place": "Riga", "agenda": ""}, "cancel-meeting": {},
    "resolution": {"kind": "decision", "text": "So be it."}, "finish": {}, "consult": {"question": "Why?", "closes_on": "2099-01-01"},
    "consultation-outcome": {"text": "Because."}, "news": {"kind": "news", "on": DAY, "title": "N"},
    "letter": {"subject_line": "S", "text": "T", "since": DAY}, "pull": {"url": "https://tools.example.org/", "token": "lw_x"},
    "vote": {"yes": "no"},
    "decide": {"state": "refused", "reason": "Not for minors."}, "commitment": {"title": "T", "text": "By 2027 all children.",
    "actions": ["1"]},
    "version": {"edit": "1", "title": "T2", "text": "By 2028 all children.", "actions": ["1"]}, "submit": {}, "new-version": {},
    "withdraw": {"why": "Gone."},
    "indicator": {"title": "I", "code": "i", "kind": "number", "unit": "hours", "direction": "down", "geography": "EU", "suppression": "-",
    "every_months": "3"},
    "value": {"start_on": DAY, "end_on": DAY, "value": "0.5", "unit": "share"}, "key": {"name": "k",
    "public": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="},
    "revoke-key": {}, "report": {"edit": "1", "done": "d", "planned": "p"}, "submit-report": {}, "pledge": {"title": "P", "challenge": "C"},
    "assess": dict.fromkeys(rules.QUESTIONS, "x"), "pledge-step": {"on": DAY, "text": "Work"}, "view": {"text": "My view"},
    "verdict": {"verdict": "Good", **dict.fromkeys(rules.LUNDY, "yes")}, "comment-report": {"text": "?"},
    "comment-commitment": {"text": "??"},
    "practice": {"title": "P", "problem": "p", "what": "w", "evidence": "e", "transferable": "t"},
    "evaluation": {"title": "E", "evaluator": "Me", "independence": "Nobody pays me, and I know nobody in any company.",
    "period_start": DAY, "period_end": DAY},
    "activity": {"kind": "desk", "on": DAY, "title": "Reading"}, "recommend": {"text": "Do.", "addressee": "All"},
    "finding": {"kind": "finding", "criterion": "impact", "scale": "no_evidence", "text": "t", "evidence": "e"},
    "change-finding": {"edit": "1", "scale": "not", "text": "t", "evidence": "e"}, "answer": {"answer": "accepted", "text": "Yes."},
    "follow-up": {"text": "Done."},
    "open-check": {"summary": "S"}, "describe": {"sector": "games", "country": "DE", "services": "One", "about": "x"},
    "leave": {"why": "We close."}, "endorse": {"by": "Me"},
    "conclude": {"note": "Done", "successor": "Another"},
}  # fmt: skip
LAST = ("open-check", "leave", "conclude")
DUPLICATED = {"endorse": "endorsed this version already", "answer": "It has been answered"}


def test_every_form_leads_to_its_action(harbour: Any, seat: Any, signed_in: Any) -> None:
    found = subjects(harbour, seat)
    member = Member.objects.get(name="Kitewire")
    browsers = {role: signed_in(name) for role, name in PEOPLE.items()}
    order = sorted(FORMS, key=lambda name: (name in LAST, name in ("new-version", "withdraw"), name == "purpose"))
    for name in order:
        role = "secretariat" if name in ("answer", "follow-up") else "youth" if name == "pledge-step" else TASKS[name].roles[0]
        before = AuditEntry.objects.count()
        answer = browsers[role].post(address(name, found), FORMS[name] | ({"member": str(member.pk)} if name == "recommend" else {}))
        if name in DUPLICATED and answer.status_code == 422:
            assert DUPLICATED[name] in answer.content.decode()
            continue
        assert answer.status_code == 302, (name, answer.content.decode()[answer.content.decode().find("note error") :][:400])
        assert AuditEntry.objects.count() > before, name


def test_files_are_uploaded(harbour: Any, seat: Any, signed_in: Any) -> None:
    found = subjects(harbour, seat)
    browser = signed_in("paul")
    for name, data in (
        ("upload", {"file": SimpleUploadedFile("v.csv", b"period_start,period_end,value\n2026-01-01,2026-01-31,0.4\n")}),
        ("commitment-document", {"kind": "evidence", "title": "D", "file": SimpleUploadedFile("d.pdf", b"%PDF-1.7 x")}),
        ("report-document", {"kind": "report", "title": "R", "url": "https://example.org/r.pdf"}),
    ):
        assert browser.post(address(name, found), data).status_code == 302, name
    wrong = browser.post(address("upload", found), {"file": SimpleUploadedFile("v.csv", b"nothing")})
    assert wrong.status_code == 422 and "has to name the columns" in wrong.content.decode()


def test_a_service_test_of_the_evaluator(harbour: Any, seat: Any, signed_in: Any) -> None:
    running = harbour.evaluations.get(state="running")
    data = {"member": str(Member.objects.get(name="Foxglove").pk), "service": "Foxglove Messenger", "item": "report_found",
    "result": "partly",
            "evidence": "In one of two apps.", "on": str(today())}  # fmt: skip
    assert signed_in("edda").post(f"{HOME}test/{running.pk}/", data).status_code == 302
    assert running.tests.get().result == "partly"


@pytest.mark.parametrize(("name", "data", "says"), [
    ("purpose", {"text": "x", "actions": "One | two"}, "needs three parts"),
    ("meeting", {"title": "M", "about": "a", "starts_at": "2027-01-01T10:00", "ends_at": "2027-01-01T09:00", "agenda": "99:00 x"},
    "is not a time"),
    ("meeting", {"title": "M", "about": "a", "starts_at": "2027-01-01T10:00", "ends_at": "2027-01-01T09:00"}, "ends before it begins"),
])  # fmt: skip
def test_a_wrong_form_says_what_to_mend_and_keeps_what_was_typed(
    harbour: Any, signed_in: Any, name: str, data: dict[str, str], says: str
) -> None:
    answer = signed_in("sanne").post(f"{HOME}{name}/", data)
    assert (
        answer.status_code == 422
        and says in answer.content.decode()
        and data["text" if name == "purpose" else "about"] in answer.content.decode()
    )
