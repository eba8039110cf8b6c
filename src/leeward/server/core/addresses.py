"""Addresses that this server sends to, set by people: checked when they are set, so that nothing breaks when something is sent."""

from __future__ import annotations

from urllib.parse import urlsplit

HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def may_send_to(url: str) -> bool:
    """Whether an address can be sent to: https with a host and a possible port, or http on this very machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.username or any(character.isspace() for character in url):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in HERE)
