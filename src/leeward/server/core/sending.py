"""How this server posts to others. One client is kept, since making one reads every certificate of the machine for each message."""

from __future__ import annotations

import atexit
import functools
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

TIMEOUT_SECONDS = 10.0


@functools.cache
def _client() -> httpx.Client:
    keeps_none = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    client = httpx.Client(follow_redirects=False, cookies=keeps_none)
    atexit.register(client.close)
    return client


def post(url: str, *, content: bytes, headers: dict[str, str], timeout: float = TIMEOUT_SECONDS) -> httpx.Response:
    """Posts once and follows no redirect; raises httpx.HTTPError where nobody answers within `timeout` seconds.

    What was answered is the caller's to judge.
    """
    return _client().post(url, content=content, headers=headers, timeout=timeout)
