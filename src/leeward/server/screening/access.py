"""What may be read of screening by other rooms: what is known of an account, without a word that was written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import msgspec
from django.db.models import Q

from leeward.engine import harms
from leeward.server.core import crypto
from leeward.server.core.hooks import Alert, Remark
from leeward.server.screening.models import DecisionRecord

MOST = 50


def known_of(service_id: int, ref: str) -> list[Remark]:
    """The newest decisions other than allow about what an account sent or was sent, each in a sentence."""
    key = crypto.keyed_hash("ref", str(service_id), ref)[:16]
    found = (
        DecisionRecord.objects.filter(Q(actor=key) | Q(audience=key), service_id=service_id).exclude(action="allow").order_by("-at")[:MOST]
    )
    return [Remark(row.at, _says(row, bytes(row.actor) == key), row.harm) for row in found]


def events_of(service_id: int, events: Collection[str]) -> list[Remark]:
    """What was decided about events of a service, each in a sentence."""
    found = DecisionRecord.objects.filter(service_id=service_id, event__in=list(events)[:MOST]).order_by("at")[:MOST]
    return [Remark(row.at, f"{row.event}: {_says(row, True)}", row.harm) for row in found]


STOPPED = ("warn", "blur", "hold", "block", "escalate")
SEVERE = frozenset({"hold", "block", "escalate"})
STATE_OF_MIND = frozenset({"content.self_harm", "content.eating_disorder"})
"""Nobody is told of these but the child itself: they lead to support, never to an alert."""


def alerts_of(service_id: int, ref: str, since: dt.datetime) -> list[Alert]:
    """How often something was sent to a child that was not simply let through, by kind."""
    key = crypto.keyed_hash("ref", str(service_id), ref)[:16]
    rows = DecisionRecord.objects.filter(service_id=service_id, at__gte=since, audience=key, action__in=STOPPED).values_list(
        "at", "harm", "action"
    )
    kinds = [
        (at, harms.BY_CODE[harm].alliance_3c, action) for at, harm, action in rows if harm in harms.BY_CODE and harm not in STATE_OF_MIND
    ]
    return [Alert(at, kind, action in SEVERE) for at, kind, action in kinds if kind]


def _says(row: DecisionRecord, sent: bool) -> str:
    harm = harms.BY_CODE[row.harm].name if row.harm in harms.BY_CODE else row.harm
    details = msgspec.msgpack.decode(bytes(row.details))
    score = details["scores"].get(row.harm)
    how_sure = f", score {score:.2f}" if score is not None else ""
    side = f"sent to {row.audience_band}" if sent else f"received from {row.actor_band}"
    return f"{row.action}: {harm} ({side}, {row.relationship}{how_sure})"
