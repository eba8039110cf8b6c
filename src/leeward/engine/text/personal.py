"""Personal data by its form: phone numbers, e-mail addresses, bank accounts, street addresses. Helplines and emergency numbers pass.

Words around data ("my school is …") are the model's part; this finds what has a shape of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PHONE = re.compile(r"(?<![\w.,/#-])(?:\+|00)?\(?\d{1,4}\)?(?:[ ./-]?\(?\d{2,5}\)?){2,5}(?![\w/-]|[.,]\d)")
_EMAIL = re.compile(r"(?<![\w.])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,3}(?!\w)")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_STREET = re.compile(
    r"(?<!\w)(?:\d{1,4}[a-z]? (?:\w+ ){1,3}(?:street|road|avenue|lane|drive|close|crescent)"
    r"|\w+(?:stra(?:ß|ss)e|str\.|weg|gasse|allee|straat|laan|vej|gade) \d{1,4}[a-z]?"
    r"|\d{1,4},? (?:rue|avenue|boulevard|chemin|impasse) (?:d\w{1,3} )?\w+"
    r"|(?:calle|avenida|plaza|via|viale|corso|rua|travessa|strada|ulica|ul\.|str\.) (?:\w+ ){0,3}\w+,? (?:n[ºr.]* ?)?\d{1,4})(?!\w)",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_DATE = re.compile(r"^\(?\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_NEVER_PRIVATE = re.compile(r"^(?:\+\d{2})?0?(?:112|116\d{3}|1[1-9]\d|0?800\d+|900\d+|80[0-9]\d{6}|999|911)$")
MIN_DIGITS, MAX_DIGITS = 9, 15


@dataclass(frozen=True, slots=True)
class Personal:
    """A piece of personal data: what kind, where, and how sure its form makes us."""

    kind: str
    start: int
    end: int
    score: float


def _phones(text: str) -> Iterator[Personal]:
    for match in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        starts_like_phone = match.group().lstrip("(")[:1] in ("+", "0") or (match.group()[0] in "6789" and len(digits) == 9)
        if (
            starts_like_phone
            and MIN_DIGITS <= len(digits) <= MAX_DIGITS
            and not _DATE.match(match.group())
            and not _NEVER_PRIVATE.match(digits)
        ):
            yield Personal("phone", match.start(), match.end(), 0.92)


def find(text: str) -> list[Personal]:
    """Personal data in a text, in the order of kinds."""
    has_digit = _DIGIT.search(text) is not None
    found = list(_phones(text)) if has_digit else []
    if "@" in text:
        found += [Personal("email", match.start(), match.end(), 0.85) for match in _EMAIL.finditer(text)]
    if has_digit:
        found += [Personal("bank account", match.start(), match.end(), 0.9) for match in _IBAN.finditer(text)]
        found += [Personal("address", match.start(), match.end(), 0.7) for match in _STREET.finditer(text)]
    return found
