"""A client for a Leeward server, sync and async. It imports nothing else of Leeward's and needs only httpx.

    from leeward.client import Client
    with Client("https://leeward.example", "lw_…") as leeward:
        decision = leeward.screen(text="how old r u?", relationship="stranger", audience={"age_band": "10-12"})
        if decision["action"] == "warn": ...

Every POST carries an Idempotency-Key, so that a try which is sent again after a lost answer is answered once. Tries are repeated with
back-off when the server cannot be reached, is busy or asks to wait; never when the request itself is wrong.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, NotRequired, Self, TypedDict

import httpx

AgeBand = Literal["0-5", "6-9", "10-12", "13-15", "16-17", "adult", "unknown"]
Action = Literal["allow", "nudge", "warn", "blur", "hold", "block", "escalate"]
RETRY_STATUS = frozenset({429, 500, 502, 503, 504})


class Person(TypedDict):
    """`actor` or `audience` of an event: all fields may be left out."""

    ref: NotRequired[str]
    age_band: NotRequired[AgeBand]
    assurance: NotRequired[Literal["self", "guardian", "estimated", "verified"]]
    account_age_days: NotRequired[int]
    country: NotRequired[str]


class Media(TypedDict):
    """Hashes of a picture, in hexadecimal."""

    sha256: NotRequired[str]
    pdq: NotRequired[str]


class Event(TypedDict):
    """What a service sends; see docs/api.md. A content field and `audience.age_band` are enough."""

    id: NotRequired[str]
    at: NotRequired[str]
    kind: NotRequired[Literal["message", "post", "comment", "profile", "contact_request", "group_add", "media", "link", "search"]]
    surface: NotRequired[Literal["dm", "group", "public", "livestream", "game"]]
    thread: NotRequired[str]
    relationship: NotRequired[Literal["stranger", "accepted", "friend", "family", "school", "staff", "unknown"]]
    language: NotRequired[str | None]
    actor: NotRequired[Person]
    audience: NotRequired[Person]
    text: NotRequired[str]
    links: NotRequired[list[str]]
    media: NotRequired[list[Media]]


class Evidence(TypedDict):
    """Where in the text a harm was found."""

    harm: str
    start: int
    end: int


class Factor(TypedDict):
    """What spoke for a risky contact."""

    code: str
    weight: float
    say: str


class Reason(TypedDict):
    """The rule that decided, in words for the child and for the adult."""

    rule: str
    child: str
    adult: str


class Help(TypedDict):
    """A place where help is."""

    name: str
    phone: str


class Shadow(TypedDict):
    """A rule that is tried out and not applied."""

    rule: str
    action: Action


class Decision(TypedDict):
    """What Leeward answers."""

    event: str
    action: Action
    support: bool
    scores: dict[str, float]
    evidence: list[Evidence]
    factors: list[Factor]
    reasons: list[Reason]
    help: list[Help]
    shadow: list[Shadow]
    policy: str
    models: dict[str, str]


class LeewardError(Exception):
    """The server refused, or could not be reached. `code` is one of docs/errors.md, or 'unreachable'."""

    def __init__(self, code: str, detail: str, status: int | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.status = code, detail, status


class BatchError(TypedDict):
    """An item of a batch that could not be screened."""

    error: dict[str, Any]


class _Base:
    def __init__(self, url: str, key: str, *, timeout: float = 5.0, tries: int = 4, language: str | None = None) -> None:
        if not key.startswith("lw_"):
            raise ValueError("The key begins with lw_; make one with `leeward keys create`.")
        self._tries = tries
        self._options: dict[str, Any] = {"base_url": url.rstrip("/"), "timeout": timeout}
        self._headers = {"Authorization": f"Bearer {key}", "User-Agent": "leeward-client"}
        if language:
            self._headers["Accept-Language"] = language

    def _post(self, idempotency_key: str | None) -> dict[str, str]:
        return {**self._headers, "Idempotency-Key": idempotency_key or uuid.uuid4().hex}

    def _waits(self) -> Iterator[float | None]:
        """Seconds to wait after each try that failed: full jitter over 0.1, 0.2, 0.4 … (at most 5); None after the last."""
        for attempt in range(self._tries - 1):
            yield random.uniform(0.02, min(5.0, 0.1 * 2**attempt))  # noqa: S311  (no secret)
        yield None

    @staticmethod
    def _wait(response: httpx.Response, planned: float) -> float:
        asked = response.headers.get("Retry-After", "")
        return max(planned, min(float(asked), 30.0)) if asked.isdigit() else planned

    @staticmethod
    def _read(response: httpx.Response) -> Any:
        if response.is_success:
            return response.json()
        try:
            problem = response.json()
        except ValueError:
            problem = {}
        raise LeewardError(problem.get("code", "unexpected"), problem.get("detail", response.text[:200]), response.status_code)

    @staticmethod
    def _event(event: Event | None, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**(event or {}), **fields}


class Client(_Base):
    """The sync client; safe to share among threads."""

    def __init__(self, url: str, key: str, *, transport: httpx.BaseTransport | None = None, **options: Any) -> None:
        super().__init__(url, key, **options)
        self._http = httpx.Client(**self._options, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def _send(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> Any:
        for wait in self._waits():
            try:
                response = self._http.request(method, path, json=body, headers=headers)
            except httpx.TransportError as error:
                if wait is None:
                    raise LeewardError("unreachable", str(error)) from error
                time.sleep(wait)
                continue
            if response.status_code not in RETRY_STATUS or wait is None:
                return self._read(response)
            time.sleep(self._wait(response, wait))
        raise AssertionError("unreachable")

    def screen(self, event: Event | None = None, *, idempotency_key: str | None = None, **fields: Any) -> Decision:
        """Screens one event, given as a dictionary or by its fields. Raises LeewardError."""
        decision: Decision = self._send("POST", "/v1/screen", self._post(idempotency_key), self._event(event, fields))
        return decision

    def screen_batch(self, events: Sequence[Event], *, idempotency_key: str | None = None) -> list[Decision | BatchError]:
        """Screens up to 1,000 events in order; an item that is wrong has `error`. Raises LeewardError."""
        results: list[Decision | BatchError] = self._send("POST", "/v1/screen/batch", self._post(idempotency_key), list(events))["results"]
        return results

    def policy(self) -> dict[str, Any]:
        """The policy in use: `reference` and `policy`. Raises LeewardError."""
        found: dict[str, Any] = self._send("GET", "/v1/policies/current", self._headers)
        return found


class AsyncClient(_Base):
    """The async client."""

    def __init__(self, url: str, key: str, *, transport: httpx.AsyncBaseTransport | None = None, **options: Any) -> None:
        super().__init__(url, key, **options)
        self._http = httpx.AsyncClient(**self._options, transport=transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _send(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> Any:
        for wait in self._waits():
            try:
                response = await self._http.request(method, path, json=body, headers=headers)
            except httpx.TransportError as error:
                if wait is None:
                    raise LeewardError("unreachable", str(error)) from error
                await asyncio.sleep(wait)
                continue
            if response.status_code not in RETRY_STATUS or wait is None:
                return self._read(response)
            await asyncio.sleep(self._wait(response, wait))
        raise AssertionError("unreachable")

    async def screen(self, event: Event | None = None, *, idempotency_key: str | None = None, **fields: Any) -> Decision:
        """Screens one event, given as a dictionary or by its fields. Raises LeewardError."""
        decision: Decision = await self._send("POST", "/v1/screen", self._post(idempotency_key), self._event(event, fields))
        return decision

    async def screen_batch(self, events: Sequence[Event], *, idempotency_key: str | None = None) -> list[Decision | BatchError]:
        """Screens up to 1,000 events in order; an item that is wrong has `error`. Raises LeewardError."""
        answer = await self._send("POST", "/v1/screen/batch", self._post(idempotency_key), list(events))
        results: list[Decision | BatchError] = answer["results"]
        return results

    async def policy(self) -> dict[str, Any]:
        """The policy in use: `reference` and `policy`. Raises LeewardError."""
        found: dict[str, Any] = await self._send("GET", "/v1/policies/current", self._headers)
        return found
