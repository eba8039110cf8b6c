"""Who may see which keys and services."""

from __future__ import annotations

import msgspec
from django.db.models import QuerySet
from django.http import Http404

from leeward.server.core import crypto, outbox
from leeward.server.core.models import OutboxMessage
from leeward.server.people.actions import FLAGGER_PURPOSE, WEBHOOK_PURPOSE
from leeward.server.people.models import ApiKey, Flagger, Service, Staff


def services_of(staff: Staff) -> QuerySet[Service]:
    """The services of the organisation of a member of staff."""
    return Service.objects.filter(organisation_id=staff.organisation_id).order_by("name")


def keys_of(staff: Staff) -> QuerySet[ApiKey]:
    """The keys that a member of staff may see: none, unless the role manages keys."""
    if staff.role not in Staff.MANAGES_KEYS:
        return ApiKey.objects.none()
    return ApiKey.objects.filter(service__organisation_id=staff.organisation_id).select_related("service").order_by("-created_at")


def key_for(staff: Staff, key_id: str) -> ApiKey:
    """One key; Http404 for what does not exist as for what may not be seen."""
    key = keys_of(staff).filter(pk=key_id).first()
    if key is None:
        raise Http404
    return key


def deliveries_of(staff: Staff) -> QuerySet[OutboxMessage]:
    """The newest webhooks to the services of one's organisation; none, unless the role manages keys."""
    if staff.role not in Staff.MANAGES_KEYS:
        return OutboxMessage.objects.none()
    urls = services_of(staff).exclude(webhook_url="").values_list("webhook_url", flat=True)
    return OutboxMessage.objects.filter(channel=OutboxMessage.Channel.WEBHOOK, target__in=list(urls)).order_by("-created_at")


def kind_of(message: OutboxMessage) -> str:
    """The type of a webhook."""
    body: dict[str, str] = msgspec.json.decode(crypto.decrypt(outbox.PURPOSE, bytes(message.body)))
    kind: str = msgspec.json.decode(body["payload"])["type"]
    return kind


class Webhook(msgspec.Struct, frozen=True):
    """Where and with which secret a service is told."""

    url: str
    secret: str


def webhook_of(service_id: int) -> Webhook | None:
    """A service's webhook; None where it has none."""
    row = Service.objects.filter(pk=service_id).exclude(webhook_url="").values_list("webhook_url", "webhook_secret").first()
    return Webhook(row[0], crypto.decrypt(WEBHOOK_PURPOSE, bytes(row[1])).decode()) if row else None


def service(service_id: int) -> Service:
    """A service by its id, which comes from a key."""
    return Service.objects.get(pk=service_id)


def flagger_of(code: str) -> Flagger | None:
    """The trusted flagger with this code; None where there is none or it has ended."""
    return Flagger.objects.filter(code_hash=crypto.keyed_hash(FLAGGER_PURPOSE, code.strip()), ended_at=None).first()
