"""Moderators at the desk: what they see, what they may do, what two of them cannot do at once."""

from __future__ import annotations

import datetime as dt
import json
import threading
from typing import Any

import msgspec
import pytest
import time_machine
from django.db import connections
from django.test import Client

from leeward.server.core import audit, crypto, outbox
from leeward.server.core.models import AuditEntry, OutboxMessage
from leeward.server.desk import actions
from leeward.server.desk.models import Conflict, Exposure
from leeward.server.reports import access, rules, told
from leeward.server.reports import actions as report_actions
from leeward.server.reports.models import Appeal, Case, Evidence, Outcome, Statement, Step
from tests.conftest import signed_in
from tests.server.desk.case import ACTION, NOTHING, act, decide, take
from tests.server.reports.tell import look, png, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt(service: Any) -> str:
    return tell(Client())


@pytest.fixture
def case(receipt: str) -> Case:
    return Case.objects.get()


def test_from_telling_to_asking_again(case: Case, receipt: str, browser: Client, other_moderator: Any) -> None:
    child = Client()
    assert "A person will read it" in look(child, receipt)
    assert decide(browser, case).status_code == 302
    page = look(child, receipt)
    assert "You were right to tell us. We looked at it, and we acted. We took it away. We told that person to stop." in page
    child.post("/answer/helped/", {"helped": "yes"})
    child.post("/answer/again/", {"why": "it goes on"})
    assert "A new person will look at it again." in look(child, receipt)
    case.refresh_from_db()
    assert case.state == Case.State.RECEIVED and case.reports.get().helped
    assert take(browser, case).status_code == 422  # not the same moderator
    second = signed_in(other_moderator)
    assert "it goes on" in second.get(f"/desk/case/{case.pk}/").content.decode()
    assert decide(second, case, on_account="DECISION_ACCOUNT_SUSPENDED").status_code == 302
    assert "That person cannot write for now." in look(child, receipt)
    assert Appeal.objects.get().state == Appeal.State.REVERSED
    child.post("/answer/again/", {"why": ""})
    assert Appeal.objects.count() == 1
    case.refresh_from_db()
    assert case.state == rules.derived_state(list(case.steps.all())) == Case.State.ACTION_TAKEN
    assert audit.verify()[1] is None


def test_the_same_outcome_again_is_upheld(case: Case, receipt: str, browser: Client, other_moderator: Any) -> None:
    decide(browser, case, **NOTHING)
    child = Client()
    look(child, receipt)
    child.post("/answer/again/", {"why": ""})
    decide(signed_in(other_moderator), case, **NOTHING)
    assert Appeal.objects.get().state == Appeal.State.UPHELD
    assert "We found nothing that breaks a rule" in look(child, receipt)


def test_question_and_reply(case: Case, receipt: str, browser: Client) -> None:
    take(browser, case)
    report = case.reports.get()
    hard = "Would you be able to elaborate further on the circumstances in which all of this unfolded between the two of you?"
    assert act(browser, case, "ask", report=report.pk, question=hard).status_code == 422
    assert act(browser, case, "ask", report=report.pk, question="What is the name of the group?").status_code == 302
    child = Client()
    page = look(child, receipt)
    assert "What is the name of the group?" in page and "We have a question for you." in page
    child.post("/answer/reply/", {"text": "its called cool kids"})
    case.refresh_from_db()
    assert case.state == Case.State.BEING_READ
    assert "its called cool kids" in browser.get(f"/desk/case/{case.pk}/").content.decode()
    stored = b"".join(bytes(step.words) for step in Step.objects.all())
    assert b"cool kids" not in stored


def test_an_outsider_an_engineer_and_the_public_see_no_case(case: Case, outsider: Any, service: Any, engineer: Client) -> None:
    addresses = [f"/desk/case/{case.pk}/", "/desk/", "/desk/referrals/", "/desk/practice/", "/desk/counts/"]
    for where in addresses:
        assert engineer.get(where).status_code == 403, where
        assert Client().get(where).status_code == 302, where
    stranger = signed_in(outsider)
    assert stranger.get(addresses[0]).status_code == 404
    assert case.pk not in stranger.get("/desk/?view=all").content.decode()
    assert act(stranger, case, "take").status_code == 404
    assert act(stranger, case, "decide", **ACTION).status_code == 404


