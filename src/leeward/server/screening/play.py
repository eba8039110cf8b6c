"""The playground: two invented people chat. The page carries the whole conversation, so the server keeps nothing of it.

Each time the messages are screened anew from the first, which also rebuilds what is known of the relationship.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from leeward.engine import harms
from leeward.engine.contact import ActorState, PairState, States
from leeward.engine.events import Actor, AgeBand, Audience, Decision, Event, Media, Relationship, Surface
from leeward.engine.screen import Engine
from leeward.server.core import hooks

MAX_MESSAGES = 40
MAX_TEXT = 600
Side = Literal["a", "b"]


class Person(msgspec.Struct, frozen=True):
    """One of the two."""

    name: str
    age_band: AgeBand
    account_age_days: int = 400


class Message(msgspec.Struct):
    """What one of the two wrote. `confirmed`: sent although a nudge asked to think again; `pictured`: scores of its picture."""

    side: Side
    text: str
    at: dt.datetime
    confirmed: bool = False
    media: list[Media] = []
    pictured: dict[str, float] = {}


class Scene(msgspec.Struct, frozen=True):
    """Who the two are to each other."""

    a: Person
    b: Person
    relationship: Relationship = "stranger"
    surface: Surface = "dm"
    language: str = "en"
    country: str = "DE"
    others: int = 0
    """How many other children `a` wrote to before, without an answer."""
    closed: str = ""
    """What a guardian closed for who reads: a subject of the family rules, '' for nothing."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message with its decision, and what each of the two sees of it: a state of STATES."""

    index: int
    message: Message
    event: Event
    decision: Decision
    sender_sees: str
    recipient_sees: str

    @property
    def reason(self) -> str:
        """Words for the child, of the rule that decided."""
        return self.decision.reasons[0].child if self.decision.reasons else ""

    @property
    def help_for_sender(self) -> bool:
        """The one who writes is the one who hurts."""
        return self.decision.support and not self._pressed

    @property
    def help_for_recipient(self) -> bool:
        """The one who reads is under pressure."""
        return self.decision.support and self._pressed

    @property
    def _pressed(self) -> bool:
        scores = self.decision.scores
        pressure = max(scores.get(code, 0.0) for code in ("contact.extortion", "contact.grooming", "conduct.threat"))
        return pressure > scores.get("wellbeing.distress", 0.0)


STATES = ("plain", "nudged", "warned", "covered", "waiting", "stopped", "nothing")
_SEES: dict[str, tuple[str, str]] = {
    "allow": ("plain", "plain"),
    "warn": ("plain", "warned"),
    "blur": ("plain", "covered"),
    "hold": ("waiting", "waiting"),
    "block": ("stopped", "stopped"),
    "escalate": ("waiting", "waiting"),
}


def sees(action: str, confirmed: bool) -> tuple[str, str]:
    """(what the sender sees, what the recipient sees) of a message."""
    if action == "nudge":
        return ("plain", "plain") if confirmed else ("nudged", "nothing")
    return _SEES[action]


def parse(raw: str) -> list[Message]:
    """The conversation that the page carries; empty where it is not one."""
    try:
        found = msgspec.json.decode(raw or "[]", type=list[Message])
    except (msgspec.ValidationError, msgspec.DecodeError):
        return []
    return [message for message in found if len(message.text) <= MAX_TEXT][-MAX_MESSAGES:]


def dump(messages: list[Message]) -> str:
    """The conversation as the page carries it."""
    return msgspec.json.encode(messages[-MAX_MESSAGES:]).decode()


def event_of(scene: Scene, message: Message, index: int) -> Event:
    """A message as a service would send it."""
    actor, audience = (scene.a, scene.b) if message.side == "a" else (scene.b, scene.a)
    return Event(
        id=f"play-{index + 1}",
        at=message.at,
        kind="media" if message.media and not message.text else "message",
        surface=scene.surface,
        thread="play",
        relationship=scene.relationship,
        language=scene.language,
        actor=Actor(ref=actor.name, age_band=actor.age_band, account_age_days=actor.account_age_days, country=scene.country),
        audience=Audience(ref=audience.name, age_band=audience.age_band, country=scene.country),
        text=message.text,
        media=message.media,
    )


def _approach_others(engine: Engine, scene: Scene, state: ActorState, start: dt.datetime) -> None:
    """Lets `a` write to other children first, as an account does that looks for one who answers."""
    for number in range(scene.others):
        at = start - dt.timedelta(minutes=10 * (scene.others - number))
        event = Event(
            at=at, relationship="stranger", actor=Actor(ref=scene.a.name, age_band=scene.a.age_band),
            audience=Audience(ref=f"other child {number}", age_band="10-12"), text="hi",
        )  # fmt: skip
        engine.decide(event, {}, States(PairState(), state, ActorState()))


def run(engine: Engine, scene: Scene, messages: list[Message]) -> list[Shown]:
    """Screens the conversation from its start."""
    pair, a, b = PairState(), ActorState(), ActorState()
    if messages:
        _approach_others(engine, scene, a, messages[0].at)
    events = [event_of(scene, message, index) for index, message in enumerate(messages)]
    shown = []
    for index, (message, event, scores) in enumerate(zip(messages, events, engine.score(events), strict=True)):
        for code, score in message.pictured.items():
            if code in harms.BY_CODE:
                scores[code] = max(scores.get(code, 0.0), min(1.0, score))
        states = States(pair, a, b) if message.side == "a" else States(pair, b, a)
        decision, _ = engine.decide(event, scores, states, scene.language)
        if scene.closed:
            for preview in hooks.PREVIEW:
                decision = preview(scene.closed, event, decision)
        shown.append(Shown(index, message, event, decision, *sees(decision.action, message.confirmed)))
    return shown


def top_scores(decision: Decision, least: float = 0.02, most: int = 6) -> list[tuple[str, str, float]]:
    """(code, name, score) of what scored highest."""
    ranked = sorted(decision.scores.items(), key=lambda item: -item[1])
    return [(code, harms.BY_CODE[code].name, score) for code, score in ranked[:most] if score >= least]


def pretty(value: Any) -> str:
    """JSON to read."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
