"""How old somebody is, as platforms and signed credentials say it. Pure; of what is not known the youngest plausible band is taken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from leeward.server.people.models import AgeBand, Assurance

FROM: tuple[tuple[int, AgeBand], ...] = (
    (0, AgeBand.UNDER_6), (6, AgeBand.FROM_6), (10, AgeBand.FROM_10), (13, AgeBand.FROM_13), (16, AgeBand.FROM_16), (18, AgeBand.ADULT),
)  # fmt: skip
"""Years from which a band holds."""
OLDEST = 130
_OVER = re.compile(r"age_over_(\d{1,3})")
APPLE: dict[str, Assurance] = {
    "selfDeclared": Assurance.SELF, "guardianDeclared": Assurance.GUARDIAN, "guardianCheckedByOtherMethod": Assurance.VERIFIED,
    "guardianGovernmentIDChecked": Assurance.VERIFIED, "guardianPaymentChecked": Assurance.VERIFIED,
    "checkedByOtherMethod": Assurance.VERIFIED,
    "governmentIDChecked": Assurance.VERIFIED, "paymentChecked": Assurance.VERIFIED,
}  # fmt: skip
"""Apple's `ageRangeDeclaration` (Declared Age Range). What is not in this list counts as self-declared."""
GOOGLE: dict[str, Assurance] = {
    "VERIFIED": Assurance.VERIFIED, "SUPERVISED": Assurance.GUARDIAN, "SUPERVISED_APPROVAL_PENDING": Assurance.GUARDIAN,
    "SUPERVISED_APPROVAL_DENIED": Assurance.GUARDIAN,
}  # fmt: skip
"""Google's `userStatus` (Play Age Signals). Anything else says nothing."""


def band_of(years: int) -> AgeBand:
    """The band of an age in years."""
    return next(band for since, band in reversed(FROM) if years >= since)


def from_bounds(at_least: int | None, youngest: str) -> str:
    """The youngest band in which somebody of at least this age can be; nobody is younger than a service's youngest."""
    if at_least is None:
        return youngest
    order = list(AgeBand.values)
    return max(band_of(at_least), AgeBand(youngest), key=order.index)


def from_platform(name: str, said: Mapping[str, Any], youngest: str) -> tuple[str, str] | None:
    """(band, assurance) of what an operating system or store told the app; None where it tells nothing.

    Apple: `lowerBound` is missing below the lowest gate. Google: `ageLower` is missing for a verified adult. Upper bounds are not needed:
    the youngest that somebody can be is what protects.
    """
    if name == "apple":
        if said.get("lowerBound") is None and said.get("upperBound") is None:
            return None
        return from_bounds(said.get("lowerBound"), youngest), APPLE.get(str(said.get("ageRangeDeclaration")), Assurance.SELF)
    status = str(said.get("userStatus"))
    if status not in GOOGLE:
        return None
    lower = said.get("ageLower")
    if lower is None and status == "VERIFIED" and said.get("ageUpper") is None:
        lower = 18
    return from_bounds(lower, youngest), GOOGLE[status]


def from_claims(claims: Mapping[str, Any], youngest: str) -> str | None:
    """The band that a credential proves; None where it proves none.

    It reads `age_over_N` (as in ISO 18013-5), `age_equal_or_over: {"N": true}` (as in the EU's PID) and `age_range: {"min": …, "max": …}`.
    """
    over: dict[int, bool] = {}
    for name, value in claims.items():
        match = _OVER.fullmatch(name)
        if match and isinstance(value, bool):
            over[int(match.group(1))] = value
    nested = claims.get("age_equal_or_over")
    if isinstance(nested, Mapping):
        over |= {int(years): value for years, value in nested.items() if str(years).isdigit() and isinstance(value, bool)}
    span = claims.get("age_range")
    least = span.get("min") if isinstance(span, Mapping) else None
    proven = [years for years, holds in over.items() if holds and years <= OLDEST]
    if isinstance(least, int) and not isinstance(least, bool) and 0 <= least <= OLDEST:
        proven.append(least)
    if not proven and not any(value is False for value in over.values()):
        return None
    return from_bounds(max(proven, default=None), youngest)
