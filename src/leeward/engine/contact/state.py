"""What is remembered: of one account, and of two accounts together. Small, bounded, forgotten with time, free of text.

Times are POSIX seconds. Counts are halved every half-life, so they are floats.
"""

from __future__ import annotations

import hashlib

import msgspec

from leeward.engine import harms

DAY = 86_400.0
MAX_CONTACTS = 64
"""First contacts to minors that one account's state remembers."""
CONTACT_DAYS = 30.0
"""A first contact is forgotten after this many days."""
FORGET_HALF_LIVES = 4.0
"""An intent is forgotten after this many half-lives."""

INTENT_BIT = {code: 1 << index for index, code in enumerate(harms.INTENTS)}


def short(ref: str) -> int:
    """A 48-bit fingerprint of a ref: enough to tell one account's contacts apart, too little to name anybody."""
    return int.from_bytes(hashlib.blake2b(ref.encode(), digest_size=6).digest(), "big")


class Contact(msgspec.Struct, array_like=True):
    """A first contact to a minor: with whom, when, whether the child answered, and which intents were seen (bits)."""

    who: int
    at: float
    answered: bool = False
    intents: int = 0


class ActorState(msgspec.Struct, array_like=True):
    """What one account did towards minors it did not know."""

    contacts: list[Contact] = []

    def find(self, who: int) -> Contact | None:
        """The contact with this fingerprint, if remembered."""
        return next((contact for contact in self.contacts if contact.who == who), None)

    def forget(self, now: float) -> None:
        """Drops what is too old or too much, oldest first."""
        kept = [contact for contact in self.contacts if now - contact.at < CONTACT_DAYS * DAY]
        self.contacts = kept[-MAX_CONTACTS:]


class Side(msgspec.Struct, array_like=True):
    """What one of the two sent. `asks` counts messages with an intent; `first` and `last` say when each intent was seen."""

    sent: float = 0.0
    night: float = 0.0
    messages: int = 0
    refused_at: float = 0.0
    asked_again: float = 0.0
    asks: float = 0.0
    first: dict[str, float] = {}
    last: dict[str, float] = {}


class PairState(msgspec.Struct, array_like=True):
    """Two accounts together. `low` is the side whose ref sorts first."""

    at: float = 0.0
    began: float = 0.0
    low: Side = msgspec.field(default_factory=Side)
    high: Side = msgspec.field(default_factory=Side)

    def sides(self, actor: str, audience: str) -> tuple[Side, Side]:
        """(the actor's side, the other's)."""
        return (self.low, self.high) if actor <= audience else (self.high, self.low)

    def forget(self, now: float, half_life_days: float) -> None:
        """Halves counts for every half-life passed, and drops intents that are too old."""
        passed = max(0.0, now - self.at)
        keep = 0.5 ** (passed / (half_life_days * DAY)) if self.at else 1.0
        oldest = now - FORGET_HALF_LIVES * half_life_days * DAY
        for side in (self.low, self.high):
            side.sent, side.night, side.asked_again = side.sent * keep, side.night * keep, side.asked_again * keep
            side.asks *= keep
            side.last = {code: at for code, at in side.last.items() if at > oldest}
            side.first = {code: at for code, at in side.first.items() if code in side.last}


class States(msgspec.Struct):
    """What `observe` needs: the two together, the actor, and the other (whose first answer may have to be noted)."""

    pair: PairState = msgspec.field(default_factory=PairState)
    actor: ActorState = msgspec.field(default_factory=ActorState)
    other: ActorState = msgspec.field(default_factory=ActorState)
