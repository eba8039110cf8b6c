"""A child and its guardian: linking, one choice, a wish, and what neither may see."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from leeward.server.core import outbox
from leeward.server.core.models import AuditEntry
from leeward.server.families import access, actions
from leeward.server.families.models import Change, Child, Contest, Guardian, Link, PlanRule, Request, Usage

pytestmark = pytest.mark.django_db
AFTERNOON = "2026-11-25T14:00:00Z"


@pytest.fixture(autouse=True)
def afternoon() -> Any:
    with time_machine.travel(AFTERNOON, tick=False):
        yield


@pytest.fixture
def family_key(service: Any) -> str:
    from leeward.server.people import actions as people
    from leeward.server.people import auth

    auth.forget_keys()
    return people.create_key(service, "family", ["family"], "test")


@pytest.fixture
def calls(client: Client, family_key: str) -> Any:
    """The service's calls."""

    class Calls:
        def post(self, path: str, body: Any) -> Any:
            return client.post(f"/v1{path}", body, content_type="application/json", headers={"Authorization": f"Bearer {family_key}"})

        def get(self, path: str, **headers: str) -> Any:
            return client.get(f"/v1{path}", headers={"Authorization": f"Bearer {family_key}", **headers})

        def may(self, subject: str, used: int = 0, ref: str = "kid") -> dict[str, Any]:
            return dict(self.post("/family/decide", {"ref": ref, "subject": subject, "used": used}).json())

    return Calls()


def come_in(calls: Any, band: str = "10-12", ref: str = "kid") -> Client:
    """A child comes in by its service's portal."""
    url = calls.post(f"/people/{ref}/portal", {"age_band": band, "zone": "Europe/Berlin", "country": "DE"}).json()["url"]
    browser = Client()
    path = "/" + url.split("/", 3)[3]
    assert browser.get(path).status_code == 200
    assert browser.post(path)["Location"] == "/my/"
    return browser


def signed_in_guardian(address: str = "parent@example.org") -> Client:
    """A guardian signs in with the code from the mail."""
    browser = Client()
    browser.post("/family/sign-in/", {"mail": address})
    outbox.deliver_due()
    code = re.search(r"(\d{3} \d{3})", mail.outbox[-1].body)
    assert code and mail.outbox[-1].to == [address]
    assert browser.post("/family/sign-in/", {"mail": address, "code": code.group(1)})["Location"] == "/family/"
    return browser


def linked(child: Client, guardian: Client, called: str = "Mum") -> Link:
    """Both say yes."""
    child.post("/my/code/")
    page = child.get("/my/").content.decode()
    code = re.search(r'class="code">(\w{4}) (\w{4})<', page)
    assert code
    guardian.post("/family/link/", {"code": f"{code.group(1)}-{code.group(2).lower()}"})
    link = Link.objects.filter(state="asked").get()
    child.post(f"/my/link/{link.pk}/", {"what": "yes", "called": called})
    link.refresh_from_db()
    return link


def test_two_link_one_choice_and_the_service_hears_of_it(calls: Any, service: Any) -> None:
    from leeward.server.core.models import OutboxMessage
    from leeward.server.people import actions as people

    people.set_webhook(service, "https://pebble.example/hook", "test")
    child, guardian = come_in(calls), signed_in_guardian()
    link = linked(child, guardian)
    assert link.state == Link.State.ACTIVE and link.proof == Link.Proof.SHARED_CODE
    assert calls.may("time")["left"] is None
    before = calls.get("/people/kid/protections")["ETag"]
    guardian.post(f"/family/{link.pk}/preset/", {"preset": "10-12"})
    assert calls.may("time", used=80) | {"next_change_at": ""} == {
        "ref": "kid", "subject": "time", "effect": "allow", "rule": "preset:10-12:time:term", "says": "You can do this. Time is running.",
        "left": 10, "warn": 15, "why": "So there is time for other things.", "next_change_at": "",
    }  # fmt: skip
    assert calls.may("time:games", used=10)["effect"] == "deny"
    child.post("/my/wish/", {"subject": "time", "minutes": "30", "reason": "we are nearly done building"})
    page = guardian.get(f"/family/{link.pk}/").content.decode()
    assert "we are nearly done building" in page
    wish = Request.objects.get()
    guardian.post(f"/family/{link.pk}/answer/", {"wish": wish.pk, "says_yes": "1", "words": "Have fun!"})
    assert calls.may("time:games")["left"] == 30
    assert "Have fun!" in child.get("/my/").content.decode()
    after = calls.get("/people/kid/protections", **{"If-None-Match": before})
    assert after.status_code == 200 and after["ETag"] != before
    assert calls.get("/people/kid/protections", **{"If-None-Match": after["ETag"]}).status_code == 304
    assert OutboxMessage.objects.filter(channel="webhook").count() >= 5


