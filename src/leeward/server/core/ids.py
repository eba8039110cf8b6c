"""Identifiers that sort by time and tell nothing but the time."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, as in ULID
LENGTH = 26


def new(prefix: str) -> str:
    """`prefix_` and a ULID: 48 bits of milliseconds, 80 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return f"{prefix}_{''.join(_ALPHABET[(value >> 5 * place) & 31] for place in range(LENGTH - 1, -1, -1))}"
