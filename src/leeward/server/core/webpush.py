"""Web push (RFC 8030) with VAPID (RFC 8292): the server's key pair is derived from its secret, so that it needs no setting."""

from __future__ import annotations

import base64
import functools
import io
import ipaddress
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from webpush import WebPush, WebPushSubscription

from leeward.server import environment
from leeward.server.core import crypto, sending

LIFE_SECONDS = 3 * 24 * 3600
"""How long a push service keeps a message for a device that is off."""
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


@functools.cache
def _key(raw: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(raw, "big") % (_ORDER - 1) + 1, ec.SECP256R1())


def public_key() -> str:
    """The key that a browser subscribes with (`applicationServerKey`), base64url without padding."""
    point = _key(crypto.key_for("web push")).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def is_endpoint(url: str) -> bool:
    """Whether a push may be sent there: a public https host, never an address inside one's own network."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        inside = not ipaddress.ip_address(host).is_global
    except ValueError:
        inside = "." not in host or host.endswith((".local", ".internal", ".localhost"))
    return parts.scheme == "https" and not inside and not parts.username


def request_for(subscription: str, payload: str) -> tuple[str, bytes, dict[str, str]]:
    """(endpoint, encrypted body, headers) of a push."""
    key = _key(crypto.key_for("web push"))
    private = io.BytesIO(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = io.BytesIO(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    sender = WebPush(private, public, subscriber=environment.get("LEEWARD_CONTACT", "leeward@localhost.invalid"), ttl=LIFE_SECONDS)
    to = WebPushSubscription.model_validate_json(subscription)
    message = sender.get(payload, to)
    return str(to.endpoint), message.encrypted, dict(message.headers)


def send(subscription: str, payload: str) -> None:
    """Sends one push; raises httpx.HTTPError where the push service does not take it."""
    endpoint, body, headers = request_for(subscription, payload)
    sending.post(endpoint, content=body, headers=headers).raise_for_status()