def test_a_moderator_without_a_second_factor_gets_no_further(case: Case, moderator: Any) -> None:
    from allauth.mfa.models import Authenticator

    Authenticator.objects.all().delete()
    assert "mfa" in signed_in(moderator).get("/desk/")["Location"] or "2fa" in signed_in(moderator).get("/desk/")["Location"]


def test_a_case_is_held_by_one_and_comes_back(case: Case, browser: Client, other_moderator: Any) -> None:
    other = signed_in(other_moderator)
    take(browser, case)
    refused = take(other, case)
    assert refused.status_code == 422 and "Somebody else has just taken" in refused.content.decode()
    assert act(other, case, "decide", **ACTION).status_code == 422
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=21), tick=False):
        late = signed_in(other_moderator)
        assert take(late, case).status_code == 302
        assert act(signed_in(Case.objects.get().holder), case, "decide", **ACTION).status_code == 302
    assert act(browser, case, "decide", **ACTION).status_code == 422
    assert Outcome.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_moderators_press_take_at_once(service: Any, moderator: Any, other_moderator: Any) -> None:
    tell(Client())
    case, won, barrier = Case.objects.get(), [], threading.Barrier(2)

    def press(staff: Any) -> None:
        barrier.wait()
        try:
            actions.take(case, staff)
            won.append(staff.pk)
        except actions.NotPossible:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(staff,)) for staff in (moderator, other_moderator)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and Case.objects.get().holder_id == won[0]


def test_severe_outcomes_are_read_twice(case: Case, receipt: str, browser: Client, moderator: Any, other_moderator: Any) -> None:
    decide(browser, case, on_account="DECISION_ACCOUNT_TERMINATED")
    assert Outcome.objects.get().state == Outcome.State.PROPOSED
    assert "You were right" not in look(Client(), receipt)
    take(browser, case)
    assert "Somebody else has to confirm" in act(browser, case, "confirm").content.decode()
    act(browser, case, "release")
    second = signed_in(other_moderator)
    assert "Confirm" not in second.get(f"/desk/case/{case.pk}/").content.decode()
    take(second, case)
    assert act(second, case, "confirm").status_code == 302
    outcome = Outcome.objects.get()
    assert outcome.state == Outcome.State.FINAL and outcome.confirmed_by == other_moderator
    assert "That account is closed for good." in look(Client(), receipt)


def test_a_second_moderator_sends_back_with_a_reason(case: Case, browser: Client, other_moderator: Any) -> None:
    decide(browser, case, on_account="DECISION_ACCOUNT_TERMINATED")
    second = signed_in(other_moderator)
    take(second, case)
    assert act(second, case, "send-back", why="").status_code == 422
    act(second, case, "send-back", why="A warning is enough.")
    assert "A warning is enough." in browser.get(f"/desk/case/{case.pk}/").content.decode()
    assert decide(browser, case).status_code == 302
    assert Outcome.objects.filter(state=Outcome.State.FINAL).count() == 1


def test_who_knows_somebody_stands_back(case: Case, browser: Client) -> None:
    take(browser, case)
    act(browser, case, "stand-back")
    assert Conflict.objects.count() == 1
    assert browser.get(f"/desk/case/{case.pk}/").status_code == 404
    assert case.pk not in browser.get("/desk/").content.decode()


