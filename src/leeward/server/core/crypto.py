"""Keys derived from the one secret, each for one purpose; keyed hashes; encryption at rest."""

from __future__ import annotations

import base64
import functools
import hmac

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class DecryptionError(ValueError):
    """The data was encrypted with another secret, or was changed."""


@functools.cache
def _derive(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"leeward {purpose}".encode()).derive(secret.encode())


def key_for(purpose: str) -> bytes:
    """32 bytes for one purpose (HKDF, RFC 5869)."""
    return _derive(settings.SECRET_KEY, purpose)


def keyed_hash(purpose: str, *parts: str) -> bytes:
    """HMAC-SHA-256 over parts that cannot run into each other."""
    encoded = [part.encode() for part in parts]
    message = b"".join([len(part).to_bytes(4, "big") + part for part in encoded])
    return hmac.digest(key_for(purpose), message, "sha256")


def encrypt(purpose: str, data: bytes) -> bytes:
    """Encrypts and authenticates."""
    return Fernet(base64.urlsafe_b64encode(key_for(purpose))).encrypt(data)


def decrypt(purpose: str, token: bytes) -> bytes:
    """Undoes `encrypt`; raises DecryptionError."""
    try:
        return Fernet(base64.urlsafe_b64encode(key_for(purpose))).decrypt(token)
    except InvalidToken as error:
        raise DecryptionError("The data cannot be decrypted: LEEWARD_SECRET_KEY has changed, or the data was altered.") from error