def test_without_a_guardian_the_defaults_of_the_guidelines_hold(calls: Any) -> None:
    for band in ("6-9", "10-12", "13-15", "16-17"):
        come_in(calls, band, f"kid{band}")
        for subject in ("contact:stranger", "live", "location", "autoplay", "profiling", "discoverable"):
            answer = calls.may(subject, ref=f"kid{band}")
            assert answer["effect"] == "deny" and answer["why"], (band, subject)
        measures = {rule["subject"]: rule["measure"] for rule in calls.get(f"/people/kid{band}/protections").json()["rules"]}
        assert measures["live"] == "autoplay_livestream_off" and all(measures.values())
    assert calls.may("live", ref="never-named")["effect"] == "deny"
    assert calls.may("help", ref="never-named")["effect"] == "allow"


def test_a_portal_address_works_once_and_for_a_while(calls: Any) -> None:
    url = calls.post("/people/kid/portal", {"age_band": "10-12"}).json()["url"]
    path = "/" + url.split("/", 3)[3]
    assert Client().post(path).status_code == 302
    assert Client().post(path).status_code == 403
    late = "/" + calls.post("/people/kid/portal", {}).json()["url"].split("/", 3)[3]
    with time_machine.travel("2026-11-25T14:16:00Z", tick=False):
        assert Client().post(late).status_code == 403


def test_a_link_code_cannot_be_replayed_or_used_late(calls: Any) -> None:
    child = Child.objects.get(pk=come_in(calls).session["family child"])
    one, two = signed_in_guardian(), signed_in_guardian("other@example.org")
    code = actions.make_code(child)
    one.post("/family/link/", {"code": code})
    two.post("/family/link/", {"code": code})
    assert Link.objects.count() == 1
    late = actions.make_code(child)
    with time_machine.travel("2026-11-25T14:11:00Z", tick=False):
        two.post("/family/link/", {"code": late})
    assert Link.objects.count() == 1


def test_nothing_happens_until_the_child_says_yes(calls: Any) -> None:
    child, guardian = come_in(calls), signed_in_guardian()
    code = actions.make_code(Child.objects.get())
    guardian.post("/family/link/", {"code": code})
    link = Link.objects.get()
    assert guardian.get(f"/family/{link.pk}/").status_code == 404
    child.post(f"/my/link/{link.pk}/", {"what": "no"})
    link.refresh_from_db()
    assert link.state == Link.State.REFUSED and guardian.get(f"/family/{link.pk}/").status_code == 404


def test_another_guardian_another_child_and_the_public_see_nothing(calls: Any) -> None:
    child, guardian, other = come_in(calls), signed_in_guardian(), signed_in_guardian("other@example.org")
    link = linked(child, guardian)
    assert other.get(f"/family/{link.pk}/").status_code == 404
    assert other.post(f"/family/{link.pk}/preset/", {"preset": "6-9"}).status_code == 404
    assert Client().get("/family/")["Location"] == "/family/sign-in/"
    assert Client().get("/my/").status_code == 403
    sibling = come_in(calls, ref="sibling")
    sibling.post(f"/my/link/{link.pk}/", {"what": "end"})
    assert Link.objects.get().state == Link.State.ACTIVE and not Link.objects.get().end_asked_by
    assert "Mum" not in sibling.get("/my/").content.decode()


