"""Indicators and what was observed: signed by the tools, uploaded, or typed. The three look different wherever they are shown."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import math
from dataclasses import dataclass

import httpx
from django.db import transaction

from leeward.server.core import audit, clock, crypto, indicators, outbox, sending, signing
from leeward.server.core.addresses import may_send_to
from leeward.server.core.models import OutboxMessage
from leeward.server.core.problems import Problem
from leeward.server.people.models import Service
from leeward.server.register import bundle as bundles
from leeward.server.register.actions.common import NotPossible, actor, inside, needs, own, same_alliance, today
from leeward.server.register.models import Bundle, Commitment, Feed, Indicator, Member, Observation, Pull, Seat, SigningKey

PULL_PURPOSE = "register pull"
TIMEOUT_SECONDS = 10.0
MAX_UPLOAD = 200_000
COLUMNS = ["period_start", "period_end", "value", "denominator", "unit"]


@dataclass(frozen=True, slots=True)
class Definition:
    """What an indicator is."""

    code: str
    title: str
    kind: str = Indicator.Kind.NUMBER
    unit: str = ""
    denominator: str = ""
    direction: str = "none"
    geography: str = "EU"
    suppression: str = "Counts below 5 are not shown."
    tool: str = ""
    by: str = ""  # "level=critical, statistic=median"
    every_months: int = 1


def split_by(text: str) -> dict[str, str]:
    """`level=critical, statistic=median` as a dictionary."""
    parts = [part.partition("=") for part in text.split(",") if part.strip()]
    if any(not mark for _, mark, _ in parts):
        raise NotPossible("Write which of the tool’s values it is as name=value, for example: level=critical, statistic=median")
    return {name.strip(): value.strip() for name, _, value in parts}


@transaction.atomic
def define(seat: Seat, definition: Definition, commitments: list[Commitment]) -> Indicator:
    """A new indicator of one's member, tied to commitments. Bound to a tool, it takes that tool's unit."""
    needs(seat, Seat.Role.EDITOR)
    member = seat.member
    if member is None:
        raise NotPossible("Your seat belongs to no member.")
    inside(member)
    tool = indicators.REGISTRY.get(definition.tool)
    if definition.tool and tool is None:
        raise NotPossible(f"{definition.tool!r} is not an indicator of the tools; see docs/indicators.md.")
    if tool is not None and definition.unit and definition.unit != tool.unit:
        raise NotPossible(f"{definition.tool} is measured in {tool.unit}, not in {definition.unit}.")
    if any(commitment.member_id != member.pk for commitment in commitments):
        raise NotPossible("One of the commitments belongs to another member.")
    if definition.kind == Indicator.Kind.NUMBER and not (definition.unit or tool):
        raise NotPossible("A number needs a unit.")
    if member.indicators.filter(code=definition.code).exists():
        raise NotPossible(f"There is an indicator {definition.code} already.")
    made = Indicator.objects.create(
        member=member, code=definition.code, title=definition.title, kind=definition.kind, unit=tool.unit if tool else definition.unit,
        denominator=definition.denominator, direction=tool.direction if tool else definition.direction, geography=definition.geography,
        suppression=definition.suppression, tool=definition.tool, by=split_by(definition.by), every_months=definition.every_months,
    )  # fmt: skip
    made.commitments.set(commitments)
    audit.record(actor(seat), "register.indicator", f"indicator:{made.pk}", tool=made.tool)
    return made


@transaction.atomic
def add_key(seat: Seat, name: str, public: str) -> SigningKey:
    """A public key of one's tools (`GET /v1/register/key` prints it)."""
    needs(seat, Seat.Role.EDITOR)
    if seat.member is None:
        raise NotPossible("Your seat belongs to no member.")
    if not signing.is_public_key(public):
        raise NotPossible("That is not a public key: 32 bytes in base64, 44 characters. `leeward register key` prints it.")
    if SigningKey.objects.filter(public=public, revoked_at=None, member__alliance=seat.alliance).exclude(member=seat.member).exists():
        raise NotPossible("Another member signs with that key: a key speaks for one member.")
    if SigningKey.objects.filter(public=public, member=seat.member).exists():
        raise NotPossible("That key stands here already.")
    key = SigningKey.objects.create(member=seat.member, name=name, public=public, created_at=clock.now())
    audit.record(actor(seat), "register.key", f"key:{key.pk}")
    return key


