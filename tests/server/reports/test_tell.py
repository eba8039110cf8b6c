"""A child tells, on pages without JavaScript."""

from __future__ import annotations

import datetime as dt
import io
import re
import threading
from typing import Any

import icalendar
import pytest
import time_machine
from django.db import connections
from django.test import Client
from PIL import Image

from leeward.engine.harms import CODES
from leeward.server.core import limits, outbox
from leeward.server.core.models import AuditEntry, OutboxMessage
from leeward.server.reports import access, actions, told
from leeward.server.reports.forms import KINDS
from leeward.server.reports.models import Case, Draft, Evidence, Receipt, Report
from leeward.server.reports.views import SENDS_AN_HOUR
from tests.server.reports.tell import ANSWERS, address, fill, look, png, tell

pytestmark = pytest.mark.django_db


def test_a_child_tells_and_finds_the_report_again(client: Client) -> None:
    receipt = tell(client)
    report = Report.objects.get()
    assert (report.band, report.harm, report.about, report.danger) == ("10-12", "conduct.bullying", "me", False)
    assert told.open_told(report.told).text == ANSWERS["more"]["text"]
    page = look(Client(), receipt)
    assert "We got what you told us." in page and ANSWERS["more"]["text"] not in page


def test_nothing_that_was_told_lies_readable_in_the_database(client: Client) -> None:
    receipt = tell(client, answer={"choice": "mail", "mail": "kid@example.org"})
    stored = b"".join(bytes(value) for row in Report.objects.values_list("told", "contact") for value in row)
    stored += b"".join(bytes(row) for row in Draft.objects.values_list("body", flat=True))
    for secret in (b"laugh at me", b"Meanie77", b"kid@example.org"):
        assert secret not in stored
    assert receipt.replace(" ", "").encode() not in bytes(Receipt.objects.get().hash)
    assert "laugh" not in str(list(AuditEntry.objects.values_list("data", flat=True)))


def test_every_question_can_be_left_open(client: Client) -> None:
    fill(
        client, safe={"choice": "unsure"}, age={"choice": "unknown"}, what={"choice": ""}, where={}, more={"text": ""},
        answer={"choice": "none"},
    )  # fmt: skip
    report = Report.objects.get()
    assert (report.band, report.harm, report.channel) == ("unknown", "", "none")


def test_danger_shows_help_at_once_and_the_form_stays_open(client: Client) -> None:
    answer = client.post("/tell/", {"choice": "no", "country": "ES"})
    assert answer["Location"] == "/tell/help/"
    page = client.get("/tell/help/").content.decode()
    assert "112" in page and "900 20 20 10" in page and "/tell/about/" in page
    fill(client, safe={"choice": "no", "country": "ES"})
    assert Case.objects.get().danger


def test_small_children_get_three_choices_and_not_sure(client: Client) -> None:
    fill(client, until="age", age={"choice": "6-9"})
    assert client.get("/tell/what/").content.decode().count('name="choice"') == 4
    assert client.post("/tell/what/", {"choice": "conduct.hate"}).status_code == 422


def test_pressing_send_twice_stores_one_report_and_shows_the_same_code(client: Client) -> None:
    fill(client, until="answer")
    twin = Client()
    twin.cookies = client.cookies.copy()  # type: ignore[attr-defined]
    draft = access.draft(client.cookies["lw_tell"].value)
    first = tell(client)
    from leeward.server.reports import actions, flow

    again = actions.file_report(flow.told(draft, "en"), draft["nonce"])
    assert not again.is_new and again.receipt == first.replace(" ", "")
    assert Report.objects.count() == 1
    assert client.post("/tell/check/").status_code == 302
    assert Report.objects.count() == 1


def test_the_back_button_and_a_lost_connection_lose_nothing(client: Client) -> None:
    fill(client, until="more")
    page = client.get("/tell/more/").content.decode()
    assert ANSWERS["more"]["text"] in page
    assert client.get("/tell/where/").status_code == 200
    assert client.get("/tell/check/")["Location"] == "/tell/answer/"  # one question is still open
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=3), tick=False):
        assert client.get("/tell/more/")["Location"] == "/tell/"


def test_ten_megabytes_are_shortened_and_nothing_breaks(client: Client) -> None:
    fill(client, until="where")
    answer = client.post("/tell/more/", {"text": "a" * 10_000_000})
    assert answer.status_code == 422 and "kept the first part" in answer.content.decode()
    assert client.get("/tell/answer/").status_code == 200
    draft = access.draft(client.cookies["lw_tell"].value)
    assert len(draft["more"]) == told.MAX_TEXT


def test_a_picture_is_stripped_and_encrypted(client: Client) -> None:
    fill(client, until="where")
    assert client.post("/tell/more/", {"text": "see", "pictures": png()}).status_code == 302
    client.post("/tell/answer/", {"choice": "receipt"})
    client.post("/tell/check/")
    evidence = Evidence.objects.get()
    assert evidence.kind == Evidence.Kind.PICTURE and b"JFIF" not in bytes(evidence.body)