def test_incomplete_outcomes_say_what_is_missing(case: Case, browser: Client) -> None:
    take(browser, case)
    for changes, says in (
        ({"on_content": "", "on_account": ""}, "Say what was done"),
        ({"facts": ""}, "An action needs its ground"),
        ({"kind": "no_action"}, "Only with “action taken”"),
        ({"harm": "wellbeing.distress"}, "Distress is never sanctioned"),
        (
            {"own_words": "This sentence is a good deal longer than any child of ten or eleven should have to read through."},
            "A sentence has",
        ),
    ):
        answer = act(browser, case, "decide", **(ACTION | changes))
        assert answer.status_code == 422 and says in answer.content.decode(), says
    assert "Repeated mockery" in act(browser, case, "decide", **(ACTION | {"kind": "not_ours"})).content.decode()  # nothing typed is lost


def test_the_record_speaks_the_vocabulary_of_the_transparency_database(case: Case, browser: Client) -> None:
    decide(browser, case, on_account="")
    body = Statement.objects.get(to=Statement.To.RECORD).body
    record = msgspec.msgpack.decode(crypto.decrypt(told.PURPOSE, bytes(body)))
    assert record["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert record["category"] == "STATEMENT_CATEGORY_CYBER_VIOLENCE" and record["source_type"] == "SOURCE_ARTICLE_16"
    assert (
        record["incompatible_content_ground"] == "Community rules, 2" and record["automated_decision"] == "AUTOMATED_DECISION_NOT_AUTOMATED"
    )
    for name in ("decision_ground", "content_type", "content_date", "application_date", "decision_facts", "automated_detection", "puid"):
        assert record[name], name


def test_the_person_acted_upon_is_told_and_may_ask_again(service: Any, browser: Client, api: Any, other_moderator: Any) -> None:
    from leeward.server.people import actions as people

    people.set_webhook(service, "https://pebble.example/hook", "test")
    api.post("/reports", {"reporter": {"ref": "kid", "age_band": "10-12"}, "target": "meanie", "harm": "conduct.bullying"})
    case = Case.objects.get()
    decide(browser, case)
    sent = [webhook(message) for message in OutboxMessage.objects.order_by("id")]
    assert [kind for kind, _ in sent] == ["report.received", "report.updated", "report.decided", "case.decided"]
    decided = sent[-1][1]
    assert decided["target"] == "meanie" and "Please stop." in decided["statement"]
    target = Client()
    page = look(target, decided["appeal"]["code"])
    assert "Please stop." in page and "kid" not in page and "Did this help" not in page
    target.post("/answer/again/", {"why": "it was a joke"})
    assert Appeal.objects.get().side == "target"
    assert target.post("/answer/reply/", {"text": "x"}).status_code == 302 and "x" not in [
        told.open_text(s.words) for s in Step.objects.all()
    ]


def webhook(message: OutboxMessage) -> tuple[str, dict[str, Any]]:
    body = msgspec.json.decode(crypto.decrypt(outbox.PURPOSE, bytes(message.body)))
    payload = json.loads(body["payload"])
    return payload["type"], payload["data"]


def test_a_held_message_arrives_and_the_decision_flows_back(service: Any, api: Any, browser: Client) -> None:
    from leeward.server.people import actions as people

    people.set_webhook(service, "https://pebble.example/hook", "test")
    event = {
        "id": "ev-7", "text": "send me a pic of you or i tell everyone what you did", "relationship": "stranger",
        "actor": {"ref": "grown", "age_band": "adult"}, "audience": {"ref": "kid", "age_band": "10-12", "country": "DE"},
    }  # fmt: skip
    assert api.post("/screen", event).json()["action"] in ("hold", "escalate")
    assert api.get("/held/ev-7").json()["state"] == "waiting"
    case = Case.objects.get()
    page = browser.get(f"/desk/case/{case.pk}/").content.decode()
    assert "send me a pic" in page and "Account that it is about" in page
    decide(browser, case, harm="contact.extortion")
    assert api.get("/held/ev-7").json()["state"] == "removed"
    kind, data = webhook(OutboxMessage.objects.order_by("id").last())  # type: ignore[arg-type]
    assert (kind, data["event"], data["state"], data["target"]) == ("case.decided", "ev-7", "removed", "grown")


def test_the_queue_is_ordered_by_risk_and_filtered(browser: Client, service: Any) -> None:
    tell(Client(REMOTE_ADDR="10.0.0.1"), what={"choice": "consumer.scam"}, where={"username": "a"})
    tell(Client(REMOTE_ADDR="10.0.0.2"), safe={"choice": "no"}, where={"username": "b"})
    tell(Client(REMOTE_ADDR="10.0.0.3"), age={"choice": "6-9"}, what={"choice": "contact.grooming"}, where={"username": "c"})
    page = browser.get("/desk/").content.decode().partition("<tbody>")[2]
    places = [page.index(name) for name in ("Danger now", "Risky relationship", "Scam<span")]
    assert places == sorted(places)
    assert "Scam<span" not in browser.get("/desk/?harm=contact.grooming").content.decode()
    assert "Nothing waits here" in browser.get("/desk/?view=mine").content.decode()
    assert browser.get("/desk/counts/").json()["critical"] == 2


def test_reading_is_audited_and_care_is_taken(browser: Client, service: Any, moderator: Any) -> None:
    tell(Client(), what={"choice": "contact.extortion"})
    case = Case.objects.get()
    for _ in range(5):
        page = browser.get(f"/desk/case/{case.pk}/").content.decode()
    assert "Ten minutes away from the screen" in page
    assert AuditEntry.objects.filter(action="case.read", actor=f"staff:{moderator.pk}").count() == 5 == Exposure.objects.count()


def test_a_hand_over_a_note_and_a_legal_hold(case: Case, browser: Client, other_moderator: Any, lead: Any) -> None:
    take(browser, case)
    act(browser, case, "note", note="Looks like the same group as last week.")
    act(browser, case, "hand-over", to=str(other_moderator.pk), note="You know this game.")
    case.refresh_from_db()
    assert case.holder == other_moderator
    assert act(browser, case, "legal-hold", why="Order 7").status_code == 422
    assert act(signed_in(lead), case, "legal-hold", why="Order 7 of 24 November").status_code == 302
    case.refresh_from_db()
    assert case.legal_hold


def test_retention_deletes_old_cases_but_not_under_legal_hold(case: Case, browser: Client, receipt: str) -> None:
    from leeward.server.core import retention

    decide(browser, case)
    Case.objects.update(legal_hold=True)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=200), tick=False):
        retention.apply()
        assert Case.objects.exists()
        Case.objects.update(legal_hold=False)
        retention.apply()
        assert not Case.objects.exists() and access.by_receipt(receipt) is None