@transaction.atomic
def revoke_key(seat: Seat, key: SigningKey) -> None:
    """Ends a key. What was signed with it before stays."""
    needs(seat, Seat.Role.EDITOR)
    own(seat, key.member)
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        key.save(update_fields=["revoked_at"])
        audit.record(actor(seat), "register.key_revoked", f"key:{key.pk}")


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a bundle."""

    sha256: str
    accepted: int
    unbound: int  # values to which no indicator of the member is bound
    known: bool  # it had come before, and nothing changed


@transaction.atomic
def receive(body: bytes, public: str, signature: str) -> Received:
    """Takes a signed bundle: the signature, the member, the order and the units are checked, then every bound value is kept.

    The same bundle again changes nothing. A bundle that is older than what came for its period, or whose signature does not hold,
    is refused;
    so is one in which a bound value has another unit, as a whole.
    """
    try:
        bundle = bundles.read(body, clock.now())
    except bundles.NotABundle as error:
        raise Problem("bundle_invalid", str(error)) from error
    key = SigningKey.objects.select_related("member__alliance").filter(
        public=public, revoked_at=None, member__slug=bundle.member, member__alliance__slug=bundle.alliance
    ).first()  # fmt: skip
    if key is None or not signing.holds(body, signature, public):
        raise Problem("signature_wrong")
    if key.member.state not in Member.INSIDE:
        raise Problem("bundle_invalid", f"{key.member.name} is not a member of {bundle.alliance}.")
    sha256 = hashlib.sha256(body).hexdigest()
    if Bundle.objects.filter(sha256=sha256).exists():
        return Received(sha256, 0, 0, True)
    period = {"bundle__key__member": key.member, "period_start": bundle.start}
    if Observation.objects.filter(**period, bundle__made_at__gte=bundle.made_at).exists():
        raise Problem("bundle_replayed", f"A newer bundle for the period from {bundle.start} has come already.")
    row = Bundle.objects.create(key=key, sha256=sha256, body=body, signature=signature, made_at=bundle.made_at, received_at=clock.now())
    kept = _keep(row, bundle, key.member)
    audit.record(f"key:{key.pk}", "register.bundle", f"member:{key.member_id}", sha256=sha256, accepted=kept)
    return Received(sha256, kept, len(bundle.observations) - kept, False)


def _keep(row: Bundle, bundle: bundles.Bundle, member: Member) -> int:
    bound = {(item.tool, tuple(sorted(item.by.items()))): item for item in member.indicators.exclude(tool="")}
    made = []
    for found in bundle.observations:
        indicator = bound.get((found.indicator, tuple(sorted(found.by.items()))))
        if indicator is None:
            continue
        if indicator.unit != found.unit:
            raise Problem(
                "unit_differs", f"{found.indicator} comes in {found.unit}; the register keeps it in {indicator.unit}. Nothing was stored."
            )
        made.append(Observation(
            indicator=indicator, period_start=bundle.start, period_end=bundle.end, value=found.value, denominator=found.denominator,
            is_suppressed=found.suppressed, source=Observation.Source.TOOLS, method=str(found.version), bundle=row,
            received_at=row.received_at,
        ))  # fmt: skip
    Observation.objects.bulk_create(made)
    return len(made)


@dataclass(frozen=True, slots=True)
class Value:
    """A value that somebody typed or uploaded."""

    start: dt.date
    end: dt.date
    value: float | None = None
    denominator: int | None = None
    unit: str = ""
    narrative: str = ""
    note: str = ""


def _check_value(indicator: Indicator, value: Value) -> None:
    if value.value is not None and not math.isfinite(value.value):
        raise NotPossible("That is no number that can be drawn or compared.")
    if value.denominator is not None and not 0 <= value.denominator <= bundles.MOST:
        raise NotPossible("The denominator counts something: it is 0 or more.")
    if value.start > value.end or value.end > today():
        raise NotPossible(f"The period from {value.start} to {value.end} is not one: it begins before it ends, and not after today.")
    if indicator.kind == Indicator.Kind.NUMBER and value.value is None:
        raise NotPossible("A number is missing.")
    if indicator.kind == Indicator.Kind.NARRATIVE and not value.narrative.strip():
        raise NotPossible("A text is missing.")
    if value.unit and value.unit != indicator.unit:
        raise NotPossible(f"{indicator.title} is kept in {indicator.unit}, this is in {value.unit}: convert it first, then enter it again.")


@transaction.atomic
def enter(seat: Seat, indicator: Indicator, values: list[Value], source: str) -> int:
    """Values that the member typed or uploaded. All of them are kept, or none."""
    needs(seat, Seat.Role.EDITOR)
    own(seat, indicator.member)
    inside(indicator.member)
    if indicator.tool:
        raise NotPossible("This indicator is bound to the tools: its values come signed. Define another one for what you count by hand.")
    for value in values:
        _check_value(indicator, value)
    now = clock.now()
    Observation.objects.bulk_create(
        Observation(
            indicator=indicator, period_start=value.start, period_end=value.end, value=value.value, denominator=value.denominator,
            narrative=value.narrative, source=source, note=value.note, received_at=now,
        )
        for value in values
    )  # fmt: skip
    audit.record(actor(seat), "register.enter", f"indicator:{indicator.pk}", source=source, values=len(values))
    return len(values)


def read_upload(data: bytes) -> list[Value]:
    """Values from a CSV file with the columns period_start, period_end, value, denominator, unit. The error names the line."""
    if len(data) > MAX_UPLOAD:
        raise NotPossible(f"The file has more than {MAX_UPLOAD:,} bytes.")
    try:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    except UnicodeDecodeError as error:
        raise NotPossible("The file is not UTF-8: save it as “CSV UTF-8”.") from error
    if not rows or set(COLUMNS[:3]) - set(rows[0]):
        raise NotPossible(f"The first line has to name the columns: {', '.join(COLUMNS)}; then one value a line.")
    values = []
    for line, row in enumerate(rows, 2):
        if None in row:  # a decimal comma makes two fields of one number
            raise NotPossible(f"Line {line} has more fields than the first line. Numbers have a point, not a comma. Nothing was stored.")
        try:
            count = (row.get("denominator") or "").strip()
            values.append(Value(
                dt.date.fromisoformat(row["period_start"].strip()), dt.date.fromisoformat(row["period_end"].strip()),
                float(row["value"].strip()), int(count) if count else None, (row.get("unit") or "").strip(),
            ))  # fmt: skip
        except (ValueError, AttributeError) as error:
            raise NotPossible(
                f"Line {line} cannot be read ({error}). Days are YYYY-MM-DD, numbers have a point. Nothing was stored."
            ) from error
    return values


# -- the sending side


@transaction.atomic
def connect(service: Service, url: str, alliance: str, member: str, by: str) -> Feed:
    """From now on this server pushes what its tools measure for a service to a register."""
    if not may_send_to(url):
        raise NotPossible("A register is reached at an https:// address (http only on this machine).")
    feed, is_new = Feed.objects.get_or_create(service=service, url=url.rstrip("/"), alliance=alliance, member=member)
    if is_new:
        audit.record(by, "register.connect", f"feed:{feed.pk}", url=feed.url)
    return feed


def periods(day: dt.date) -> list[tuple[dt.date, dt.date]]:
    """The months to send: the running one up to today, and in its first week the one before it as a whole."""
    first = day.replace(day=1)
    before = first - dt.timedelta(days=1)
    return ([(before.replace(day=1), before)] if day.day <= 7 else []) + [(first, day)]


@transaction.atomic
def send_feed(feed: Feed) -> list[OutboxMessage]:
    """Puts the signed bundles of a feed into the outbox, which tries until they are taken."""
    sent = []
    for start, end in periods(today()):
        body = bundles.make(feed.alliance, feed.member, feed.service.name, feed.service_id, start, end)
        letter = {"payload": body.decode(), "key": signing.public_key(), "signature": signing.sign(body)}
        sent.append(outbox.put(OutboxMessage.Channel.REGISTER, f"{feed.url}/v1/register/observations", letter))
    feed.sent_at = clock.now()
    feed.save(update_fields=["sent_at"])
    audit.record("leeward", "register.feed", f"feed:{feed.pk}", bundles=len(sent))
    return sent


def deliver(message: OutboxMessage, body: dict[str, str]) -> None:
    """The outbox's sender. What was overtaken by a newer bundle counts as delivered: there is nothing left to say."""
    headers = {"Content-Type": "application/json", "Leeward-Key": body["key"], "Leeward-Signature": body["signature"]}
    answer = sending.post(message.target, content=body["payload"].encode(), headers=headers)
    if answer.status_code != 409:
        answer.raise_for_status()


