"""(states, event) -> states, score, factors. Pure but for the states it is given, which it changes in place."""

from __future__ import annotations

import datetime as dt
import math
import zoneinfo
from collections.abc import Mapping

from leeward.engine import harms
from leeward.engine.contact.factors import ContactWeights, Seen, factors
from leeward.engine.contact.refusals import is_refusal
from leeward.engine.contact.state import INTENT_BIT, Contact, Side, States, short
from leeward.engine.events import MINOR_BANDS, Event, Factor

INTENT_SEEN = 0.5
"""An intent counts from this score on."""
NIGHT_FROM, NIGHT_TO = 22, 6
_DISTANT = frozenset({"stranger", "unknown", "accepted"})
_ZONES = {
    "AT": "Vienna", "BE": "Brussels", "BG": "Sofia", "CY": "Nicosia", "CZ": "Prague", "DE": "Berlin", "DK": "Copenhagen", "EE": "Tallinn",
    "ES": "Madrid", "FI": "Helsinki", "FR": "Paris", "GB": "London", "GR": "Athens", "HR": "Zagreb", "HU": "Budapest", "IE": "Dublin",
    "IS": "London", "IT": "Rome", "LT": "Vilnius", "LU": "Luxembourg", "LV": "Riga", "MT": "Malta", "NL": "Amsterdam", "NO": "Oslo",
    "PL": "Warsaw", "PT": "Lisbon", "RO": "Bucharest", "SE": "Stockholm", "SI": "Ljubljana", "SK": "Bratislava",
}  # fmt: skip


def _is_night(at: dt.datetime, country: str) -> bool:
    place = _ZONES.get(country.upper())
    if place is None:
        return False
    name = "Asia/Nicosia" if place == "Nicosia" else f"Europe/{place}"
    hour = at.astimezone(zoneinfo.ZoneInfo(name)).hour
    return hour >= NIGHT_FROM or hour < NIGHT_TO


def _note_intents(mine: Side, seen: set[str], now: float) -> None:
    for code in seen:
        mine.first.setdefault(code, now)
        mine.last[code] = now
    mine.asks += bool(seen)
    if seen and mine.refused_at:
        mine.asked_again += 1
        mine.refused_at = 0.0


def _note_contact(event: Event, states: States, mine: Side, seen: set[str], now: float) -> None:
    """Remembers a first contact to a child that the actor does not know, and which intents it showed."""
    who = short(event.audience.ref)
    contact = states.actor.find(who)
    if contact is None and mine.messages == 1 and event.relationship in _DISTANT:
        contact = Contact(who, now)
        states.actor.contacts.append(contact)
    if contact is not None:
        for code in seen:
            contact.intents |= INTENT_BIT[code]


def _note_answer(event: Event, states: States, now: float) -> None:
    """The actor of this event answers somebody who wrote to it first."""
    contact = states.other.find(short(event.actor.ref))
    if contact is not None and contact.at <= now:
        contact.answered = True


def observe(
    event: Event, scores: Mapping[str, float], states: States, weights: ContactWeights, unknown_as: str
) -> tuple[float, list[Factor]]:
    """Takes an event into the states, and returns the score of `contact.grooming` with its factors.

    `event.at` must be set. The score is 0 when the audience is not a minor (an unknown age counts as `unknown_as`). Events that come
    out of order are counted at the time of the newest.
    """
    if event.at is None:
        raise ValueError("observe needs event.at: the engine has no clock of its own.")
    pair = states.pair
    now = max(event.at.timestamp(), pair.at)
    pair.forget(now, weights.half_life_days)
    states.actor.forget(now)
    states.other.forget(now)
    pair.at, pair.began = now, pair.began or now
    mine, theirs = pair.sides(event.actor.ref, event.audience.ref)
    mine.sent, mine.messages = mine.sent + 1, min(mine.messages + 1, 1 << 30)
    if theirs.messages:
        _note_answer(event, states, now)
        if event.text and is_refusal(event.text):
            theirs.refused_at = now
    seen = {code for code in harms.INTENTS if scores.get(code, 0.0) >= INTENT_SEEN}
    _note_intents(mine, seen, now)
    band = unknown_as if event.audience.age_band == "unknown" else event.audience.age_band
    if band not in MINOR_BANDS:
        return 0.0, []
    _note_contact(event, states, mine, seen, now)
    if _is_night(event.at, event.audience.country):
        mine.night += 1
    found = factors(Seen(event, band, mine, theirs, states.actor, now), weights.weights)
    total = weights.bias + sum(factor.weight for factor in found)
    return 1 / (1 + math.exp(-total)), found