def test_while_somebody_looks_again_the_evidence_stays(client: Client, browser: Client) -> None:
    from leeward.server.core import retention

    receipt = tell(client, more={"text": "see", "pictures": png("red")})
    decide(browser, Case.objects.get())
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=180)
    with time_machine.travel(later, tick=False):
        child = Client()
        look(child, receipt)
        child.post("/answer/again/", {"why": "please"})
    with time_machine.travel(later + dt.timedelta(days=20), tick=False):
        retention.apply()
        assert Evidence.objects.exists()
        Appeal.objects.update(state=Appeal.State.UPHELD)
        retention.apply()
    assert not Evidence.objects.exists()
    assert AuditEntry.objects.filter(actor="retention", subject="reports.Evidence").count() == 1


def test_asking_again_makes_no_decision_later(client: Client, browser: Client, service: Any) -> None:
    from leeward.server.core.indicators import Period
    from leeward.server.reports import indicators

    receipts = [tell(Client(), where={"service": str(service.pk), "username": f"u{n}"}) for n in range(5)]
    for case in Case.objects.all():
        decide(browser, case)
    whole = Period(dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2040, 1, 1, tzinfo=dt.UTC))
    before = [(item.value, item.denominator) for item in indicators.to_decision(service.pk, whole)]
    look(client, receipts[0])
    client.post("/answer/again/", {"why": ""})
    after = indicators.to_decision(service.pk, whole)
    assert [(item.value, item.denominator) for item in after] == before and before[0][1] == 5


