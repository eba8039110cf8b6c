"""`leeward listen`: what is signed is shown, what is not is refused, and what was refused comes again."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest
from typer.testing import CliRunner

from leeward.cli import app
from leeward.cli.listen import receiver
from leeward.server.core import outbox
from leeward.server.core.models import OutboxMessage

SECRET = "whsec_" + "A" * 32


@pytest.fixture
def address() -> Iterator[str]:
    server = receiver(SECRET, 1, 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.django_db
def test_a_webhook_is_refused_comes_again_and_is_believed(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    outbox.webhook(address, SECRET, "report.received", {"report": "rep_1"})
    assert outbox.deliver_due() == (0, 1)
    OutboxMessage.objects.update(next_at="2020-01-01T00:00:00Z")
    assert outbox.deliver_due() == (1, 0)
    said = capsys.readouterr().out
    assert "503" in said and "it will come again" in said and "204" in said and '"report": "rep_1"' in said


def test_what_is_not_signed_is_not_believed(address: str) -> None:
    httpx.post(address, content=b"{}")  # the one that is refused as asked
    head = {"webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
    assert httpx.post(address, content=b"{}").status_code == 401
    assert httpx.post(address, content=b"{}", headers=head).status_code == 401


def test_without_a_secret_it_says_where_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("LEEWARD_DATA", str(tmp_path))
    found = CliRunner().invoke(app, ["listen"])
    assert found.exit_code == 2 and "--secret whsec_" in found.stderr
