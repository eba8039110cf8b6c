"""Signed age credentials: a JWT, or an SD-JWT VC with what its holder chose to show. Of both only band, level and issuer are kept.

A JWT (RFC 7519) carries our nonce itself. An SD-JWT (RFC 9901) is `jwt~disclosure~…~key-binding-jwt`: the holder signs our nonce and
audience, and a hash of what is shown, with the key that the issuer named in `cnf`. Revocation is read from the issuer's Token Status List.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt

ALGORITHMS = ["ES256", "ES384", "EdDSA", "RS256", "PS256"]
MAX_LENGTH = 20_000
MAX_LIST_BYTES = 8_000_000
TIMEOUT_SECONDS = 5.0
Keys = Callable[[str], list[dict[str, Any]]]
"""issuer -> its public keys (JWK); empty for an issuer that is not trusted."""


class Refused(ValueError):
    """The credential proves nothing here; the message says why."""


def _part(text: str) -> Any:
    try:
        return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError as error:
        raise Refused("It cannot be read: a part is not base64url of JSON.") from error


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def _checked(token: str, keys: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    """The claims of a JWT, if one of the keys signed it; expiry and not-before are checked."""
    kid = jwt.get_unverified_header(token).get("kid")
    fitting = [key for key in keys if kid is None or key.get("kid") in (None, kid)]
    wrong = "No key of the issuer fits."
    for key in fitting:
        try:
            claims: dict[str, Any] = jwt.decode(token, jwt.PyJWK(key).key, algorithms=ALGORITHMS, leeway=60, **options)
            return claims
        except jwt.ExpiredSignatureError as error:
            raise Refused("It has expired.") from error
        except (jwt.InvalidTokenError, jwt.PyJWKError) as error:
            wrong = str(error)
    raise Refused(f"The signature does not hold: {wrong}")


def _shown(claims: Mapping[str, Any], disclosures: list[str]) -> dict[str, Any]:
    """The claims with what was disclosed, each of which the issuer has to have hashed into the JWT."""
    if claims.get("_sd_alg", "sha-256") != "sha-256":
        raise Refused("Its hash is not SHA-256.")
    by_digest = {_digest(text): _part(text) for text in disclosures}

    def opened(node: Any) -> Any:
        if not isinstance(node, dict):
            return node
        found = {name: opened(value) for name, value in node.items() if name not in ("_sd", "_sd_alg")}
        for digest in node.get("_sd", []):
            item = by_digest.pop(digest, None)
            if isinstance(item, list) and len(item) == 3 and item[1] not in found:
                found[str(item[1])] = opened(item[2])
        return found

    result: dict[str, Any] = opened(dict(claims))
    if by_digest:
        raise Refused("It shows something that the issuer did not sign.")
    return result


def _bound(claims: Mapping[str, Any], whole: str, binding: str, nonce: str, audience: str) -> None:
    """Checks that the holder of the credential answers to our nonce, here and now."""
    key = (claims.get("cnf") or {}).get("jwk")
    if not binding or not isinstance(key, dict):
        raise Refused("It is not bound to its holder: a key binding JWT is needed.")
    if jwt.get_unverified_header(binding).get("typ") != "kb+jwt":
        raise Refused("The last part is no key binding JWT.")
    said = _checked(binding, [key], audience=audience, options={"require": ["iat", "aud", "nonce", "sd_hash"]})
    if said["nonce"] != nonce or said["sd_hash"] != _digest(whole):
        raise Refused("It was made for another request.")


def read(credential: str, nonce: str, audience: str, keys: Keys) -> tuple[dict[str, Any], str]:
    """(claims, issuer) of a credential that holds; raises Refused. Revocation is not looked at: see `is_revoked`."""
    if len(credential) > MAX_LENGTH:
        raise Refused(f"It is longer than {MAX_LENGTH} characters.")
    token, *rest = credential.strip().split("~")
    try:
        issuer = str(jwt.decode(token, options={"verify_signature": False}).get("iss", ""))
        trusted = keys(issuer)
        if not trusted:
            raise Refused(f"The issuer {issuer or 'is not named and'} is not trusted here.")
        claims = _checked(token, trusted, options={"require": ["exp", "iss"], "verify_aud": not rest}, audience=None if rest else audience)
        if rest:
            whole = credential.strip()[: len(credential.strip()) - len(rest[-1])]
            _bound(claims, whole, rest[-1], nonce, audience)
            return _shown(claims, rest[:-1]), issuer
    except jwt.InvalidTokenError as error:
        raise Refused(f"It cannot be read: {error}.") from error
    if claims.get("nonce") != nonce:
        raise Refused("It was made for another request.")
    return claims, issuer


def is_revoked(claims: Mapping[str, Any], issuer: str, keys: Keys) -> bool:
    """Whether the issuer's Token Status List says so. A list that cannot be read is a refusal: nobody is verified by silence."""
    entry = (claims.get("status") or {}).get("status_list")
    if entry is None:
        return False
    uri, place = str(entry.get("uri", "")), entry.get("idx")
    if urlsplit(uri).scheme != "https" or urlsplit(uri).hostname != urlsplit(issuer).hostname or not isinstance(place, int) or place < 0:
        raise Refused("Its status list is not one of its issuer.")
    try:
        answer = httpx.get(uri, headers={"Accept": "application/statuslist+jwt"}, timeout=TIMEOUT_SECONDS, follow_redirects=False)
        answer.raise_for_status()
        told = _checked(answer.text.strip(), keys(issuer), options={"verify_aud": False})["status_list"]
        packed = base64.urlsafe_b64decode(told["lst"] + "=" * (-len(told["lst"]) % 4))
        statuses, bits = zlib.decompressobj().decompress(packed, MAX_LIST_BYTES), int(told["bits"])
        per_byte = 8 // bits
        return (statuses[place // per_byte] >> (place % per_byte) * bits) & ((1 << bits) - 1) != 0
    except (httpx.HTTPError, KeyError, ValueError, IndexError, TypeError, ZeroDivisionError, zlib.error, jwt.InvalidTokenError) as error:
        raise Refused(f"Whether it was revoked cannot be known: {type(error).__name__}.") from error