def test_no_page_of_a_guardian_can_show_a_message_a_report_or_a_contest(calls: Any, service: Any) -> None:
    from leeward.server.people import actions as people
    from leeward.server.reports.actions import file_report
    from leeward.server.reports.told import Told

    child, guardian = come_in(calls), signed_in_guardian()
    link = linked(child, guardian)
    key = people.create_key(service, "s", ["screen"], "test")
    event = {
        "text": "a secret message",
        "actor": {"ref": "friend"},
        "audience": {"ref": "kid", "age_band": "10-12"},
        "relationship": "friend",
    }
    Client().post("/v1/screen", event, content_type="application/json", headers={"Authorization": f"Bearer {key}"})
    file_report(Told(text="my mum hits me", service_id=service.pk, reporter_ref="kid", no_guardian=True, source="service"), "n")
    child.post("/my/contest/", {"subject": "time", "why": "this is unfair"})
    assert Contest.objects.count() == 1
    for where in ("/family/", f"/family/{link.pk}/", f"/family/{link.pk}/agreement/"):
        page = guardian.get(where).content.decode()
        for secret in ("a secret message", "my mum hits me", "unfair", "friend", "contest"):
            assert secret not in page, (where, secret)
    changes = " ".join(access.unseal(row.detail) for row in Change.objects.all())
    assert "unfair" not in changes and "hits" not in changes


def test_a_guardian_sees_less_as_the_child_grows(calls: Any) -> None:
    today = dt.date(2026, 11, 25)
    for band, says in (("10-12", "Minutes a day"), ("13-15", "Minutes a week"), ("16-17", "only if your child shares")):
        child, guardian = come_in(calls, band, band), signed_in_guardian(f"p{band}@example.org")
        link = linked(child, guardian)
        Usage.objects.create(child=link.child, day=today, subject="time", amount=77)
        page = guardian.get(f"/family/{link.pk}/").content.decode()
        assert says in page and ("<td>77</td>" in page) == (band == "10-12"), band
    child.post(f"/my/link/{link.pk}/", {"what": "share"})
    assert "only if your child shares" not in guardian.get(f"/family/{link.pk}/").content.decode()


@pytest.mark.parametrize(("band", "guardian_alone"), [("10-12", True), ("13-15", False)])
def test_who_can_end_a_link(calls: Any, band: str, guardian_alone: bool) -> None:
    child, guardian = come_in(calls, band), signed_in_guardian()
    link = linked(child, guardian)
    child.post(f"/my/link/{link.pk}/", {"what": "end"})
    link.refresh_from_db()
    assert link.state == Link.State.ACTIVE and link.end_asked_by == "child"
    Link.objects.update(end_asked_by="")
    guardian.post(f"/family/{link.pk}/end/")
    link.refresh_from_db()
    assert (link.state == Link.State.ENDED) == guardian_alone
    if not guardian_alone:
        child.post(f"/my/link/{link.pk}/", {"what": "end"})
        link.refresh_from_db()
        assert link.state == Link.State.ENDED


def test_ending_takes_the_rules_away(calls: Any) -> None:
    child, guardian = come_in(calls), signed_in_guardian()
    link = linked(child, guardian)
    guardian.post(f"/family/{link.pk}/preset/", {"preset": "10-12"})
    guardian.post(f"/family/{link.pk}/rule/", {"subject": "live", "effect": "ask", "reason": "Let us talk first."})
    guardian.post(f"/family/{link.pk}/end/")
    assert calls.may("time", used=500)["effect"] == "allow" and not PlanRule.objects.filter(until=None).exists()
    assert calls.may("live")["effect"] == "deny"  # the defaults stay


def test_of_two_guardians_the_stricter_holds(calls: Any) -> None:
    child = come_in(calls)
    mum, dad = signed_in_guardian(), signed_in_guardian("dad@example.org")
    first, second = linked(child, mum), linked(child, dad, "Dad")
    mum.post(f"/family/{first.pk}/rule/", {"subject": "time", "effect": "limit", "budget": "60", "reason": "An hour is enough."})
    dad.post(f"/family/{second.pk}/rule/", {"subject": "time", "effect": "limit", "budget": "180", "reason": "It is holiday."})
    answer = calls.may("time", used=30)
    assert answer["left"] == 30 and answer["why"] == "An hour is enough."
    page = child.get("/my/").content.decode()
    assert "An hour is enough." in page and "It is holiday." in page and "Dad" in page


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"subject": "help", "effect": "deny", "reason": "x"}, "Help can never be closed"),
        ({"subject": "time", "effect": "limit", "reason": "x"}, None),
        ({"subject": "time", "effect": "deny", "reason": ""}, "Say why"),
        ({"subject": "time", "effect": "deny", "reason": "x", "from": "99:00", "to": "07:00"}, "hours are not right"),
        ({"subject": "nonsense", "effect": "deny", "reason": "x"}, "no rule about this"),
        ({"subject": "time", "effect": "explode", "reason": "x"}, "Choose what the rule does"),
    ],
)
def test_bad_rules_are_refused_with_words(calls: Any, data: dict[str, str], says: str | None) -> None:
    child, guardian = come_in(calls), signed_in_guardian()
    link = linked(child, guardian)
    page = guardian.post(f"/family/{link.pk}/rule/", data, follow=True).content.decode()
    if says:
        assert says in page and not PlanRule.objects.exists()


