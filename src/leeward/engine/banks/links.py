"""Links: found in a text, brought to one form, and cut into the host suffixes and path prefixes that a bank may name.

The form follows the ideas of Safe Browsing's canonicalisation: lower-case host without `www.`, punycode, no port, user, fragment or
tracking parameter, percent-encoding undone where it hides plain letters.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

MAX_LINKS = 20
MAX_LENGTH = 2048
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'`]+|(?<![\w@./-])(?:[\w-]{1,63}\.){1,4}[a-z]{2,12}(?:/[^\s<>\"'`]*)?(?![\w@])", re.IGNORECASE
)
_TRACKING = re.compile(r"^(utm_\w+|fbclid|gclid|igshid|mc_[ce]id|ref|ref_src|si|spm)$", re.IGNORECASE)
_TRAILING = ".,;:!?)]}'\"»"


def find(text: str) -> list[str]:
    """The links that a text shows, also without a scheme. Leaves e-mail addresses alone."""
    if "." not in text:
        return []
    return [match.group().rstrip(_TRAILING) for match in _LINK.finditer(text)][:MAX_LINKS]


def _host(raw: str) -> str:
    host = unquote(raw).strip(".").lower()
    host = re.sub(r"\.{2,}", ".", host)
    if not host.isascii():
        with contextlib.suppress(UnicodeError):  # not a valid international name: it is compared as it stands
            host = host.encode("idna").decode("ascii")
    return "".join(host.split()).removeprefix("www.")


def normalise(link: str) -> str:
    """`host/path?query` in one form; '' if the link has no host."""
    link = re.sub(r"[\t\r\n\s]", "", link)[:MAX_LENGTH]
    if "://" not in link:
        link = f"http://{link}"
    try:
        parts = urlsplit(link.replace("\\", "/"))
        host = _host(parts.hostname or "")
    except ValueError:
        return ""
    if not host:
        return ""
    path = re.sub(r"/{2,}", "/", unquote(parts.path)) or "/"
    query = urlencode([(key, value) for key, value in parse_qsl(parts.query) if not _TRACKING.match(key)])
    return f"{host}{path}?{query}" if query else f"{host}{path}"


def keys(normal: str) -> Iterator[str]:
    """All that a bank may have listed to catch this link, the most exact first: the link itself, its path prefixes, its host and the
    host's suffixes of at least two labels."""
    host, _, rest = normal.partition("/")
    labels = host.split(".")
    is_address = labels[-1].isdigit()
    hosts = [host] if is_address else [".".join(labels[i:]) for i in range(max(1, len(labels) - 1))]
    path, _, query = rest.partition("?")
    steps = [step for step in path.split("/") if step][:6]
    for name in hosts[:6]:
        if query:
            yield f"{name}/{path}?{query}"
        for count in range(len(steps), 0, -1):
            yield f"{name}/{'/'.join(steps[:count])}"
        yield name


def signal_key(value: str) -> str:
    """The key under which a bank keeps a link that it lists."""
    normal = normalise(value)
    host, _, rest = normal.partition("/")
    if not rest:
        return host
    path, mark, query = rest.partition("?")
    return f"{host}/{path.strip('/')}{mark}{query}" if not mark else f"{host}/{path}?{query}"