def test_three_pictures_are_kept_each_once_and_can_be_taken_away(client: Client) -> None:
    fill(client, until="where")
    client.post("/tell/more/", {"text": "see", "pictures": [png("red"), png("blue"), png("red")]})
    page = client.post("/tell/more/", {"text": "see", "pictures": [png("green"), png("black")]})
    assert page.status_code == 422 and "up to 3 pictures" in page.content.decode()
    assert "Pictures that we have: 3" in client.get("/tell/more/").content.decode()
    client.post("/tell/more/", {"text": "see", "drop_pictures": "1", "pictures": png("black")})
    client.post("/tell/answer/", {"choice": "unsure"})
    assert "Pictures that we have: 1 · see" in client.get("/tell/check/").content.decode()
    client.post("/tell/check/")
    assert Evidence.objects.count() == 1 and Report.objects.get().channel == Report.Channel.RECEIPT


def test_a_picture_that_might_be_sexual_is_never_kept(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from leeward.server.reports import actions

    monkeypatch.setattr(actions._pictures, "score", lambda data: 0.9)
    fill(client, until="where")
    answer = client.post("/tell/more/", {"text": "see", "pictures": png()})
    assert answer.status_code == 422 and "did not keep this picture" in answer.content.decode()
    assert "pictures" not in access.draft(client.cookies["lw_tell"].value)


def test_no_picture_is_taken_where_it_might_be_of_a_body(client: Client) -> None:
    fill(client, until="where", what={"choice": "contact.image_request"})
    page = client.get("/tell/more/").content.decode()
    assert 'type="file"' not in page and "pictures of bodies" in page
    assert client.post("/tell/more/", {"text": "", "pictures": png()}).status_code == 422
    client.post("/tell/more/", {"text": ""})
    client.post("/tell/answer/", {"choice": "receipt"})
    client.post("/tell/check/")
    page = client.get("/tell/sent/").content.decode()
    assert "Take It Down" in page and "INHOPE" in page
    assert not Evidence.objects.exists()


def test_a_file_that_is_no_picture_is_refused_with_words(client: Client) -> None:
    fill(client, until="where")
    bad = io.BytesIO(b"MZ not a picture")
    bad.name = "picture.png"
    answer = client.post("/tell/more/", {"text": "my words", "pictures": bad})
    assert answer.status_code == 422 and "not a picture" in answer.content.decode() and "my words" in answer.content.decode()


def test_the_receipt_can_be_kept_without_saying_what_it_is_for(client: Client) -> None:
    receipt = tell(client)
    picture = client.get("/tell/sent/note.png")
    assert Image.open(io.BytesIO(picture.content)).size == (600, 760) and "note.png" in picture["Content-Disposition"]
    calendar = icalendar.Calendar.from_ical(client.get("/tell/sent/reminder.ics").content)
    event = calendar.walk("VEVENT")[0]
    assert event["summary"] == "Look something up" and receipt not in calendar.to_ical().decode()
    assert event.decoded("dtstart").date() == (dt.datetime.now(dt.UTC) + dt.timedelta(days=2)).date()
    assert "<svg" in client.get("/tell/sent/").content.decode()


def test_forgetting_forgets(client: Client) -> None:
    fill(client, until="more")
    client.post("/tell/forget/")
    assert not Draft.objects.exists()
    assert client.get("/tell/more/")["Location"] == "/tell/"


def test_others_see_nothing_of_a_draft_or_a_receipt(client: Client) -> None:
    tell(client)
    stranger = Client()
    assert stranger.get("/tell/sent/")["Location"] == "/tell/"
    assert stranger.get("/tell/sent/note.png").status_code == 404
    assert stranger.get("/answer/view/")["Location"] == "/answer/"
    assert stranger.post("/answer/reply/", {"text": "x"}).status_code == 403


def test_sending_is_limited_and_keeps_what_was_written(client: Client) -> None:
    for _ in range(SENDS_AN_HOUR):
        limits.spend("tell", "127.0.0.1", SENDS_AN_HOUR, 3600)
    answer = fill(client)
    assert answer.status_code == 429 and "What you wrote is kept" in answer.content.decode()
    assert client.get("/tell/check/").status_code == 200


def test_reports_about_the_same_account_become_one_case_and_each_has_its_answer() -> None:
    receipts = [tell(Client(REMOTE_ADDR=f"10.0.0.{n}"), where={"username": "@Meanie77 ", "app": "Chatty"}) for n in range(3)]
    tell(Client(), where={"username": "Somebody else"})
    assert sorted(case.reports.count() for case in Case.objects.all()) == [1, 3]
    assert len(set(receipts)) == 3


def test_a_mail_says_nothing_of_what_it_is_about(client: Client) -> None:
    from leeward.server.reports import actions
    from leeward.server.reports.models import Step

    tell(client, answer={"choice": "mail", "mail": "kid@example.org"})
    assert not OutboxMessage.objects.exists()  # "we got it" was on the page
    from django.core import mail
    from django.db import transaction

    from leeward.server.core import outbox

    with transaction.atomic():
        actions.step(Case.objects.get(), Step.Kind.TAKEN, "staff:1", state="being_read", say="being_read")
    assert outbox.deliver_due() == (1, 0)
    assert mail.outbox[0].to == ["kid@example.org"] and mail.outbox[0].subject == "There is news for you"
    assert "bully" not in mail.outbox[0].body and "/answer/" in mail.outbox[0].body


@pytest.mark.parametrize("language", ["de", "fr", "es", "it", "nl", "pl"])
def test_all_pages_speak_all_languages(client: Client, language: str) -> None:
    client.cookies["lw_language"] = language
    for step in ANSWERS:
        page = client.get(address(step)).content.decode()
        assert f'<html lang="{language}">' in page
        client.post(address(step), ANSWERS[step])
    assert Report.objects.get().language == language


def test_an_adult_files_a_notice_with_the_elements_of_article_16(client: Client) -> None:
    notice: dict[str, Any] = {
        "link": "https://chat.example/p/1",
        "harm": "conduct.hate",
        "band": "unknown",
        "law": "Insults a group.",
        "nonce": "n1",
    }
    refused = client.post("/tell/adult/", notice)
    assert refused.status_code == 422 and "good_faith" in refused.content.decode() and "Give your name" in refused.content.decode()
    full = notice | {"name": "Ada Adult", "mail": "ada@example.org", "good_faith": "on"}
    first = client.post("/tell/adult/", full).content.decode()
    code = re.search(r'class="receipt">([\d ]+)<', first)
    assert code and code.group(1) in client.post("/tell/adult/", full).content.decode()
    report = Report.objects.get()
    assert report.source == Case.Source.ADULT and told.open_told(report.told).name == "Ada Adult"


def test_a_notice_is_confirmed_by_mail_without_its_code(client: Client, mailoutbox: list[Any]) -> None:
    notice = {
        "link": "https://chat.example/p/1", "harm": "conduct.hate", "band": "unknown", "law": "Insults a group.", "nonce": "n",
        "name": "Ada Adult", "mail": "ada@example.org", "good_faith": "on",
    }  # fmt: skip
    page = client.post("/tell/adult/", notice).content.decode()
    client.post("/tell/adult/", notice)  # sent twice, confirmed once
    code = re.search(r'class="receipt">([\d ]+)<', page)
    outbox.deliver_due()
    assert [message.to for message in mailoutbox] == [["ada@example.org"]]
    assert Report.objects.get().pk in mailoutbox[0].body and code and code.group(1) not in mailoutbox[0].body


def test_offences_against_children_may_be_told_without_a_name(client: Client) -> None:
    notice = {"username": "x", "harm": "contact.grooming", "band": "10-12", "law": "Writes to children.", "good_faith": "on", "nonce": "n"}
    assert client.post("/tell/adult/", notice).status_code == 200
    assert Report.objects.get().channel == Report.Channel.RECEIPT


def test_an_adult_chooses_from_every_harm_in_their_own_language(client: Client) -> None:
    assert {code for code, _ in KINDS} == set(CODES) - {"content.known"}
    page = client.get("/tell/adult/", headers={"Accept-Language": "de"}).content.decode()
    assert "Erpressung" in page and "Extortion" not in page


def test_wrong_codes_of_flaggers_are_limited_by_address(client: Client) -> None:
    for _ in range(SENDS_AN_HOUR):
        limits.spend("tell", "127.0.0.1", SENDS_AN_HOUR, 3600)
    answer = client.post("/tell/flagger/", {"code": "guessed", "link": "https://chatty.example/p/1"})
    assert "That was a lot at once" in answer.content.decode()


def test_a_trusted_flagger_needs_its_code(client: Client) -> None:
    from leeward.server.people import actions

    code = actions.create_flagger("Example Hotline", "test")
    notice = {"username": "x", "harm": "contact.grooming", "band": "10-12", "law": "Writes to children.", "good_faith": "on", "nonce": "n"}
    assert client.post("/tell/flagger/", notice | {"code": "wrong"}).status_code == 422
    assert not Report.objects.exists()
    assert client.post("/tell/flagger/", notice | {"code": code}).status_code == 200
    assert Report.objects.get().source == Case.Source.FLAGGER


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_the_same_moment_it_is_one_report_with_one_code(service: Any) -> None:
    barrier, filed = threading.Barrier(2), []

    def send() -> None:
        barrier.wait()
        try:
            filed.append(actions.file_report(told.Told(text="they laugh at me"), "the same form"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(filed) == 2 and Report.objects.count() == Case.objects.count() == 1
    assert {item.is_new for item in filed} == {True, False} and len({item.receipt for item in filed}) == 1