def test_a_no_needs_words_and_a_wish_is_asked_once(calls: Any) -> None:
    child, guardian = come_in(calls), signed_in_guardian()
    link = linked(child, guardian)
    child.post("/my/wish/", {"subject": "time", "minutes": "30", "reason": ""})
    child.post("/my/wish/", {"subject": "time", "minutes": "60", "reason": ""})
    wish = Request.objects.get()
    guardian.post(f"/family/{link.pk}/answer/", {"wish": wish.pk, "says_yes": "0", "words": ""})
    wish.refresh_from_db()
    assert wish.state == Request.State.WAITING
    guardian.post(f"/family/{link.pk}/answer/", {"wish": wish.pk, "says_yes": "0", "words": "Tomorrow again."})
    assert "Tomorrow again." in child.get("/my/").content.decode()


def test_a_grant_ends_at_midnight(calls: Any) -> None:
    child, guardian = come_in(calls), signed_in_guardian()
    link = linked(child, guardian)
    with time_machine.travel("2026-11-25T22:30:00Z", tick=False):  # 23:30 in Berlin
        grant = actions.grant(Link.objects.select_related("child", "guardian").get(pk=link.pk), "time", 60)
    assert grant.end == dt.datetime(2026, 11, 25, 23, 0, tzinfo=dt.UTC)


def test_a_birthday_changes_the_band_in_the_open(calls: Any) -> None:
    child, guardian = come_in(calls, "10-12"), signed_in_guardian()
    link = linked(child, guardian)
    guardian.post(f"/family/{link.pk}/preset/", {"preset": "10-12"})
    come_in(calls, "13-15")
    assert "You are in a new age group now." in child.get("/my/").content.decode()
    assert calls.may("time", used=85)["left"] == 5  # the preset that was chosen holds until somebody chooses another


def test_a_weaker_word_never_changes_a_verified_age(calls: Any) -> None:
    calls.post("/people/kid/portal", {"age_band": "10-12", "assurance": "verified"})
    calls.post("/people/kid/portal", {"age_band": "adult", "assurance": "self"})
    assert Child.objects.get().band == "10-12"


def test_codes_by_mail_are_tried_five_times(calls: Any) -> None:
    browser = Client()
    browser.post("/family/sign-in/", {"mail": "parent@example.org"})
    outbox.deliver_due()
    code = re.search(r"(\d{3} \d{3})", mail.outbox[-1].body)
    for _ in range(5):
        assert browser.post("/family/sign-in/", {"mail": "parent@example.org", "code": "000000x1"}).status_code == 422
    assert code and browser.post("/family/sign-in/", {"mail": "parent@example.org", "code": code.group(1)}).status_code == 422
    assert not Guardian.objects.exists()


def test_staff_do_not_become_guardians_by_mail(engineer: Client) -> None:
    browser = Client()
    browser.post("/family/sign-in/", {"mail": "engineer@pebble.example"})
    outbox.deliver_due()
    code = re.search(r"(\d{3} \d{3})", mail.outbox[-1].body)
    assert code and browser.post("/family/sign-in/", {"mail": "engineer@pebble.example", "code": code.group(1)}).status_code == 422