@pytest.mark.parametrize(
    ("words", "language"),
    [("Wir haben das gelöscht. Du hast nichts falsch gemacht.", "de"), ("Nous avons effacé ce message pour toi.", "fr")],
)
def test_own_words_are_in_the_language_of_who_told(case: Case, browser: Client, words: str, language: str) -> None:
    take(browser, case)
    answer = act(browser, case, "decide", **(ACTION | {"own_words": words}))
    assert answer.status_code == 422 and f"this is written in “{language}”" in answer.content.decode()
    assert act(browser, case, "decide", **(ACTION | {"own_words": "We deleted it. Well done for telling us."})).status_code == 302


def test_steps_cannot_be_changed(case: Case) -> None:
    step = case.steps.get()
    step.state = Case.State.CLOSED
    with pytest.raises(ValueError, match="cannot be changed"):
        step.save()
    with pytest.raises(report_actions.NotPossible):
        report_actions.step(case, Step.Kind.DECIDED, "staff:1", state=Case.State.ACTION_TAKEN)


def test_killed_between_decision_and_notice_nothing_is_lost_or_sent_twice(
    case: Case, browser: Client, monkeypatch: pytest.MonkeyPatch, service: Any
) -> None:
    """The notice is written in the transaction of the decision: both are there, or neither."""
    from leeward.server.reports import notices

    def killed(*_: Any, **__: Any) -> None:
        raise SystemExit("killed")

    take(browser, case)
    with monkeypatch.context() as patched:
        patched.setattr(notices, "tell_of_outcome", killed)
        with pytest.raises(SystemExit):
            act(browser, case, "decide", **ACTION)
    assert not Outcome.objects.exists() and not Statement.objects.exists()
    assert act(browser, case, "decide", **ACTION).status_code == 302
    assert Outcome.objects.count() == 1


def test_practice_measures_agreement(browser: Client) -> None:
    page = browser.get("/desk/practice/").content.decode()
    assert "10 left" in page
    browser.post("/desk/practice/", {"golden": "left-out", "kind": "action_taken"})
    browser.post("/desk/practice/", {"golden": "left-out", "kind": "no_action"})  # the first answer counts
    page = browser.get("/desk/practice/").content.decode()
    assert "1 of 1 as agreed" in page and "9 left" in page


def test_a_picture_comes_covered_and_looking_at_it_is_audited(browser: Client, service: Any, outsider: Any) -> None:
    import io

    from PIL import Image

    from tests.server.reports.tell import fill

    child = Client()
    fill(child, until="where")
    child.post("/tell/more/", {"text": "see", "pictures": png("red")})
    child.post("/tell/answer/", {"choice": "receipt"})
    child.post("/tell/check/")
    where = f"/desk/picture/{Case.objects.get().evidence.get().pk}/"
    covered = Image.open(io.BytesIO(browser.get(where).content))
    assert covered.mode == "L" and not AuditEntry.objects.filter(action="evidence.look").exists()
    clear = Image.open(io.BytesIO(browser.get(f"{where}?clear=1").content)).convert("RGB")
    red, green, _ = clear.getpixel((30, 30))  # type: ignore[misc]
    assert red > 200 > green and AuditEntry.objects.filter(action="evidence.look").count() == 1
    assert signed_in(outsider).get(where).status_code == 404


def test_cases_about_the_same_account_stand_beside_each_other(moderator: Any, service: Any) -> None:
    from leeward.server.desk import access as desk_access

    tell(Client(REMOTE_ADDR="10.0.0.1"), where={"username": "same", "app": "Chatty"}, what={"choice": "consumer.scam"})
    Case.objects.update(state=Case.State.NO_ACTION)
    tell(Client(REMOTE_ADDR="10.0.0.2"), where={"username": "other"}, what={"choice": "conduct.threat"})
    tell(Client(REMOTE_ADDR="10.0.0.3"), where={"username": "same", "app": "chatty"}, what={"choice": "contact.extortion"})
    harms = [item.case.harm for item in desk_access.queue(moderator, "all").items]
    assert harms == ["contact.extortion", "consumer.scam", "conduct.threat"]
