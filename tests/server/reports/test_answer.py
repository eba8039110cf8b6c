"""Coming back with a receipt."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

from leeward.server.core import webpush
from leeward.server.core.models import OutboxMessage
from leeward.server.reports import rules
from leeward.server.reports.models import Report
from tests.server.reports.tell import look, tell

pytestmark = pytest.mark.django_db


def answer(browser: Client, typed: str) -> str:
    page = browser.post("/answer/", {"receipt": typed}).content.decode()
    return page.partition("<main")[2].partition("</main>")[0]


def without_token(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)


def test_unknown_expired_and_wrong_look_the_same(client: Client) -> None:
    receipt = tell(client)
    unknown, mistyped = rules.new_receipt(), receipt[:-1] + str((int(receipt[-1]) + 1) % 10)
    pages = {without_token(answer(Client(), typed)) for typed in (unknown, mistyped, "hello", "")}
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=366), tick=False):
        pages.add(without_token(answer(Client(), receipt)))
    assert len(pages) == 1


def test_a_thousand_wrong_receipts_lead_nowhere(client: Client) -> None:
    receipt = tell(client)
    guesser = Client()
    statuses = [guesser.post("/answer/", {"receipt": rules.new_receipt()}).status_code for _ in range(1000)]
    assert statuses[:100] == [422] * 100 and set(statuses[100:]) == {429}
    assert guesser.post("/answer/", {"receipt": receipt}).status_code == 429  # not even the right one, for this hour
    assert Client(REMOTE_ADDR="10.1.1.1").post("/answer/", {"receipt": receipt}).status_code == 302


def test_coming_back_is_counted_once(client: Client) -> None:
    receipt = tell(client)
    look(Client(), receipt)
    first = Report.objects.get().returned_at
    look(Client(), receipt.replace(" ", ""))
    assert first and Report.objects.get().returned_at == first


def test_leaving_ends_the_visit(client: Client) -> None:
    visitor = Client()
    look(visitor, tell(client))
    visitor.post("/answer/leave/")
    assert visitor.get("/answer/view/")["Location"] == "/answer/"


def test_more_can_be_told_while_it_is_open(client: Client) -> None:
    visitor = Client()
    look(visitor, tell(client))
    visitor.post("/answer/reply/", {"text": "and now they do it in the game too"})
    assert "in the game too" in visitor.get("/answer/view/").content.decode()
    visitor.post("/answer/reply/", {"text": " "})
    assert "Write 1 to" in visitor.get("/answer/view/").content.decode()


def test_asking_again_before_there_is_an_answer_is_refused(client: Client) -> None:
    visitor = Client()
    look(visitor, tell(client))
    visitor.post("/answer/again/", {"why": ""})
    assert "only after there is an answer" in visitor.get("/answer/view/").content.decode()


def subscription(endpoint: str) -> tuple[ec.EllipticCurvePrivateKey, bytes, dict[str, Any]]:
    key, auth = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    encode = lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"=").decode()  # noqa: E731
    return key, auth, {"endpoint": endpoint, "expirationTime": None, "keys": {"p256dh": encode(point), "auth": encode(auth)}}


def opened(key: ec.EllipticCurvePrivateKey, auth: bytes, body: bytes) -> bytes:
    """Decrypts a push as a browser does (RFC 8291)."""
    salt, size = body[:16], body[20]
    server, sealed = body[21 : 21 + size], body[21 + size :]
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), server))
    mine = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    derive = lambda salt, secret, info, length: HKDF(hashes.SHA256(), length, salt, info).derive(secret)  # noqa: E731
    secret = derive(auth, shared, b"WebPush: info\0" + mine + server, 32)
    content, nonce = derive(salt, secret, b"Content-Encoding: aes128gcm\0", 16), derive(salt, secret, b"Content-Encoding: nonce\0", 12)
    return AESGCM(content).decrypt(nonce, sealed, None).rstrip(b"\0").removesuffix(b"\2")


def test_a_push_is_encrypted_for_the_browser_and_says_nothing(client: Client) -> None:
    visitor = Client()
    look(visitor, tell(client))
    key, auth, wanted = subscription("https://push.example.org/abc")
    assert visitor.post("/answer/push/", {"subscription": json.dumps(wanted)}).status_code == 204
    assert Report.objects.get().channel == Report.Channel.PUSH
    from django.db import transaction

    from leeward.server.reports import actions
    from leeward.server.reports.models import Case, Step

    with transaction.atomic():
        actions.step(Case.objects.get(), Step.Kind.TAKEN, "staff:1", state="being_read", say="being_read")
    message = OutboxMessage.objects.get()
    assert message.channel == OutboxMessage.Channel.PUSH and "push.example.org" not in message.target
    sealed = {"endpoint": wanted["endpoint"], "keys": wanted["keys"]}
    endpoint, body, headers = webpush.request_for(json.dumps(sealed), json.dumps({"title": "There is news for you", "url": "/answer/"}))
    assert endpoint == "https://push.example.org/abc" and headers["authorization"].startswith("vapid t=")
    assert json.loads(opened(key, auth, body)) == {"title": "There is news for you", "url": "/answer/"}


def test_a_push_can_be_asked_for_right_after_sending(client: Client) -> None:
    assert client.post("/tell/sent/push/").status_code == 404
    tell(client)
    assert 'data-push-to="/tell/sent/push/"' in client.get("/tell/sent/").content.decode()
    wanted = json.dumps(subscription("https://push.example.org/abc")[2])
    assert client.post("/tell/sent/push/", {"subscription": "{}"}).status_code == 422
    assert client.post("/tell/sent/push/", {"subscription": wanted}).status_code == 204
    assert Report.objects.get().channel == Report.Channel.PUSH


@pytest.mark.parametrize(
    "endpoint", ["http://push.example.org/x", "https://127.0.0.1/x", "https://10.0.0.7/", "https://intranet/x", "file:///x", ""]
)
def test_a_push_never_goes_inside(client: Client, endpoint: str) -> None:
    visitor = Client()
    look(visitor, tell(client))
    _, _, wanted = subscription(endpoint)
    assert visitor.post("/answer/push/", {"subscription": json.dumps(wanted)}).status_code == 422
    assert visitor.post("/answer/push/", {"subscription": "nonsense"}).status_code == 422
    assert Report.objects.get().channel == Report.Channel.RECEIPT


def test_the_worker_of_the_push_is_served_for_the_answer_only(client: Client) -> None:
    answer = client.get("/answer/worker.js")
    assert answer["Content-Type"] == "text/javascript" and b"showNotification" in answer.content


def test_what_is_wrong_is_said_in_the_language_of_the_page(client: Client) -> None:
    visitor = Client()
    visitor.cookies["lw_language"] = "de"
    look(visitor, tell(client))
    visitor.post("/answer/reply/", {"text": " "})
    assert "Schreib 1 bis 2000 Zeichen." in visitor.get("/answer/view/").content.decode()
