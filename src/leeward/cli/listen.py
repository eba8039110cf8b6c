"""`leeward listen`: receives webhooks on this machine, checks each signature, and prints what came. For trying out; keeps nothing."""

from __future__ import annotations

import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Annotated

import typer

from leeward.cli.up import configure

DEMO_SECRET_FILE = "demo-webhook-secret"
DEMO_PORT = 8010
MAX_BODY = 1_000_000
MAX_AGE_SECONDS = 300


def what_is_wrong(secret: str, headers: dict[str, str], body: bytes, now: float) -> str:
    """Why a webhook is not to be believed; '' where its signature holds (Standard Webhooks)."""
    from leeward.server.core.outbox import signature

    message, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message or not sent.isdecimal():
        return "webhook-id or webhook-timestamp is missing"
    if abs(now - int(sent)) > MAX_AGE_SECONDS:
        return "it was signed more than five minutes ago"
    expected = signature(secret, message, int(sent), body)
    given = headers.get("webhook-signature", "").split()
    return "" if any(hmac.compare_digest(expected, one) for one in given) else "the signature does not hold"


def receiver(secret: str, refuse: int, port: int) -> HTTPServer:
    """A server on this machine that answers 204 to what holds, 401 to what does not, and 503 to the first `refuse`."""
    left = refuse
    seen: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            nonlocal left
            body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), MAX_BODY))
            headers = {name.lower(): value for name, value in self.headers.items()}
            name = headers.get("webhook-id", "")
            if left > 0:
                left, status, says = left - 1, 503, "refused, as asked: it will come again"
            elif wrong := what_is_wrong(secret, headers, body, time.time()):
                status, says = 401, f"not believed: {wrong}"
            else:
                status, says = 204, "signed, seen before" if name in seen else "signed"
                seen.add(name)
            typer.echo(f"{status} {name} {says}")
            if status == 204:
                typer.echo(json.dumps(json.loads(body), indent=2, ensure_ascii=False))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Said above already."""

    return HTTPServer(("127.0.0.1", port), Handler)


def listen(
    port: Annotated[int, typer.Option(help="Port on this machine.")] = DEMO_PORT,
    secret: Annotated[str, typer.Option(help="Its secret (whsec_…); else that of the demo.", envvar="LEEWARD_WEBHOOK_SECRET")] = "",
    refuse: Annotated[int, typer.Option(help="Refuse the first so many, to see them come again.", min=0)] = 0,
) -> None:
    """Shows webhooks as they come: signed, refused, tried again."""
    configure()
    stored = Path(os.environ.get("LEEWARD_DATA", "var")) / DEMO_SECRET_FILE
    if not secret and not stored.exists():
        typer.echo(f"No secret: give --secret whsec_…, or start here where `leeward up --demo` ran ({stored} is not there).", err=True)
        raise typer.Exit(2)
    server = receiver(secret or stored.read_text().strip(), refuse, port)
    typer.echo(f"Waiting for webhooks at http://127.0.0.1:{server.server_port}/ (Ctrl+C ends it).")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
