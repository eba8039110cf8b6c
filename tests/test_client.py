"""leeward.client against the real application, and against bad days."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from leeward.client import AsyncClient, Client, LeewardError
from leeward.server.screening.models import DecisionRecord

EVENT = {"text": "how old r u? dont tell ur mum", "relationship": "stranger", "audience": {"age_band": "10-12"}}
KEY = "lw_test"


@pytest.fixture
def live(key: str, application: Any) -> Client:
    return Client("http://localhost", key, transport=httpx.WSGITransport(app=application))


@pytest.mark.django_db
def test_it_screens_one_and_many(live: Client) -> None:
    assert live.screen(EVENT)["action"] != "allow"  # type: ignore[arg-type]
    assert live.screen(text="gg", audience={"age_band": "10-12"})["action"] == "allow"
    results = live.screen_batch([EVENT, {"text": ""}])  # type: ignore[list-item]
    assert "action" in results[0] and "error" in results[1]
    assert live.policy()["reference"].startswith("default@")


@pytest.mark.django_db
def test_an_error_carries_its_code(live: Client) -> None:
    with pytest.raises(LeewardError) as caught:
        live.screen(colour=1)
    assert (caught.value.code, caught.value.status) == ("invalid_event", 422)


@pytest.mark.django_db
def test_a_lost_answer_is_asked_for_again_and_recorded_once(key: str, application: Any) -> None:
    class Lossy(httpx.BaseTransport):
        def __init__(self) -> None:
            self.real, self.count = httpx.WSGITransport(app=application), 0

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            self.count += 1
            response = self.real.handle_request(request)
            if self.count == 1:
                raise httpx.ReadError("the line went dead after the server had answered")
            return response

    transport = Lossy()
    decision = Client("http://localhost", key, transport=transport).screen(EVENT)  # type: ignore[arg-type]
    assert decision["action"] != "allow"
    assert transport.count == 2
    assert DecisionRecord.objects.count() == 1


class Scripted:
    """Answers with these, one after the other; notes the Idempotency-Key of each request."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.keys = list(answers), []  # type: ignore[var-annotated]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers.get("Idempotency-Key"))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer, json={"code": "busy", "detail": "wait"} if answer >= 400 else {"action": "allow"})


def test_it_tries_again_with_the_same_key_and_gives_up_in_the_end() -> None:
    script = Scripted(503, httpx.ConnectError("no"), 200)
    client = Client("http://x", KEY, transport=httpx.MockTransport(script))
    assert client.screen(text="x")["action"] == "allow"
    assert len(set(script.keys)) == 1
    with pytest.raises(LeewardError, match="busy"):
        Client("http://x", KEY, transport=httpx.MockTransport(Scripted(503, 503)), tries=2).screen(text="x")
    with pytest.raises(LeewardError, match="unreachable"):
        Client("http://x", KEY, transport=httpx.MockTransport(Scripted(httpx.ConnectError("no"))), tries=1).screen(text="x")


def test_a_wrong_request_is_not_repeated() -> None:
    script = Scripted(422, 200)
    with pytest.raises(LeewardError):
        Client("http://x", KEY, transport=httpx.MockTransport(script)).screen(text="x")
    assert len(script.keys) == 1


def test_async_does_the_same() -> None:
    async def run() -> None:
        script = Scripted(429, 200)
        async with AsyncClient("http://x", KEY, transport=httpx.MockTransport(script), language="de") as client:
            assert (await client.screen(text="x"))["action"] == "allow"
        assert len(set(script.keys)) == 1
        with pytest.raises(LeewardError):
            await AsyncClient("http://x", KEY, transport=httpx.MockTransport(Scripted(401))).policy()

    # in a thread of its own: the browser tests leave a loop running in theirs
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(run())).result()


def test_a_wrong_key_is_seen_at_once() -> None:
    with pytest.raises(ValueError, match="lw_"):
        Client("http://x", "secret")
