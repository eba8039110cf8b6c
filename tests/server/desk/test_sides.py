"""Who learns what: the child, others who told, the person acted upon, and the service that has to act."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from django.test import Client

from leeward.server.core import crypto, outbox
from leeward.server.core.models import AuditEntry, OutboxMessage
from leeward.server.desk import actions, package
from leeward.server.people.actions import NotPossible, set_webhook
from leeward.server.reports.models import Case, Evidence, Outcome, Receipt, Report, Statement, Step
from tests.conftest import signed_in
from tests.server.desk.case import ACTION, NOTHING, act, decide, take
from tests.server.reports.tell import look, png, tell

pytestmark = pytest.mark.django_db
NEW: dict[str, Any] = {
    "reporter": {"ref": "kid", "age_band": "10-12", "country": "DE", "language": "en"}, "harm": "contact.age_probe", "target": "fox/9",
    "text": "keeps asking", "no_guardian": True,
}  # fmt: skip


def told(name: str, n: int = 1, app: str = "Chatty", **answers: Any) -> str:
    return tell(Client(REMOTE_ADDR=f"10.0.0.{n}"), where={"username": name, "app": app}, **answers)


def webhooks() -> list[dict[str, Any]]:
    sent = OutboxMessage.objects.filter(channel=OutboxMessage.Channel.WEBHOOK).order_by("created_at", "id")
    return [json.loads(json.loads(crypto.decrypt(outbox.PURPOSE, bytes(item.body)))["payload"]) for item in sent]


def test_whoever_joins_learns_nothing_of_what_was_done_before_or_where_it_went(browser: Client) -> None:
    child = told("Fox", 1, what={"choice": "contact.grooming"})
    case = Case.objects.get()
    take(browser, case)
    act(browser, case, "pass", to="with_authority", note="")
    assert "We told the police or their helpers." in look(Client(), child)
    suspect = told("fox", 2, what={"choice": "conduct.bullying"})
    assert Case.objects.count() == 1
    page = look(Client(), suspect)
    assert "police" not in page and "A person is reading it now" not in page and "We got what you told us." in page
    act(browser, case, "pass", to="with_helpline", note="")
    assert "We asked a helpline" not in look(Client(), suspect)
    assert "We asked a helpline" not in look(Client(), child)  # with two voices nobody is told: one may be the other side


def test_a_service_reads_no_more_than_who_told(api: Any, service: Any, browser: Client) -> None:
    first, second = (api.post("/reports", NEW | {"reporter": {"ref": ref, "age_band": "10-12"}}).json()["report"] for ref in ("a", "b"))
    case = Case.objects.get()
    take(browser, case)
    act(browser, case, "pass", to="with_authority", note="")
    assert {api.get(f"/reports/{report}").json()["state"] for report in (first, second)} == {"being_read"}


def test_who_tells_of_their_own_account_joins_nothing(api: Any) -> None:
    api.post("/reports", NEW)
    api.post("/reports", NEW | {"reporter": {"ref": "fox/9", "age_band": "adult"}})
    assert Case.objects.count() == 2


def test_the_same_name_without_an_app_is_two_people() -> None:
    told("Max", 1, app="")
    told("max", 2, app="")
    assert Case.objects.count() == 2
    told("Max", 3, app="Chatty")
    told("Max", 4, app="chatty")
    assert Case.objects.count() == 3


def test_each_answers_their_own_question(browser: Client) -> None:
    codes = [told("Fox", 1), told("Fox", 2)]
    case = Case.objects.get()
    one, two = case.reports.all()
    for report, question in ((one, "Who saw it?"), (two, "When was it?")):
        take(browser, case)
        act(browser, case, "ask", report=report.pk, question=question)
        case.refresh_from_db()
    pages = [Client(), Client()]
    assert "Who saw it?" in look(pages[0], codes[0]) and "When was it?" in look(pages[1], codes[1])
    pages[0].post("/answer/reply/", {"text": "my friend"})
    case.refresh_from_db()
    assert case.state == Case.State.ASKED and "When was it?" in look(pages[1], codes[1])
    assert "We have a question for you" not in look(pages[0], codes[0]).split("</h1>")[0]
    pages[1].post("/answer/reply/", {"text": "at noon"})
    case.refresh_from_db()
    assert case.state == Case.State.BEING_READ


def test_during_an_appeal_everybody_keeps_their_answer(browser: Client, other_moderator: Any) -> None:
    codes = [told("Fox", 1), told("Fox", 2)]
    decide(browser, Case.objects.get())
    one = Client()
    look(one, codes[0])
    one.post("/answer/again/", {"why": "it goes on"})
    assert "A new person will look at it again." in look(one, codes[0]) and "We took it away." in look(one, codes[0])
    assert "There is an answer for you." in look(Client(), codes[1])


def test_the_person_acted_upon_reads_the_reasons_and_that_it_was_undone(
    api: Any, service: Any, browser: Client, other_moderator: Any
) -> None:
    set_webhook(service, "https://pebble.example/hook", "test")
    api.post("/reports", NEW)
    case = Case.objects.get()
    decide(browser, case, carried_out="", facts="Asked four times.")
    told_service = webhooks()[-1]["data"]
    assert told_service["target"] == "fox/9" and told_service["facts"] == "Asked four times." and told_service["tell_guardian"] is False
    acted_upon = Client()
    page = look(acted_upon, told_service["appeal"]["code"])
    assert "Asked four times." in page and "A person read and decided it." in page and "go to a court" in page
    acted_upon.post("/answer/again/", {"why": "it was my sister"})
    second = signed_in(other_moderator)
    decide(second, case, **NOTHING)
    case.refresh_from_db()
    third = Outcome.objects.latest("at")
    assert third.state == Outcome.State.PROPOSED  # nothing would be done about a contact: read twice


def test_what_is_undone_is_told_to_both_and_to_the_service(api: Any, service: Any, browser: Client, other_moderator: Any) -> None:
    set_webhook(service, "https://pebble.example/hook", "test")
    api.post("/reports", NEW | {"harm": "conduct.bullying"})
    decide(browser, Case.objects.get(), carried_out="")
    code = webhooks()[-1]["data"]["appeal"]["code"]
    acted_upon = Client()
    look(acted_upon, code)
    acted_upon.post("/answer/again/", {"why": ""})
    decide(signed_in(other_moderator), Case.objects.get(), **NOTHING)
    assert "You were right. We undo it." in look(Client(), code)
    last = webhooks()[-1]["data"]
    assert last["undo"] is True and last["target"] == "fox/9" and "We undo it" in last["statement"]


def test_what_nobody_carries_out_is_not_told_as_done(browser: Client) -> None:
    code = told("Fox")
    case = Case.objects.get()
    refused = decide(browser, case, carried_out="")
    assert refused.status_code == 422 and "Say who did it and how" in refused.content.decode()
    assert "We took it away" not in look(Client(), code)
    assert decide(browser, case).status_code == 302
    assert "Done by: The owner" in browser.get(f"/desk/case/{case.pk}/").content.decode()


def test_not_sure_is_no_way_around_a_second_reading_or_help(browser: Client) -> None:
    told("Fox", 1, what={"choice": "contact.grooming"})
    decide(browser, Case.objects.get(), **(NOTHING | {"harm": ""}))
    assert Outcome.objects.get().state == Outcome.State.PROPOSED
    told("Sad", 2, what={"choice": "wellbeing.distress"})
    refused = decide(browser, Case.objects.get(harm="wellbeing.distress"), harm="")
    assert refused.status_code == 422 and "Distress is never sanctioned" in refused.content.decode()


def test_a_hand_over_never_reaches_who_decided_before_or_stands_back(
    browser: Client, moderator: Any, other_moderator: Any, lead: Any
) -> None:
    code = told("Fox")
    case = Case.objects.get()
    decide(browser, case, **NOTHING)
    child = Client()
    look(child, code)
    child.post("/answer/again/", {"why": ""})
    second = signed_in(other_moderator)
    take(second, case)
    refused = act(second, case, "hand-over", to=str(moderator.pk), note="please look")
    assert refused.status_code == 422 and "decided this before" in refused.content.decode()
    actions.stand_back(case, lead)
    refused = act(second, case, "hand-over", to=str(lead.pk), note="a long note")
    assert refused.status_code == 422 and "a long note" in refused.content.decode()  # and nothing that was typed is lost


def test_a_lease_that_ran_out_loses_nothing(browser: Client, moderator: Any) -> None:
    told("Fox")
    case = Case.objects.get()
    take(browser, case)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1), tick=False):
        assert act(signed_in(moderator), case, "decide", **ACTION).status_code == 302


def test_reading_through_a_refused_act_is_audited(browser: Client, other_moderator: Any) -> None:
    told("Fox")
    case = Case.objects.get()
    take(browser, case)
    before = AuditEntry.objects.filter(action="case.read").count()
    assert take(signed_in(other_moderator), case).status_code == 422
    assert AuditEntry.objects.filter(action="case.read").count() == before + 1


def test_a_taken_and_forgotten_case_is_late(browser: Client, moderator: Any) -> None:
    told("Fox", 1, what={"choice": "contact.extortion"})
    take(browser, Case.objects.get())
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=2), tick=False):
        assert signed_in(moderator).get("/desk/counts/").json()["late"] == 1


def test_the_desk_finds_an_account_and_turns_pages(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from leeward.server.desk import access

    monkeypatch.setattr(access, "PAGE", 1)
    told("Fox", 1, app="")
    told("https://chatty.example/u/9", 2, app="")
    tell(Client(REMOTE_ADDR="10.0.0.3"), where={"link": "https://chatty.example/u/9"})
    page = browser.get("/desk/?search=https://chatty.example/u/9").content.decode()
    assert Case.objects.exclude(target=None).get().pk in page
    assert "Page 1 of 3" in browser.get("/desk/").content.decode() and "Page 3 of 3" in browser.get("/desk/?page=9").content.decode()


def test_a_picture_goes_when_what_happened_turns_out_to_be_another_thing(client: Client) -> None:
    from tests.server.reports.tell import fill

    fill(client, until="more", more={"text": "", "pictures": png()})
    client.post("/tell/what/", {"choice": "content.sexual"})
    client.post("/tell/answer/", {"choice": "receipt"})
    assert client.post("/tell/check/", {}).status_code == 302
    assert Report.objects.get().harm == "content.sexual" and not Evidence.objects.exists()


def test_who_is_not_safe_reads_of_one_hour(client: Client) -> None:
    tell(client, safe={"choice": "no", "country": "DE"})
    page = client.get("/tell/sent/").content.decode()
    assert "A person reads it in the next hour." in page and Case.objects.get().danger
    assert page.index("tel:112") < page.index("tel:116111")


def test_an_app_of_its_own_shows_question_answer_and_appeal(api: Any, service: Any, browser: Client) -> None:
    set_webhook(service, "https://pebble.example/hook", "test")
    report = api.post("/reports", NEW | {"harm": "conduct.bullying"}).json()["report"]
    case = Case.objects.get()
    take(browser, case)
    act(browser, case, "ask", report=report, question="Who saw it?")
    assert api.get(f"/reports/{report}").json()["question"] == "Who saw it?"
    assert api.post(f"/reports/{report}/reply", {"text": "my friend"}).json()["state"] == "being_read"
    assert api.post(f"/reports/{report}/again", {}).status_code == 409
    decide(browser, case, carried_out="")
    stands = api.get(f"/reports/{report}").json()
    assert stands["answer"].startswith("You were right to tell us.") and stands["can_ask_again"]
    assert api.post(f"/reports/{report}/helped", {"helped": True}).json()["helped"] is True
    assert api.post(f"/reports/{report}/again", {"text": "it goes on"}).json()["says"] == "A new person will look at it again."
    assert api.post(f"/reports/{report}/reply", {"words": 1}).status_code == 422


def test_what_a_person_wrote_is_given_erased_and_the_wish_stays(api: Any, service: Any, browser: Client) -> None:
    from leeward.server.reports import access

    report = api.post("/reports", NEW | {"harm": "conduct.bullying"}).json()["report"]
    api.post(f"/reports/{report}/reply", {"text": "and yesterday too"})
    assert api.get("/people/kid/data").json()["reports"][0]["wrote"] == ["and yesterday too"]
    assert AuditEntry.objects.filter(action="person.export").count() == 1
    assert api.delete("/people/kid/data").json() == {"ref": "kid", "erased": 0, "kept": 1}
    decide(browser, Case.objects.get())
    assert api.delete("/people/kid/data").json()["erased"] == 1
    assert not Step.objects.exclude(words=b"").filter(actor="reporter").exists() and not Statement.objects.filter(report=report).exists()
    assert api.get("/people/kid/data").json()["reports"] == [] and access.hidden_from_guardian(service.pk, "kid")


def test_steps_cannot_be_changed_by_the_dozen_either(browser: Client) -> None:
    told("Fox")
    for change in (lambda: Step.objects.update(kind="note"), lambda: Step.objects.filter(pk__gt=0).delete()):
        with pytest.raises(ValueError, match="Steps of a case"):
            change()


def test_a_child_in_distress_makes_nobody_a_groomer(browser: Client, moderator: Any, lead: Any) -> None:
    told("Sad", 1, what={"choice": "wellbeing.distress"}, safe={"choice": "no", "country": "DE"})
    case = Case.objects.get()
    from leeward.server.core import clock
    from leeward.server.desk import access

    made = package.document(access.facts_of(case, "Needs somebody today.", "Pebble"), clock.now())
    package.check(made)
    assert made["type"] == package.OTHER and "perpetrator_indicators" not in made and "leeward:danger-now" in made["tags"]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org:abc/x",
        "http://localhost.evil.example/",
        "http://127.0.0.1.evil.example/",
        "https://",
        "ftp://x.example",
        "https://a b/",
    ],
)
def test_an_address_that_cannot_be_sent_to_is_refused_when_it_is_set(service: Any, url: str) -> None:
    with pytest.raises(NotPossible):
        set_webhook(service, url, "test")


def test_one_broken_message_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch, mailoutbox: list[Any]) -> None:
    outbox.webhook("https://example.org:abc/x", "whsec_" + "A" * 32, "x", {})
    outbox.mail("kid@example.org", "news", "look", sealed=True)
    assert outbox.deliver_due() == (1, 1) and len(mailoutbox) == 1
    assert OutboxMessage.objects.get(channel="webhook").last_error.startswith("InvalidURL")
    assert b"kid@" not in b"".join(bytes(item.body) + item.target.encode() for item in OutboxMessage.objects.all())


def test_a_remembered_answer_holds_no_readable_receipt(api: Any) -> None:
    from leeward.server.core.models import RememberedAnswer

    code = api.post("/reports", NEW, **{"Idempotency-Key": "k"}).json()["receipt"]
    assert code.encode() not in bytes(RememberedAnswer.objects.get().body)
    assert api.post("/reports", NEW, **{"Idempotency-Key": "k"}).json()["receipt"] == code


def test_an_adult_tells_of_a_child(client: Client) -> None:
    notice = {
        "link": "https://chatty.example/p/1",
        "harm": "contact.grooming",
        "band": "6-9",
        "law": "He asks children for photos.",
        "good_faith": "on",
    }
    assert client.post("/tell/adult/", notice).status_code == 200
    report = Report.objects.get()
    assert (report.band, report.case.band) == ("adult", "6-9")
    assert Receipt.objects.count() == 1
