"""What the tools push, and what people type: checked, kept with its provenance, and never silently replaced."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import httpx
import msgspec
import pytest

from leeward.server.core import clock, outbox, sending, signing
from leeward.server.core.models import OutboxMessage
from leeward.server.register import access, bundle
from leeward.server.register.actions import observations
from leeward.server.register.actions.common import NotPossible, today
from leeward.server.register.models import Bundle, Feed, Indicator, Member, Observation, Pull, SigningKey

PUSH = "/v1/register/observations"


def made(harbour: Any, **changed: Any) -> bytes:
    """A bundle of Pebble Games for the running month."""
    day = today()
    fields: dict[str, Any] = {
        "format": bundle.FORMAT, "alliance": "harbour", "member": "pebble-games", "service": "Pebble Chat", "software": "leeward/test",
        "made_at": clock.now(), "start": day.replace(day=1), "end": day,
        "observations": [bundle.Measured("reports.answered", 1, "share", 0.93, 120, False)],
    }  # fmt: skip
    return msgspec.json.encode(bundle.Bundle(**fields | changed))


def push(client: Any, body: bytes, **headers: str) -> Any:
    head = {"Leeward-Key": signing.public_key(), "Leeward-Signature": signing.sign(body), **headers}
    return client.post(PUSH, body, content_type="application/json", headers=head)


def newest() -> Observation:
    found = Observation.objects.filter(indicator__tool="reports.answered", indicator__member__slug="pebble-games").order_by("-id").first()
    assert found is not None
    return found


def test_a_signed_value_is_kept_with_where_it_is_from(client: Any, harbour: Any) -> None:
    body = made(harbour)
    answer = push(client, body)
    assert answer.status_code == 201 and answer.json()["accepted"] == 1
    kept = newest()
    assert (kept.value, kept.denominator, kept.source, kept.method) == (0.93, 120, "tools", "1")
    assert kept.bundle is not None and bytes(kept.bundle.body) == body
    assert signing.holds(body, kept.bundle.signature, kept.bundle.key.public)
    page = client.get("/register/harbour/commitments/harbour-pebble-games-1/").content.decode()
    assert "Measured and signed by the tools" in page and kept.bundle.sha256[:16] in page


def test_a_forged_one_is_refused(client: Any, harbour: Any) -> None:
    body = made(harbour)
    before = Observation.objects.count()
    changed = body.replace(b"0.93", b"0.99")
    for answer in (
        push(client, changed, **{"Leeward-Signature": signing.sign(body)}),
        push(client, body, **{"Leeward-Signature": ""}),
        push(client, body, **{"Leeward-Key": "A" * 44}),
        push(client, made(harbour, member="kitewire")),
        push(client, made(harbour, alliance="better-protect-minors-online")),
    ):
        assert answer.status_code == 401 and answer.json()["code"] == "signature_wrong"
    assert client.post(PUSH, body, content_type="application/json").status_code == 401
    assert Observation.objects.count() == before and not Bundle.objects.filter(body=changed).exists()


def test_a_revoked_key_signs_nothing_more(client: Any, harbour: Any, seat: Any) -> None:
    key = SigningKey.objects.get(member__slug="pebble-games")
    observations.revoke_key(seat("Pebble Games"), key)
    assert push(client, made(harbour)).json()["code"] == "signature_wrong"


def test_the_same_again_changes_nothing_and_an_older_one_is_refused(client: Any, harbour: Any) -> None:
    early, late = made(harbour, made_at=clock.now() - dt.timedelta(hours=2)), made(harbour)
    assert push(client, early).status_code == 201 and push(client, late).status_code == 201
    count = Observation.objects.count()
    again = push(client, late)
    assert (again.status_code, again.json()["known"]) == (200, True)
    replay = push(client, made(harbour, made_at=clock.now() - dt.timedelta(hours=1)))
    assert (replay.status_code, replay.json()["code"]) == (409, "bundle_replayed")
    assert push(client, early).json()["known"] and Observation.objects.count() == count


def test_another_unit_is_refused_as_a_whole(client: Any, harbour: Any) -> None:
    count = Observation.objects.count()
    values = [bundle.Measured("reports.answered", 1, "share", 0.9, 9, False), bundle.Measured("reports.late", 1, "per cent", 4.0, 9, False)]
    answer = push(client, made(harbour, observations=values))
    assert (answer.status_code, answer.json()["code"]) == (422, "unit_differs")
    assert "reports.late comes in per cent" in answer.json()["detail"] and Observation.objects.count() == count


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"format": "leeward-indicators/2"}, "this register reads"),
        ({"made_at": dt.datetime(2999, 1, 1, tzinfo=dt.UTC)}, "in the future"),
        ({"end": dt.date(2999, 1, 1)}, "not after today"),
    ],
)
def test_what_is_not_a_bundle_is_told_what_is_wrong(client: Any, harbour: Any, changed: dict[str, Any], says: str) -> None:
    answer = push(client, made(harbour, **changed))
    assert (answer.status_code, answer.json()["code"]) == (422, "bundle_invalid") and says in answer.json()["detail"]
    assert "unknown field `more`" in push(client, made(harbour)[:-1] + b',"more":1}').json()["detail"]
    assert push(client, b"{").json()["code"] == "bundle_invalid"


def test_a_later_value_for_a_month_stands_beside_the_earlier_one(client: Any, harbour: Any) -> None:
    push(client, made(harbour, made_at=clock.now() - dt.timedelta(hours=2)))
    push(client, made(harbour, observations=[bundle.Measured("reports.answered", 1, "share", 0.95, 130, False)]))
    indicator = newest().indicator
    month = indicator.observations.filter(period_start=today().replace(day=1))
    assert [item.value for item in month.order_by("id")] == [0.93, 0.95]
    assert access.series(indicator, today())[-1].value == 0.95


def test_the_tools_own_feed_goes_through_the_outbox_and_shows_on_the_overview(
    client: Any, harbour: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def post(url: str, content: bytes, headers: dict[str, str], **_: Any) -> httpx.Response:
        answer = client.post(url.removeprefix("http://127.0.0.1:8000"), content, content_type="application/json", headers=headers)
        return httpx.Response(answer.status_code, content=answer.content, request=httpx.Request("POST", url))

    def measured() -> int:
        return int(client.get("/register/harbour/overview.json").json()["figures"]["evidenced"])

    monkeypatch.setattr(sending, "post", post)
    before = measured()
    support = Indicator.objects.get(tool="screening.support")
    assert not support.observations.exists()
    observations.every_hour()
    outbox.deliver_due()
    assert OutboxMessage.objects.filter(channel="register", state="delivered").count() >= 1
    assert support.observations.get(period_end=today()).source == "tools"
    assert measured() == before + 1
    observations.every_hour()
    assert outbox.deliver_due()[1] == 0


def test_a_register_that_is_away_loses_nothing(harbour: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> httpx.Response:
        raise httpx.ConnectError("away")

    monkeypatch.setattr(sending, "post", away)
    message = observations.send_feed(Feed.objects.get())[-1]
    outbox.deliver_due()
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("waiting", 1)
    monkeypatch.setattr(sending, "post", lambda url, **_: httpx.Response(409, request=httpx.Request("POST", url)))
    OutboxMessage.objects.filter(pk=message.pk).update(next_at=clock.now())
    outbox.deliver_due()
    message.refresh_from_db()
    assert message.state == "delivered"


def test_the_month_before_is_sent_whole_in_the_first_week() -> None:
    day = dt.date(2026, 3, 4)
    assert observations.periods(day) == [(dt.date(2026, 2, 1), dt.date(2026, 2, 28)), (dt.date(2026, 3, 1), day)]
    assert observations.periods(dt.date(2026, 3, 20)) == [(dt.date(2026, 3, 1), dt.date(2026, 3, 20))]


def test_a_register_can_fetch_what_is_not_pushed(api: Any, client: Any, harbour: Any, seat: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    member = Member.objects.get(slug="pebble-games")
    source = observations.ask_at(seat("sanne"), member, "http://127.0.0.1:8000/", "lw_token")
    answer = api.get("/register/bundle?alliance=harbour&member=pebble-games")
    head = {name: answer[name] for name in ("Leeward-Key", "Leeward-Signature")}
    request = httpx.Request("GET", "http://127.0.0.1:8000")
    monkeypatch.setattr(httpx, "get", lambda *_, **__: httpx.Response(200, content=answer.content, headers=head, request=request))
    received = observations.pull(source)
    assert received is not None and received.accepted == 4
    monkeypatch.setattr(httpx, "get", lambda *_, **__: httpx.Response(403, request=request))
    assert observations.pull(source) is None
    assert "403" in Pull.objects.get().error and b"lw_token" not in bytes(Pull.objects.get().token)
    assert json.loads(api.get("/register/key").content)["public"] == signing.public_key()


# -- typed and uploaded


def by_hand() -> Indicator:
    return Indicator.objects.get(member__slug="lumen-video", code__startswith="diverse")


def test_a_typed_value_looks_different_from_a_measured_one(client: Any, harbour: Any, seat: Any) -> None:
    day = today()
    observations.enter(seat("Lumen Video"), by_hand(), [observations.Value(day, day, 0.5, unit="share")], "manual")
    page = client.get("/register/harbour/commitments/harbour-lumen-video-2/").content.decode()
    assert "Typed by the member" in page and 'class="dot manual"' in page and 'class="dot upload"' in page


def test_what_cannot_be_is_refused(harbour: Any, seat: Any) -> None:
    editor, day = seat("Lumen Video"), today()
    later = day + dt.timedelta(days=1)
    for value, says in (
        (observations.Value(later, later, 1.0), "is not one"), (observations.Value(day, day), "A number is missing"),
        (observations.Value(day, day, 50.0, unit="per cent"), "convert it first"),
    ):  # fmt: skip
        with pytest.raises(NotPossible, match=says):
            observations.enter(editor, by_hand(), [value], "manual")
    with pytest.raises(NotPossible, match="bound to the tools"):
        bound = Indicator.objects.get(tool="reports.answered", member__slug="pebble-games")
        observations.enter(seat("Pebble Games"), bound, [observations.Value(day, day, 1.0)], "manual")
    with pytest.raises(NotPossible, match="another member"):
        observations.enter(seat("Kitewire"), by_hand(), [observations.Value(day, day, 1.0)], "manual")


def test_an_upload_is_read_whole_or_not_at_all(harbour: Any, seat: Any) -> None:
    good = "period_start,period_end,value,denominator,unit\n2026-01-01,2026-01-31,0.4,200,share\n2026-02-01,2026-02-28,0.5,,share\n"
    values = observations.read_upload(good.encode("utf-8-sig"))
    assert observations.enter(seat("Lumen Video"), by_hand(), values, "upload") == 2
    for text, says in (
        (good + "2026-03-01,31 March,0.4,1,share\n", "Line 4"), ("a,b\n1,2\n", "has to name the columns"), (good.replace("0.4", "0,4"),
        "Line 2"),
    ):  # fmt: skip
        with pytest.raises(NotPossible, match=says):
            observations.read_upload(text.encode())
    with pytest.raises(NotPossible, match="not UTF-8"):
        observations.read_upload("é".encode("latin-1"))


def test_an_indicator_takes_the_unit_of_its_tool(harbour: Any, seat: Any) -> None:
    editor = seat("Kitewire")
    with pytest.raises(NotPossible, match="measured in share, not in per cent"):
        observations.define(editor, observations.Definition("x", "X", tool="reports.answered", unit="per cent"), [])
    with pytest.raises(NotPossible, match="not an indicator of the tools"):
        observations.define(editor, observations.Definition("x", "X", tool="reports.wrong"), [])
    with pytest.raises(NotPossible, match="name=value"):
        observations.define(editor, observations.Definition("x", "X", unit="hours", by="critical"), [])
    assert observations.define(editor, observations.Definition("x", "X", tool="reports.answered"), []).unit == "share"


def test_a_key_speaks_for_one_member(harbour: Any, seat: Any) -> None:
    with pytest.raises(NotPossible, match="Another member signs with that key"):
        observations.add_key(seat("Kitewire"), "mine", signing.public_key())
    with pytest.raises(NotPossible, match="not a public key"):
        observations.add_key(seat("Kitewire"), "mine", "abc")


def test_a_bundle_of_one_who_is_no_member_any_more_is_refused(client: Any, harbour: Any) -> None:
    Member.objects.filter(slug="pebble-games").update(state=Member.State.LEFT)
    assert "is not a member" in push(client, made(harbour)).json()["detail"]
