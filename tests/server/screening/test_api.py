"""POST /v1/screen and its kin, through HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from leeward.engine import events
from leeward.server.core.models import OutboxMessage
from leeward.server.people import actions as people
from leeward.server.people import auth
from leeward.server.screening.models import ContactState, DecisionRecord

EVENT = {"id": "e1", "text": "how old r u? dont tell ur mum, add me on sn4p", "relationship": "stranger",
         "actor": {"ref": "u1", "age_band": "adult"}, "audience": {"ref": "u2", "age_band": "10-12"}}  # fmt: skip


def test_an_event_gets_its_decision(api: Any) -> None:
    answer = api.post("/screen", EVENT)
    decision = answer.json()
    assert answer.status_code == 200
    assert decision["event"] == "e1"
    assert decision["action"] in ("warn", "hold")
    assert decision["reasons"][0]["child"]
    assert {factor["code"] for factor in decision["factors"]} >= {"adult_to_child"}


def test_the_record_keeps_no_text_and_no_ref(api: Any) -> None:
    api.post("/screen", {**EVENT, "text": "a very peculiar sentence about Xanadu", "links": ["xanadu.example"]})
    record = DecisionRecord.objects.get()
    stored = b"".join(bytes(value) if isinstance(value, memoryview | bytes) else str(value).encode() for value in record.__dict__.values())
    stored += b"".join(bytes(row.key) + bytes(row.data) for row in ContactState.objects.all())
    for secret in (b"Xanadu", b"xanadu", b"u1", b"u2"):
        assert secret not in stored


def test_the_relationship_is_remembered_between_requests(api: Any) -> None:
    for number in range(6):
        audience = {"ref": f"child{number}", "age_band": "10-12"}
        decision = api.post("/screen", {**EVENT, "text": "hi", "audience": audience}).json()
    assert "many_new_minors" in {factor["code"] for factor in decision["factors"]}


def test_reasons_come_in_the_language_that_is_asked_for(api: Any) -> None:
    english = api.post("/screen", EVENT).json()["reasons"][0]["child"]
    german = api.post("/screen", EVENT, **{"Accept-Language": "de-AT,de;q=0.9"}).json()["reasons"][0]["child"]
    assert english != german


def test_an_unknown_age_counts_as_the_services_youngest(api: Any, service: Any) -> None:
    api.post("/screen", {**EVENT, "audience": {"ref": "u2"}})
    assert DecisionRecord.objects.get().audience_band == service.youngest_band


@pytest.mark.parametrize(
    ("body", "status", "code", "says"),
    [
        ("{", 400, "not_json", "JSON"),
        ({"text": "x", "colour": 1}, 422, "invalid_event", "colour"),
        ({"text": "x", "audience": {"age_band": "eleven"}}, 422, "invalid_event", "age_band"),
        ({}, 422, "invalid_event", "Nothing to screen"),
        ({"text": "x", "at": "2099-01-01T00:00:00Z"}, 422, "invalid_event", "future"),
        ({"text": "x", "id": "n" * 81}, 422, "invalid_event", "80"),
        ({"text": "x" * 20001}, 422, "invalid_event", "20000"),
        ({"text": "x", "links": ["y" * 200_000]}, 413, "too_large", "200000"),
    ],
)
def test_an_error_says_what_to_do_next(api: Any, body: Any, status: int, code: str, says: str) -> None:
    answer = api.post("/screen", body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert says in problem["detail"] and problem["next"]
    assert not DecisionRecord.objects.exists()


def test_a_batch_answers_each_item_and_keeps_the_order(api: Any) -> None:
    items = [EVENT, {"text": 5}, {**EVENT, "id": "e3", "text": "hello"}, "nonsense"]
    results = api.post("/screen/batch", items).json()["results"]
    assert results[0]["event"] == "e1" and results[2]["event"] == "e3"
    assert results[1]["error"]["code"] == results[3]["error"]["code"] == "invalid_event"
    assert DecisionRecord.objects.count() == 2


def test_a_batch_has_a_limit(api: Any) -> None:
    assert api.post("/screen/batch", [{"text": "x"}] * 1001).json()["code"] == "too_many_items"
    assert api.post("/screen/batch", {"text": "x"}).json()["code"] == "not_json"
    assert api.post("/screen/batch", []).json() == {"results": []}


def test_a_batch_decides_as_single_events_do(api: Any) -> None:
    items = [
        {**EVENT, "id": str(n), "actor": {"ref": "z"}, "audience": {"ref": f"k{n}", "age_band": "10-12"}, "text": "hi"} for n in range(7)
    ]
    batch = api.post("/screen/batch", items).json()["results"]
    ContactState.objects.all().delete()
    single = [api.post("/screen", item).json() for item in items]
    assert [item["factors"] for item in batch] == [item["factors"] for item in single]


def test_the_same_key_gets_the_same_answer_and_one_record(api: Any) -> None:
    first = api.post("/screen", EVENT, **{"Idempotency-Key": "k1"})
    again = api.post("/screen", EVENT, **{"Idempotency-Key": "k1"})
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert DecisionRecord.objects.count() == 1
    other = api.post("/screen", {**EVENT, "text": "other"}, **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


def test_without_a_key_nothing_is_answered(client: Any, db: None) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Bearer lw_aaaaaaaaaaaa_" + "b" * 43}):
        answer = client.post("/v1/screen", EVENT, content_type="application/json", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "key_missing")
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_revoked_and_an_ended_key_stop_working(client: Any, service: Any) -> None:
    from leeward.server.people import auth
    from leeward.server.people.models import ApiKey

    raw = people.create_key(service, "x", ["screen"], "test")
    people.revoke_key(ApiKey.objects.get(), "test")
    ended = people.create_key(service, "y", ["screen"], "test", days=0)
    for key in (raw, ended):
        auth.forget_keys()
        answer = client.post("/v1/screen", EVENT, content_type="application/json", headers={"Authorization": f"Bearer {key}"})
        assert answer.json()["code"] == "key_revoked"


def test_a_key_may_do_only_what_it_is_for(client: Any, service: Any) -> None:
    raw = people.create_key(service, "x", ["read"], "test")
    answer = client.post("/v1/screen", EVENT, content_type="application/json", headers={"Authorization": f"Bearer {raw}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_too_many_requests_are_told_to_wait(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEEWARD_RATE", "2")
    answers = [api.post("/screen", EVENT) for _ in range(6)]
    limited = [answer for answer in answers if answer.status_code == 429]
    assert limited
    assert int(limited[0]["Retry-After"]) >= 1


@pytest.mark.parametrize(("rate", "workers", "share"), [("2000", "2", 1000), ("5", "2", 3), ("1", "8", 1)])
def test_workers_share_the_rate_of_a_key(monkeypatch: pytest.MonkeyPatch, rate: str, workers: str, share: int) -> None:
    monkeypatch.setenv("LEEWARD_RATE", rate)
    monkeypatch.setenv("LEEWARD_WORKERS", workers)
    assert auth.share_of_rate() == share


def test_a_hold_tells_the_service_by_a_signed_webhook(api: Any, service: Any) -> None:
    people.set_webhook(service, "https://chat.example/hook", "test")
    decision = api.post("/screen", {**EVENT, "text": "pay me or i send your pictures to your whole school, dont tell anyone"}).json()
    assert decision["action"] in ("hold", "escalate")
    message = OutboxMessage.objects.get()
    assert message.target == "https://chat.example/hook"
    assert b"pictures" not in bytes(message.body)


def test_the_policy_in_use_can_be_read(api: Any) -> None:
    found = api.get("/policies/current").json()
    assert found["reference"].startswith("default@")
    assert found["policy"]["table"]


def test_the_openapi_names_the_shapes(client: Any, db: None) -> None:
    schema = client.get("/v1/openapi.json").json()
    body = schema["paths"]["/v1/screen"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["properties"]) == set(events.schemas()["components"]["Event"]["properties"])
    assert json.dumps(schema)


def test_indicators_are_suppressed_where_they_are_small(api: Any) -> None:
    for _ in range(3):
        api.post("/screen", {**EVENT, "text": "hello"})
    found = {item["code"]: item for item in api.get("/indicators").json()["indicators"]}
    assert found["screening.events"]["observations"] == [
        {"indicator": "screening.events", "value": None, "denominator": None, "suppressed": True, "by": {"band": "10-12"}}
    ]
    for _ in range(4):
        api.post("/screen", {**EVENT, "text": "hello"})
    found = {item["code"]: item for item in api.get("/indicators").json()["indicators"]}
    assert found["screening.events"]["observations"][0]["value"] == 7
    assert api.get("/indicators?days=0").json()["code"] == "invalid_request"


def test_another_services_numbers_are_not_seen(api: Any, client: Any) -> None:
    for _ in range(6):
        api.post("/screen", EVENT)
    other = people.create_service("Other", "Other Chat", "13-15", "test")
    raw = people.create_key(other, "x", ["read"], "test")
    found = client.get("/v1/indicators", headers={"Authorization": f"Bearer {raw}"}).json()
    assert {item["code"]: item["observations"] for item in found["indicators"]}["screening.events"] == []


def test_what_is_not_there_is_a_problem(api: Any) -> None:
    assert api.get("/nothing").json()["code"] == "not_found"
