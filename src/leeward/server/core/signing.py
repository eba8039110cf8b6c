"""What leaves this server signed: Ed25519, with a key that is derived from the server's secret."""

from __future__ import annotations

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from leeward.server.core import crypto


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(crypto.key_for("signing"))


def public_key() -> str:
    """The public key, base64 of its 32 bytes."""
    return base64.b64encode(_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def sign(data: bytes) -> str:
    """The signature, base64 of its 64 bytes."""
    return base64.b64encode(_key().sign(data)).decode()


def holds(data: bytes, signature: str, key: str) -> bool:
    """Whether a signature is of this data by this key (both base64)."""
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True)).verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_public_key(key: str) -> bool:
    """Whether it is base64 of 32 bytes that are a key."""
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
    except ValueError:
        return False
    return True
