"""What is posted to others: nothing of one receiver's answer goes along with the next message."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from leeward.server.core import sending


class Receiver(BaseHTTPRequestHandler):
    """Answers with a cookie and a redirect, and keeps what it got."""

    protocol_version = "HTTP/1.1"
    got: list[tuple[str, int, dict[str, str]]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.path, self.client_address[1], dict(self.headers)))
        self.send_response(307)
        for name, value in (("Set-Cookie", "who=us"), ("Location", "/elsewhere"), ("Content-Length", "0")):
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    Receiver.got.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    server.server_close()


def test_no_cookie_is_kept_no_redirect_followed_and_the_line_stays_open(address: str) -> None:
    answers = [sending.post(address, content=b"{}", headers={"X-Number": str(number)}) for number in (1, 2)]
    assert [answer.status_code for answer in answers] == [307, 307]
    assert [path for path, _, _ in Receiver.got] == ["/hook", "/hook"]
    assert [head["X-Number"] for _, _, head in Receiver.got] == ["1", "2"]
    assert all("Cookie" not in head for _, _, head in Receiver.got)
    assert len({port for _, port, _ in Receiver.got}) == 1


def test_nobody_there_is_an_error(address: str) -> None:
    with pytest.raises(httpx.ConnectError):
        sending.post("http://127.0.0.1:9/hook", content=b"{}", headers={})
