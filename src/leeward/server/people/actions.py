"""Every write about organisations, services, staff and keys."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from collections.abc import Collection

from django.contrib.auth import get_user_model
from django.db import transaction

from leeward.server.core import audit, clock, crypto
from leeward.server.core.addresses import may_send_to
from leeward.server.people.models import AgeBand, ApiKey, Flagger, Organisation, Service, Staff
from leeward.server.people.rules import unknown_scopes

KEY_PURPOSE = "api key"
WEBHOOK_PURPOSE = "webhook secret"
FLAGGER_PURPOSE = "flagger code"


class NotPossible(ValueError):
    """What was asked cannot be done; the message says what to do instead."""


@transaction.atomic
def create_service(organisation: str, name: str, youngest_band: str, actor: str, country: str = "") -> Service:
    """A service, and its organisation where that is new. A service that exists already is returned unchanged."""
    if youngest_band not in AgeBand.values or youngest_band == AgeBand.UNKNOWN:
        raise NotPossible(f"{youngest_band!r} is not an age band: use one of {', '.join(b for b in AgeBand.values if b != 'unknown')}.")
    now = clock.now()
    owner, _ = Organisation.objects.get_or_create(name=organisation, defaults={"country": country, "created_at": now})
    service, is_new = Service.objects.get_or_create(
        organisation=owner, name=name, defaults={"youngest_band": youngest_band, "created_at": now}
    )
    if is_new:
        audit.record(actor, "service.create", f"service:{service.pk}", youngest_band=youngest_band)
    return service


@transaction.atomic
def create_key(service: Service, name: str, scopes: Collection[str], actor: str, days: int | None = None) -> str:
    """Makes a key and returns it. It is shown this one time: only its keyed hash is stored."""
    wrong = unknown_scopes(scopes, ApiKey.Scope.values)
    if wrong or not scopes:
        raise NotPossible(f"Unknown scope {wrong[0]!r}." if wrong else f"A key needs a scope: {', '.join(ApiKey.Scope.values)}.")
    key_id = "".join(secrets.choice("0123456789abcdefghijkmnpqrstuvwxyz") for _ in range(12))
    secret = secrets.token_urlsafe(32)
    now = clock.now()
    ApiKey.objects.create(
        id=key_id, service=service, name=name, scopes=sorted(scopes), created_at=now,
        secret_hash=crypto.keyed_hash(KEY_PURPOSE, key_id, secret),
        expires_at=None if days is None else now + dt.timedelta(days=days),
    )  # fmt: skip
    audit.record(actor, "key.create", f"key:{key_id}", service=service.pk, scopes=sorted(scopes))
    return f"lw_{key_id}_{secret}"


@transaction.atomic
def revoke_key(key: ApiKey, actor: str) -> None:
    """Ends a key. Workers notice within ten seconds. Revoking twice changes nothing."""
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        key.save(update_fields=["revoked_at"])
        audit.record(actor, "key.revoke", f"key:{key.pk}")


@transaction.atomic
def set_webhook(service: Service, url: str, actor: str) -> str:
    """Sets where a service is told of holds and escalations; returns the signing secret, shown this one time."""
    if not may_send_to(url):
        raise NotPossible("A webhook goes to an https:// address (http only to this machine).")
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    service.webhook_url, service.webhook_secret = url, crypto.encrypt(WEBHOOK_PURPOSE, secret.encode())
    service.save(update_fields=["webhook_url", "webhook_secret"])
    audit.record(actor, "service.webhook", f"service:{service.pk}", url=url)
    return secret


@transaction.atomic
def create_staff(email: str, password: str, organisation: Organisation, role: str, actor: str) -> Staff:
    """A member of staff; the second factor is set up at the first sign-in."""
    if role not in Staff.Role.values:
        raise NotPossible(f"{role!r} is not a role: use one of {', '.join(Staff.Role.values)}.")
    users = get_user_model().objects
    if users.filter(email__iexact=email).exists():
        raise NotPossible(f"{email} is staff already.")
    user = users.create_user(username=email, email=email, password=password)
    staff = Staff.objects.create(user=user, organisation=organisation, role=role)
    audit.record(actor, "staff.create", f"staff:{staff.pk}", role=role)
    return staff


@transaction.atomic
def create_flagger(name: str, actor: str) -> str:
    """A trusted flagger; returns the code, shown this one time."""
    if Flagger.objects.filter(name=name).exists():
        raise NotPossible(f"{name} is a trusted flagger already.")
    code = secrets.token_urlsafe(18)
    flagger = Flagger.objects.create(name=name, code_hash=crypto.keyed_hash(FLAGGER_PURPOSE, code), created_at=clock.now())
    audit.record(actor, "flagger.create", f"flagger:{flagger.pk}")
    return code


@transaction.atomic
def set_operator(organisation: Organisation, actor: str) -> None:
    """Says that an organisation runs this server."""
    organisation.is_operator = True
    organisation.save(update_fields=["is_operator"])
    audit.record(actor, "organisation.operator", f"organisation:{organisation.pk}")
