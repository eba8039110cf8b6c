"""Referrals: a package that validates, encrypted for the partner, with a record of every attempt."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pyrage
import pytest
from django.core import mail
from django.test import Client
from typer.testing import CliRunner

from leeward.cli import app
from leeward.server.core import outbox, signing
from leeward.server.core.models import OutboxMessage
from leeward.server.desk import actions, package, parcels
from leeward.server.desk.models import Delivery, Partner, Referral
from leeward.server.reports.models import Case
from tests.conftest import signed_in
from tests.server.desk.case import act, take
from tests.server.reports.tell import tell

pytestmark = pytest.mark.django_db
IDENTITY = pyrage.x25519.Identity.generate()


class Receiver(BaseHTTPRequestHandler):
    """A partner's server: keeps what it gets, answers what it is told to."""

    got: list[tuple[str, dict[str, str], bytes]] = []
    answers: list[tuple[int, str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.path, dict(self.headers), body))
        status, text = self.answers.pop(0) if self.answers else (200, "ok")
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[str]:
    Receiver.got, Receiver.answers = [], []
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def case(service: Any) -> Case:
    tell(Client(), what={"choice": "contact.extortion"}, where={"username": "grown-7"}, answer={"choice": "receipt", "no_guardian": "1"})
    return Case.objects.get()


def partner(lead: Any, channel: str, address: str = "", key: bool = True) -> Partner:
    return actions.create_partner(lead, f"Example {channel}", "hotline", "DE", channel, address, str(IDENTITY.to_public()) if key else "")


