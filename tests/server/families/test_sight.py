"""What a guardian sees and what nobody can guess; school holidays; guardians who differ; a service that vouches."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from leeward.engine.events import Actor, Audience, Event
from leeward.server.core.indicators import REGISTRY, Period
from leeward.server.families import access, actions
from leeward.server.families.models import Link, SchoolHoliday
from tests.server.families.test_families import AFTERNOON, calls, come_in, family_key, linked, signed_in_guardian  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def afternoon() -> Any:
    access.forget_holidays()
    with time_machine.travel(AFTERNOON, tick=False):
        yield
    access.forget_holidays()


def family(calls: Any, band: str) -> tuple[Client, Client, Link]:  # noqa: F811
    child, guardian = come_in(calls, band), signed_in_guardian()
    return child, guardian, linked(child, guardian)


def told_mean_things(service: Any, often: int = 3) -> None:
    from leeward.server.screening import actions as screening

    events = [
        Event(id=f"e{number}", text="kill yourself, nobody wants you here you worthless idiot", surface="dm", relationship="accepted",
              actor=Actor(ref="zorro77", age_band="13-15"), audience=Audience(ref="kid", age_band="10-12"))
        for number in range(often)
    ]  # fmt: skip
    decisions = screening.screen(service.pk, events, "en")
    assert {decision.action for decision in decisions} - {"allow", "nudge"}, decisions


def test_alerts_have_kind_and_severity_and_no_words(calls: Any, service: Any) -> None:  # noqa: F811
    _child, guardian, link = family(calls, "10-12")
    told_mean_things(service)
    page = guardian.get(f"/family/{link.pk}/").content.decode()
    assert "What was stopped, in a week" in page and "Somebody was mean: 3" in page
    for secret in ("worthless", "idiot", "zorro77"):
        assert secret not in page


def test_from_16_on_nothing_is_seen_unless_it_is_shared(calls: Any, service: Any) -> None:  # noqa: F811
    child, _guardian, link = family(calls, "16-17")
    told_mean_things(service)
    calls_put(calls, [{"name": "Kim"}])
    assert access.sight_of(link).alerts == () and access.sight_of(link).contacts is None
    actions.share(link.child, link.pk, True)
    link.refresh_from_db()
    assert access.sight_of(link).contacts == 1
    assert "They see nothing unless you share it." in child.get("/my/").content.decode()


def calls_put(calls: Any, body: Any, ref: str = "kid") -> Any:  # noqa: F811
    from leeward.server.people import actions as people
    from leeward.server.people.models import Service

    key = people.create_key(Service.objects.get(), "put", ["family"], "test")
    return Client().put(f"/v1/people/{ref}/contacts", body, content_type="application/json", headers={"Authorization": f"Bearer {key}"})


@pytest.mark.parametrize(("band", "names"), [("6-9", True), ("10-12", False), ("13-15", False)])
def test_contacts_are_named_for_the_youngest_and_counted_for_others(calls: Any, band: str, names: bool) -> None:  # noqa: F811
    _child, guardian, link = family(calls, band)
    assert calls_put(calls, [{"name": "Robin"}, {"name": "Kim"}]).json() == {"contacts": 2}
    page = guardian.get(f"/family/{link.pk}/").content.decode()
    assert "Contacts: 2" in page and ("Kim, Robin" in page) == names
    assert calls_put(calls, [], "nobody").status_code == 404


def test_a_child_that_must_not_be_found_out_has_no_alerts_and_no_contacts(calls: Any, service: Any) -> None:  # noqa: F811
    from leeward.server.reports import actions as reports
    from leeward.server.reports.told import Told

    _child, guardian, link = family(calls, "10-12")
    told_mean_things(service)
    calls_put(calls, [{"name": "Kim"}])
    before = access.sight_of(link)
    assert before.alerts and before.contacts == 1
    reports.file_report(Told(band="10-12", service_id=service.pk, reporter_ref="kid", harm="conduct.bullying", no_guardian=True), "one")
    after = access.sight_of(link)
    assert after.alerts == () and (after.contacts, after.names) == (0, ())
    page = guardian.get(f"/family/{link.pk}/").content.decode()
    assert "What was stopped" not in page and "report" not in page.casefold().replace("reports", "")


def test_minutes_by_what_they_were_used_for_up_to_twelve(calls: Any) -> None:  # noqa: F811
    _child, guardian, link = family(calls, "10-12")
    calls.may("time:games", used=20)
    calls.may("time:video", used=35)
    page = guardian.get(f"/family/{link.pk}/").content.decode()
    assert page.index("video: 35") < page.index("games: 20")


def test_school_holidays_are_those_of_the_region(calls: Any) -> None:  # noqa: F811
    today = dt.date(2026, 11, 25)  # a Wednesday
    calls.post("/people/kid/portal", {"age_band": "10-12", "zone": "Europe/Berlin", "country": "DE", "region": "BY"})
    _child, _guardian, link = family(calls, "10-12")
    actions.set_rule(link, "time", "deny", [], "term", None, "School first.")
    assert calls.may("time:games")["effect"] == "deny"
    rows = [("DE", "SN", "Break", today, today), ("FR", "", "Vacances", today, today)]
    assert actions.load_holidays(rows, "test") == 2 and calls.may("time:games")["effect"] == "deny"
    rows.append(("DE", "BY", "Ferien", today - dt.timedelta(days=1), today + dt.timedelta(days=3)))
    assert actions.load_holidays(rows, "test") == 1 and SchoolHoliday.objects.count() == 3
    assert calls.may("time:games")["effect"] == "allow"
    with pytest.raises(actions.NotPossible, match="is no holiday"):
        actions.load_holidays([("DE", "", "Wrong", today, today - dt.timedelta(days=1))], "test")


def test_two_guardians_who_differ_are_both_told_and_the_child_too(calls: Any) -> None:  # noqa: F811
    from leeward.server.core.models import OutboxMessage

    child, _guardian, link = family(calls, "10-12")
    second = linked(child, signed_in_guardian("other@example.org"), "Dad")
    actions.set_rule(link, "time", "limit", [], "any", 60, "An hour.")
    OutboxMessage.objects.all().delete()
    actions.set_rule(second, "time", "limit", [], "any", 90, "More.")
    assert set(OutboxMessage.objects.values_list("target", flat=True)) == {"parent@example.org", "other@example.org"}
    assert "The stricter holds." in child.get("/my/").content.decode()
    assert calls.may("time")["left"] == 60


def test_a_service_vouches_for_a_guardian_and_the_child_sees_it(calls: Any) -> None:  # noqa: F811
    child, _guardian, link = family(calls, "10-12")
    assert calls.post("/people/kid/proof", {"link": link.pk, "proof": "verified"}).json()["proof"] == "verified"
    assert calls.post("/people/kid/proof", {"link": link.pk, "proof": "service"}).json()["proof"] == "verified"
    assert "Your app checked who your grown-up is." in child.get("/my/").content.decode()
    assert calls.post("/people/kid/proof", {"link": "link_none", "proof": "service"}).status_code == 422
    assert calls.post("/people/none/proof", {"link": link.pk, "proof": "service"}).status_code == 404


def test_every_rule_of_a_guardian_is_known_to_the_child(calls: Any, service: Any) -> None:  # noqa: F811
    _child, _guardian, link = family(calls, "10-12")
    actions.choose_preset(link, "10-12")
    for subject, effect in (("live", "deny"), ("location", "deny"), ("camera", "ask"), ("download", "deny"), ("streaks", "deny")):
        actions.set_rule(link, subject, effect, [], "any", None, "So that you know.")
    now = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
    period = Period(now - dt.timedelta(days=1), now + dt.timedelta(days=1))
    assert REGISTRY["families.known_to_child"].measure(service.pk, period)[0].value == 1.0
    ways = {found.by["way"]: found.value for found in REGISTRY["families.presets_changed"].measure(service.pk, period)}
    assert set(ways) == {"loosened", "tightened", "new"}


def test_two_apps_one_child_one_budget(calls: Any, service: Any) -> None:  # noqa: F811
    child, _guardian, link = family(calls, "10-12")
    actions.set_rule(link, "time", "limit", [], "any", 60, "An hour.")
    calls.may("time:games", used=40)
    other_app = come_in(calls, "6-9", ref="kid-elsewhere")
    calls.may("time:video", used=10, ref="kid-elsewhere")
    child.post("/my/code/")
    found = re.search(r'class="code">(\w{4}) (\w{4})<', child.get("/my/").content.decode())
    assert found is not None
    code = "".join(found.groups())
    assert "does not fit" in other_app.post("/my/join/", {"code": "WRONG234"}, follow=True).content.decode()
    page = other_app.post("/my/join/", {"code": code}, follow=True).content.decode()
    assert "Both apps have one plan now." in page and "Mum" in page
    assert calls.may("time:games")["left"] == calls.may("time:video", ref="kid-elsewhere")["left"] == 10
    link.child.refresh_from_db()
    assert link.child.band == "6-9"  # the younger holds where neither is better known
    assert "does not fit" in come_in(calls, "10-12", ref="third").post("/my/join/", {"code": code}, follow=True).content.decode()
    assert "Start from the other app" in child.post("/my/join/", {"code": code}, follow=True).content.decode()


def test_a_rule_may_hold_at_several_times_of_the_day(calls: Any) -> None:  # noqa: F811
    _child, guardian, link = family(calls, "10-12")  # it is 15:00 in Berlin
    hours = {"from": ["07:00", "14:30"], "to": ["08:00", "16:00"]}
    rule = {"subject": "time", "effect": "deny", "calendar": "any", "reason": "School and homework.", **hours}
    assert guardian.post(f"/family/{link.pk}/rule/", rule).status_code == 302
    found = calls.may("time:games")
    assert found["effect"] == "deny" and found["next_change_at"].startswith("2026-11-25T15:00")
    with time_machine.travel("2026-11-25T15:30:00Z", tick=False):
        assert calls.may("time:games")["effect"] == "allow"
    with time_machine.travel("2026-11-26T06:30:00Z", tick=False):
        assert calls.may("time:games")["effect"] == "deny"