def test_words_of_a_family_are_encrypted_and_not_in_the_audit(calls: Any) -> None:
    child, guardian = come_in(calls), signed_in_guardian()
    link = linked(child, guardian, "Papa Bear")
    guardian.post(f"/family/{link.pk}/rule/", {"subject": "live", "effect": "ask", "reason": "Because of grandpa."})
    stored = (
        bytes(Link.objects.get().called)
        + bytes(PlanRule.objects.get().reason)
        + b"".join(bytes(row.detail) for row in Change.objects.all())
    )
    assert b"Papa" not in stored and b"grandpa" not in stored
    assert "grandpa" not in str(list(AuditEntry.objects.values_list("data", flat=True)))


def test_bad_calls_are_refused(calls: Any) -> None:
    assert calls.post("/family/decide", {"ref": "kid", "subject": "Time!"}).status_code == 422
    assert calls.post("/family/decide", {"ref": "kid", "subject": "time", "at": "2020-01-01T00:00:00Z"}).status_code == 422
    assert calls.post("/people/kid/portal", {"zone": "Mars/Base"}).status_code == 422
    assert calls.get("/people/nobody/protections").status_code == 404
    batch = calls.post("/family/decide/batch", [{"ref": "kid", "subject": "live"}, {"ref": "kid", "subject": "help"}]).json()["results"]
    assert [item["effect"] for item in batch] == ["deny", "allow"]


def test_decide_is_quick_enough_to_ask_every_time(calls: Any) -> None:
    """Few look-ups, whatever the family: the time itself is measured in benchmarks/."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    child, guardian = come_in(calls), signed_in_guardian()
    linked(child, guardian)
    calls.may("time")
    with CaptureQueriesContext(connection) as queries:
        calls.may("time")
    assert len(queries) <= 3


def test_screening_keeps_what_a_plan_closes(calls: Any, service: Any) -> None:
    from leeward.server.families import screening
    from leeward.server.people import actions as people

    screening.forget()
    come_in(calls)
    key = people.create_key(service, "s", ["screen"], "test")
    event = {"text": "hello there", "actor": {"ref": "x"}, "audience": {"ref": "kid", "age_band": "10-12"}, "surface": "dm"}

    def screen(**changes: str) -> dict[str, Any]:
        head = {"Authorization": f"Bearer {key}"}
        return dict(Client().post("/v1/screen", event | changes, content_type="application/json", headers=head).json())

    stranger = screen(relationship="stranger")
    assert stranger["action"] == "block" and stranger["reasons"][0]["child"] == "Strangers can lie about who they are."
    assert stranger["reasons"][0]["rule"] == "family:default:10-12:contact:stranger:any"
    assert screen(relationship="friend")["action"] == "allow"
    assert screen(relationship="stranger", surface="public")["action"] == "allow"
    screening.forget()


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "nl", "pl"])
def test_every_text_keeps_the_budget_of_the_youngest(language: str) -> None:
    from django.utils import translation

    from leeward.server.core import reading
    from leeward.server.families import words

    with translation.override(language):
        hard = [(name, found) for name, item in words.all_words() for found in reading.complaints(item.of("6-9"), "6-9", language)]
    assert hard == []


def test_every_subject_of_the_presets_has_words() -> None:
    from leeward.server.families import presets, words

    for band in presets.BANDS:
        for rule in (*presets.defaults(band), *presets.preset(band)):
            assert rule.subject in words.SUBJECTS and rule.subject in words.WHY, rule.subject


def test_a_signed_snapshot_answers_while_we_cannot_be_reached(calls: Any) -> None:
    from leeward.server.core import signing

    child, guardian = come_in(calls), signed_in_guardian()
    link = linked(child, guardian)
    guardian.post(f"/family/{link.pk}/preset/", {"preset": "10-12"})
    answer = calls.get("/people/kid/snapshot")
    key = calls.get("/signing-key").json()["key"]
    assert signing.holds(answer.content, answer["X-Leeward-Signature"], key)
    assert not signing.holds(answer.content.replace(b"deny", b"allow"), answer["X-Leeward-Signature"], key)
    body = answer.json()
    assert [item["effect"] for item in body["subjects"]["time"]] == ["allow", "deny", "allow"]  # bedtime, and the next morning
    assert body["subjects"]["time"][1]["from"] == "2026-11-25T19:30:00+00:00"  # 20:30 in Berlin
    assert [item["effect"] for item in body["subjects"]["live"]] == ["deny"]
    assert body["until"] == "2026-11-26T14:00:00+00:00"
    assert calls.get("/people/nobody/snapshot").status_code == 404