def opened(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_package_validates_and_proves_itself(case: Case, lead: Any, moderator: Any) -> None:
    take(signed_in(moderator), case)
    referral = actions.refer(case, moderator, partner(lead, "download"), "An unknown account threatens to share a chat.")
    files = opened(actions.access.package_of(referral))
    report = json.loads(files["report.json"])
    package.check(report)
    assert (report["type"], report["exploitation_type"], report["victim_age_range"]) == ("csem", "sextortion", "prepubescent")
    assert report["victim"]["do_not_tell_guardian"] is True and report["source_identifier"] == "grown-7"
    assert files["report.pdf"].startswith(b"%PDF") and len(files["report.pdf"]) > 10_000  # with its fonts
    manifest = json.loads(files["manifest.json"])
    for name, entry in manifest["files"].items():
        assert hashlib.sha256(files[name]).hexdigest() == entry["sha256"]
    assert signing.holds(files["manifest.json"], files["manifest.sig"].decode(), manifest["signing_key"])
    assert not signing.holds(files["manifest.json"] + b" ", files["manifest.sig"].decode(), manifest["signing_key"])
    case.refresh_from_db()
    assert case.state == Case.State.WITH_AUTHORITY


def test_a_report_that_breaks_the_schema_is_refused_by_field() -> None:
    facts = {"case": "case_1", "harm": "contact.grooming", "band": "10-12", "country": "",
             "danger": False, "why": "w", "org": "o", "link": "",
             "account": "", "victim": "", "texts": [], "hashes": [], "factors": [], "found_by": "child", "no_guardian": False}  # fmt: skip
    from leeward.server.core import clock

    report = package.document(facts, clock.now())
    package.check(report)
    package.check(package.document(facts | {"harm": "content.known", "hashes": ["ab" * 32]}, clock.now()))
    with pytest.raises(package.PackageError, match="exploitation_type"):
        package.check(report | {"exploitation_type": "unkind"})


def test_until_it_is_delivered_it_is_red(case: Case, lead: Any, moderator: Any) -> None:
    browser = signed_in(moderator)
    take(browser, case)
    act(browser, case, "refer", partner=str(partner(lead, "download").pk), why="See the report.")
    assert "Not delivered" in browser.get("/desk/referrals/").content.decode()
    assert browser.get("/desk/counts/").json()["undelivered"] == 1
    referral = Referral.objects.get()
    assert browser.post(f"/desk/referrals/{referral.pk}/package/")["Content-Type"] == "application/octet-stream"  # sealed for the partner
    browser.post(f"/desk/referrals/{referral.pk}/handed-over/", {"how": ""})
    assert browser.get("/desk/counts/").json()["undelivered"] == 1
    browser.post(f"/desk/referrals/{referral.pk}/handed-over/", {"how": "Given to liaison B., their reference 77"})
    assert browser.get("/desk/counts/").json()["undelivered"] == 0


def test_by_https_only_the_partner_can_open_it_and_every_attempt_is_recorded(
    case: Case, lead: Any, moderator: Any, receiver: str, settings: Any
) -> None:
    take(signed_in(moderator), case)
    Receiver.answers = [(503, "down"), (200, "ok")]
    referral = actions.refer(case, moderator, partner(lead, "https", receiver), "See the report.")
    assert outbox.deliver_due() == (0, 1)
    OutboxMessage.objects.update(next_at="2020-01-01T00:00:00Z")
    delivered, failed = outbox.deliver_due()
    assert (delivered, failed) == (1, 0)
    assert [entry.succeeded for entry in referral.deliveries.all()] == [False, True]
    assert "503" in Delivery.objects.first().detail  # type: ignore[union-attr]
    _, headers, body = Receiver.got[-1]
    assert headers["Idempotency-Key"] == referral.pk and b"grown-7" not in body
    assert "report.json" in opened(pyrage.decrypt(body, [IDENTITY]))


def test_by_mail_it_is_an_encrypted_attachment(case: Case, lead: Any, moderator: Any) -> None:
    take(signed_in(moderator), case)
    actions.refer(case, moderator, partner(lead, "mail", "hotline@partner.example"), "See the report.")
    assert outbox.deliver_due() == (1, 0)
    name, content, _ = mail.outbox[0].attachments[0]
    assert name.endswith(".zip.age") and "report.json" in opened(pyrage.decrypt(content, [IDENTITY]))
    assert "grown-7" not in mail.outbox[0].body


def test_the_cybertipline_is_off_until_it_is_set(
    case: Case, lead: Any, moderator: Any, receiver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(signed_in(moderator), case)
    referral = actions.refer(case, moderator, partner(lead, "cybertip", key=False), "See the report.")
    assert outbox.deliver_due() == (0, 1)
    assert "LEEWARD_CYBERTIP_URL is empty" in referral.deliveries.get().detail
    monkeypatch.setenv("LEEWARD_CYBERTIP_URL", receiver.replace("http://", "http://user:pass@") + "/ispws")
    fine = "<reportResponse><responseCode>0</responseCode><reportId>42</reportId></reportResponse>"
    Receiver.answers = [(200, fine), (200, fine)]
    OutboxMessage.objects.update(next_at="2020-01-01T00:00:00Z")
    assert outbox.deliver_due() == (1, 0)
    assert [path for path, _, _ in Receiver.got] == ["/ispws/submit", "/ispws/finish"]
    assert b"<sextortion" in Receiver.got[0][2] and Receiver.got[0][1]["Authorization"].startswith("Basic ")
    with pytest.raises(parcels.NotTaken):
        parcels._taken(
            parcels.httpx.Response(200, text="<r><responseCode>1</responseCode></r>", request=parcels.httpx.Request("POST", receiver)), "x"
        )


@pytest.mark.parametrize(
    ("channel", "address", "key", "says"),
    [
        ("https", "http://elsewhere.example", "age1x", "https://"),
        ("mail", "a@b.example", "", "age public key"),
        ("mail", "a@b.example", "age1x", "begins with age1"),
    ],
)
def test_a_partner_without_what_it_needs_is_refused(lead: Any, channel: str, address: str, key: str, says: str) -> None:
    with pytest.raises(actions.NotPossible, match=says):
        actions.create_partner(lead, "Example", "hotline", "DE", channel, address, key)


def test_only_a_lead_adds_partners(moderator: Any, lead: Any) -> None:
    assert signed_in(moderator).get("/desk/partners/").status_code == 403
    data = {"name": "Example Helpline", "kind": "helpline", "channel": "download", "country": "DE", "address": "", "age_key": ""}
    assert signed_in(lead).post("/desk/partners/", data).status_code == 302
    assert signed_in(lead).post("/desk/partners/", data).status_code == 422
    assert Partner.objects.get().organisation == lead.organisation


def made(case: Case, lead: Any, moderator: Any) -> tuple[bytes, str]:
    """A package, encrypted for the partner, and the key that signed it."""
    take(signed_in(moderator), case)
    referral = actions.refer(case, moderator, partner(lead, "download"), "See the report.")
    return actions.read_package(referral, moderator)[1], signing.public_key()


def again(raw: bytes, **changes: bytes) -> bytes:
    """The zip with some files changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in (opened(raw) | {key.replace("_", "."): value for key, value in changes.items()}).items():
            archive.writestr(name, body)
    return out.getvalue()


def test_a_hotline_checks_what_it_got(case: Case, lead: Any, moderator: Any) -> None:
    sealed, key = made(case, lead, moderator)
    found = package.unpack(sealed, str(IDENTITY), key)
    assert found.report["source_identifier"] == "grown-7" and found.signing_key == key
    plain = pyrage.decrypt(sealed, [IDENTITY])
    for wrong, identity, signed_by, says in (
        (sealed, "", "", "give your age secret key"),
        (sealed, str(pyrage.x25519.Identity.generate()), "", "does not open it"),
        (sealed, "AGE-SECRET-KEY-1", "", "does not open it"),
        (plain, "", "another", "not by the sender"),
        (again(plain, report_json=b"{}"), "", "", "report.json is not the file that was signed"),
        (again(plain, manifest_json=opened(plain)["manifest.json"] + b" "), "", "", "signature does not hold"),
        (again(plain, manifest_json=b"[]"), "", "", "is not a manifest"),
        (again(plain, more_txt=b"x"), "", "", "more.txt"),
        (b"PK not a zip", "", "", "not a zip file"),
        (b"PK" + bytes(package.MAX_PACKAGE), "", "", "larger than a package"),
    ):
        with pytest.raises(package.PackageError, match=says):
            package.unpack(wrong, identity, signed_by)


@pytest.mark.parametrize("report", [b"{", b"[]", b"{}", b'{"type": "anything"}', b'{"type": 5}'])
def test_a_signed_package_that_holds_no_report_is_refused_in_words(report: bytes) -> None:
    manifest = json.dumps({
        "signing_key": signing.public_key(),
        "files": {name: {"sha256": hashlib.sha256(body).hexdigest()} for name, body in (("report.json", report), ("report.pdf", b""))},
    }).encode()  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in (("report.json", report), ("report.pdf", b""), ("manifest.json", manifest)):
            archive.writestr(name, body)
        archive.writestr("manifest.sig", signing.sign(manifest))
    with pytest.raises(package.PackageError, match="report"):
        package.unpack(out.getvalue())


def test_the_command_for_a_hotline_says_whether_it_holds(case: Case, lead: Any, moderator: Any, tmp_path: Any) -> None:
    sealed, key = made(case, lead, moderator)
    (tmp_path / "ref.zip.age").write_bytes(sealed)
    (tmp_path / "key.txt").write_text(f"# public key: {IDENTITY.to_public()}\n{IDENTITY}\n")
    told = ["package", str(tmp_path / "ref.zip.age"), "--key", str(tmp_path / "key.txt"), "--signed-by"]
    done = CliRunner().invoke(app, [*told, key, "--out", str(tmp_path / "out")])
    assert done.exit_code == 0 and "The package holds" in done.output and "csem" in done.output
    assert (tmp_path / "out" / "report.pdf").read_bytes().startswith(b"%PDF")
    refused = CliRunner().invoke(app, [*told, "somebody else"])
    assert refused.exit_code == 1 and "not by the sender" in refused.output