# -- the asking side


@transaction.atomic
def ask_at(seat: Seat, member: Member, url: str, token: str) -> Pull:
    """The register fetches a member's bundle itself, with a key of scope `read` that the member gave."""
    needs(seat, Seat.Role.SECRETARIAT)
    same_alliance(seat, member.alliance_id)
    if not may_send_to(url):
        raise NotPossible("A member’s tools are reached at an https:// address.")
    pull = Pull.objects.create(member=member, url=url.rstrip("/"), token=crypto.encrypt(PULL_PURPOSE, token.encode()))
    audit.record(actor(seat), "register.pull", f"pull:{pull.pk}")
    return pull


def pull(source: Pull) -> Received | None:
    """Fetches one bundle. What goes wrong stands beside the source, for the secretariat to see."""
    parameters = {"alliance": source.member.alliance.slug, "member": source.member.slug}
    token = crypto.decrypt(PULL_PURPOSE, bytes(source.token)).decode()
    received, error = None, ""
    try:
        answer = httpx.get(
            f"{source.url}/v1/register/bundle", params=parameters, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
        ).raise_for_status()  # fmt: skip
        received = receive(answer.content, answer.headers.get("Leeward-Key", ""), answer.headers.get("Leeward-Signature", ""))
    except httpx.HTTPError as failure:
        error = f"{type(failure).__name__}: {failure}"[:300]
    except Problem as failure:
        error = str(failure)[:300]
    Pull.objects.filter(pk=source.pk).update(asked_at=clock.now(), error=error)
    return received


def every_hour() -> None:
    """Sends every feed and asks every source once a day; a feed that this server sends to itself more often, so that the demo is alive."""
    now = clock.now()
    for feed in Feed.objects.select_related("service"):
        if feed.sent_at is None or now - feed.sent_at >= dt.timedelta(hours=20 if feed.url.startswith("https://") else 0):
            send_feed(feed)
    for source in Pull.objects.select_related("member__alliance"):
        if source.asked_at is None or now - source.asked_at >= dt.timedelta(hours=20):
            pull(source)
