"""What one person tells, as it is sealed: read and written here alone."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from leeward.server.core import crypto

PURPOSE = "report"
MAX_TEXT = 5_000
MAX_LINE = 400
MAX_EVENTS = 50


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where it happened: a link, the name somebody shows, the service's own ref of the account, or the name of another app."""

    link: str = ""
    username: str = ""
    ref: str = ""
    app: str = ""


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything that a person told."""

    about: Literal["me", "friend", "seen", "unsure"] = "me"
    band: Literal["0-5", "6-9", "10-12", "13-15", "16-17", "adult", "unknown"] = "unknown"
    child: str = ""
    """The band of the child concerned, where that is not the one who tells; '' where it is."""
    harm: str = ""
    danger: bool = False
    country: str = ""
    language: str = "en"
    service_id: int | None = None
    place: Place = Place()
    text: str = ""
    events: list[str] = []
    reporter_ref: str = ""
    channel: Literal["none", "receipt", "mail", "push", "service"] = "receipt"
    mail: str = ""
    push: dict[str, Any] = {}
    no_guardian: bool = False
    source: Literal["child", "service", "adult", "flagger"] = "child"
    name: str = ""
    """Of an adult or a trusted flagger; may stay empty for offences against children (DSA Art. 16(2)(c))."""
    law: str = ""
    """Why an adult or a flagger thinks it illegal."""


def seal(value: Any) -> bytes:
    """Encrypts a value."""
    return crypto.encrypt(PURPOSE, msgspec.msgpack.encode(value))


def open_told(sealed: bytes | memoryview) -> Told:
    """What was told; an empty one where it was erased."""
    if not sealed:
        return Told(channel="none")
    return msgspec.msgpack.decode(crypto.decrypt(PURPOSE, bytes(sealed)), type=Told)


def open_text(sealed: bytes | memoryview) -> str:
    """A sealed text; '' for none."""
    return msgspec.msgpack.decode(crypto.decrypt(PURPOSE, bytes(sealed)), type=str) if sealed else ""


def child_band(report: Told) -> str:
    """The band of the child concerned. An adult who tells of somebody else without an age tells of a child of unknown age."""
    if report.child:
        return report.child
    return "unknown" if report.band == "adult" and report.about != "me" else report.band


def target_key(service_id: int | None, place: Place) -> bytes | None:
    """Keyed hash of the account or content that is meant, the same for everybody who means it.

    None where nothing was named, or a name without its service or app: “Max” of two children is two people.
    """
    where = str(service_id) if service_id else place.app.strip().casefold()
    for kind, value in (("ref", place.ref), ("name", place.username), ("link", place.link)):
        is_whole = kind == "link" and "." in value and "/" in value
        if value.strip() and (where or is_whole):
            return crypto.keyed_hash("target", where, kind, value.strip().casefold().removeprefix("@").rstrip("/"))[:20]
    return None


def person_key(service_id: int, ref: str) -> bytes:
    """Keyed hash of a service's user."""
    return crypto.keyed_hash("person", str(service_id), ref)[:20]
