"""The factors that speak for a risky relationship, each with one sentence for a moderator. Their weights stand in the policy.

What they look at follows public safety guidance on online grooming (many approaches, secrecy, moving away, pictures, meeting, pressure).
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from leeward.engine import harms
from leeward.engine.contact.state import DAY, ActorState, Side
from leeward.engine.events import MINOR_BANDS, Event, Factor

FACTORS: dict[str, str] = {
    "adult_to_child": "An adult writes to a child ({band}).",
    "older_by_far": "Is at least two age bands older than the child ({band}).",
    "unknown_age_to_child": "Gives no age and writes to a child ({band}).",
    "not_known_each_other": "The two do not know each other.",
    "new_account": "The account is {days} days old.",
    "many_new_minors": "Wrote to {today} children it does not know in one day, {week} in a week; {silent} did not answer.",
    "very_many_new_minors": "That is far more than people do who look for friends.",
    "few_answer": "Of {asked} children it wrote to, {answered} answered.",
    "asked_again_after_no": "Asked again after the child had said no.",
    "several_children_alike": "Asked {alike} children for the same things in the same weeks.",
    "child_night": "Writes when it is night where the child lives.",
    "writes_much_more": "Writes far more than the child answers.",
    "asked_private": "Asked the child's age or where it is.",
    "asked_secrecy": "Asked the child to keep it secret.",
    "asked_move": "Wanted to move to another app.",
    "asked_picture": "Asked the child for a picture or a video call.",
    "asked_meeting": "Wanted to meet the child.",
    "offered_gift": "Offered the child gifts or money.",
    "threatened_to_tell": "Put pressure on the child: do this, or else.",
    "many_intents": "Asked for {intents} different things that strangers should not ask of a child.",
    "fast_pace": "Did so within {minutes}.",
    "in_passing": "Such questions are rare in what is a long conversation.",
    "trusted_relationship": "The service says that they are {relationship}.",
    "verified_adult_of_school": "Is a verified adult of the school or the service.",
}
"""code -> sentence."""


class ContactWeights(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A policy's weights of the factors, in log-odds, and how fast all is forgotten."""

    bias: float
    weights: dict[str, float]
    half_life_days: float = 14


_ORDER = ("0-5", "6-9", "10-12", "13-15", "16-17", "adult")
_NEAR = frozenset({"family", "school", "staff"})
_ASKED = {
    "asked_private": ("contact.age_probe", "contact.location_probe"),
    "asked_secrecy": ("contact.secrecy",),
    "asked_move": ("contact.move_platform",),
    "asked_picture": ("contact.image_request",),
    "asked_meeting": ("contact.meet_request",),
    "offered_gift": ("contact.gift_offer",),
    "threatened_to_tell": ("contact.extortion",),
}
NEW_ACCOUNT_DAYS = 7
MANY_A_DAY, MANY_A_WEEK, VERY_MANY_A_DAY = 5, 12, 12
FAST_SECONDS = 3600.0
LONG, RARE = 8, 0.15
"""Messages of a long conversation, and the share of asking messages below which they are rare."""


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the factors look at."""

    event: Event
    band: str
    """The child's band, unknown already resolved."""
    mine: Side
    theirs: Side
    actor: ActorState
    now: float


def _who(seen: Seen) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    event, band = seen.event, seen.band
    age, relationship = event.actor.age_band, event.relationship
    near = relationship in _NEAR or (relationship == "friend" and age in MINOR_BANDS)
    if age == "adult" and not near:
        found["adult_to_child"] = {"band": band}
    elif age in MINOR_BANDS and _ORDER.index(age) - _ORDER.index(band) >= 2:
        found["older_by_far"] = {"band": band}
    elif age == "unknown" and not near:
        found["unknown_age_to_child"] = {"band": band}
    if relationship in ("stranger", "unknown"):
        found["not_known_each_other"] = {}
    if near:
        found["trusted_relationship"] = {"relationship": relationship}
        if relationship in ("school", "staff") and event.actor.assurance == "verified":
            found["verified_adult_of_school"] = {}
    if 0 <= event.actor.account_age_days < NEW_ACCOUNT_DAYS:
        found["new_account"] = {"days": event.actor.account_age_days}
    return found


def _reach(seen: Seen) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    contacts = seen.actor.contacts
    today = sum(seen.now - contact.at < DAY for contact in contacts)
    week_contacts = [contact for contact in contacts if seen.now - contact.at < 7 * DAY]
    week, answered = len(week_contacts), sum(contact.answered for contact in week_contacts)
    if today >= MANY_A_DAY or week >= MANY_A_WEEK:
        found["many_new_minors"] = {"today": today, "week": week, "silent": week - answered}
    if today >= VERY_MANY_A_DAY:
        found["very_many_new_minors"] = {}
    if week >= MANY_A_DAY and answered * 3 < week:
        found["few_answer"] = {"asked": week, "answered": answered}
    masks = [contact.intents for contact in contacts if contact.intents.bit_count() >= 2]
    alike = max((sum(other & mask == mask for other in masks) for mask in masks), default=0)
    if alike >= 3:
        found["several_children_alike"] = {"alike": alike}
    return found


def _course(seen: Seen) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    mine, theirs = seen.mine, seen.theirs
    for code, intents in _ASKED.items():
        if any(intent in mine.last for intent in intents):
            found[code] = {}
    if mine.last and mine.sent >= LONG and mine.asks < RARE * mine.sent:
        found["in_passing"] = {}
    if mine.asked_again >= 0.5:
        found["asked_again_after_no"] = {}
    if mine.night >= 2.5:
        found["child_night"] = {}
    if mine.sent >= 8 and mine.sent > 4 * theirs.sent:
        found["writes_much_more"] = {}
    if len(mine.first) >= 3:
        found["many_intents"] = {"intents": len(mine.first)}
        times = sorted(mine.first.values())
        span = min(times[i + 2] - times[i] for i in range(len(times) - 2))
        if span <= FAST_SECONDS:
            found["fast_pace"] = {"minutes": f"{round(span / 60)} minutes" if span >= 90 else "a minute"}
    return found


def factors(seen: Seen, weights: dict[str, float]) -> list[Factor]:
    """The factors that hold and have a weight in the policy, heaviest first."""
    found = {**_who(seen), **_reach(seen), **_course(seen)}
    named = [Factor(code, weights[code], FACTORS[code].format(**values)) for code, values in found.items() if weights.get(code)]
    return sorted(named, key=lambda factor: -abs(factor.weight))


assert set(_ASKED) <= set(FACTORS) and {code for codes in _ASKED.values() for code in codes} == set(harms.INTENTS)  # noqa: S101
