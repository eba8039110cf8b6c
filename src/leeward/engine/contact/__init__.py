"""What is known of a relationship, as a pure reducer: (state, event) -> state, factors. No clock, no storage."""

from leeward.engine.contact.factors import ContactWeights
from leeward.engine.contact.reducer import observe
from leeward.engine.contact.state import ActorState, PairState, States

__all__ = ["ActorState", "ContactWeights", "PairState", "States", "observe"]
