"""Event in, Decision out: the only two shapes the rest must know. Unknown fields are refused by name."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, get_args

import msgspec

AgeBand = Literal["0-5", "6-9", "10-12", "13-15", "16-17", "adult", "unknown"]
Assurance = Literal["self", "guardian", "estimated", "verified"]
Kind = Literal["message", "post", "comment", "profile", "contact_request", "group_add", "media", "link", "search"]
Surface = Literal["dm", "group", "public", "livestream", "game"]
Relationship = Literal["stranger", "accepted", "friend", "family", "school", "staff", "unknown"]
Action = Literal["allow", "nudge", "warn", "blur", "hold", "block", "escalate"]

MINOR_BANDS: frozenset[str] = frozenset({"0-5", "6-9", "10-12", "13-15", "16-17"})
MAX_TEXT = 20_000
"""Characters of text in one event."""

Ref = str


class InvalidEventError(ValueError):
    """The event cannot be screened; the message names the field and what to do."""


class Actor(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """Who acts. `account_age_days` is -1 when the service does not say."""

    ref: str = ""
    age_band: AgeBand = "unknown"
    assurance: Assurance = "self"
    account_age_days: int = -1
    country: str = ""


class Audience(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """Who would see it."""

    ref: str = ""
    age_band: AgeBand = "unknown"
    country: str = ""


class Media(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """A picture, as hashes: `sha256` and `pdq` in hexadecimal. `path` is a local file and works in the CLI only."""

    sha256: str = ""
    pdq: str = ""
    path: str = ""


class Event(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """Something said, shown or asked on a service. A content field and `audience.age_band` are enough; the rest has honest defaults."""

    id: str = ""
    at: dt.datetime | None = None
    kind: Kind = "message"
    surface: Surface = "dm"
    thread: str = ""
    relationship: Relationship = "unknown"
    language: str | None = None
    actor: Actor = Actor()
    audience: Audience = Audience()
    text: str = ""
    links: list[str] = []
    media: list[Media] = []


class Evidence(msgspec.Struct, frozen=True):
    """Where in the text a harm was found: code points [start, end)."""

    harm: str
    start: int
    end: int


class Factor(msgspec.Struct, frozen=True):
    """What spoke for `contact.grooming`: weight in log-odds, and one sentence for a moderator."""

    code: str
    weight: float
    say: str


class Reason(msgspec.Struct, frozen=True):
    """The rule that decided, in words for the child and for the adult."""

    rule: str
    child: str
    adult: str


class Help(msgspec.Struct, frozen=True):
    """A place where help is."""

    name: str
    phone: str


class Shadow(msgspec.Struct, frozen=True):
    """A rule that is tried out: recorded, not applied."""

    rule: str
    action: Action


class Decision(msgspec.Struct, frozen=True):
    """What to do with an event, and why."""

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


_decoder = msgspec.json.Decoder(Event)
_CHOICES = {"age_band": AgeBand, "assurance": Assurance, "kind": Kind, "surface": Surface, "relationship": Relationship}


def _words(error: msgspec.ValidationError) -> str:
    said = str(error)
    choices = _CHOICES.get(said.rpartition(".")[2].rstrip("`")) if said.startswith("Invalid enum value") else None
    if choices is None:
        return f"{said}. See docs/api.md for the fields of an event."
    return f"{said}: give one of {', '.join(get_args(choices))}."


def _check(event: Event) -> Event:
    if len(event.text) > MAX_TEXT:
        raise InvalidEventError(f"`text` has {len(event.text)} characters, the limit is {MAX_TEXT}: send it in parts.")
    if not (event.text or event.links or event.media or event.kind in ("contact_request", "group_add")):
        raise InvalidEventError("Nothing to screen: give `text`, `links` or `media`.")
    if event.at is not None and event.at.tzinfo is None:
        raise InvalidEventError("`at` has no time zone: write it like 2026-11-23T18:00:00Z.")
    return event


def parse(body: bytes | str) -> Event:
    """Reads an event from JSON; raises InvalidEventError that names the field."""
    try:
        return _check(_decoder.decode(body))
    except msgspec.ValidationError as error:
        raise InvalidEventError(_words(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidEventError(f"Not JSON: {error}.") from error


def from_dict(data: dict[str, Any]) -> Event:
    """The same from a dictionary."""
    try:
        return _check(msgspec.convert(data, Event))
    except msgspec.ValidationError as error:
        raise InvalidEventError(_words(error)) from error


def schemas() -> dict[str, Any]:
    """JSON Schema of Event and Decision, with their components."""
    (event, decision), components = msgspec.json.schema_components([Event, Decision], ref_template="#/components/schemas/{name}")
    return {"event": event, "decision": decision, "components": components}
