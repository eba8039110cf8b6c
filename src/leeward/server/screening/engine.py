"""The engine of this process, with the operator's policy and the bank in use. A new bank is picked up without a pause."""

from __future__ import annotations

import functools
import time
from pathlib import Path

from leeward.engine.banks import current
from leeward.engine.policy import Policy, default_policy, load_policy
from leeward.engine.screen import Engine
from leeward.engine.text.scorer import UNSURE_FROM, TextScorer
from leeward.server import environment

LOOK_AGAIN_SECONDS = 5.0


@functools.cache
def scorer() -> TextScorer:
    """The text models, read once a process."""
    least = environment.number("LEEWARD_ENCODER_FROM", round(100 * UNSURE_FROM), least=0)
    return TextScorer(second_stage=least < 100, unsure_from=least / 100)


@functools.cache
def policy() -> Policy:
    """The operator's policy, else the default."""
    path = environment.get("LEEWARD_POLICY")
    return load_policy(Path(path)) if path else default_policy()


class _Current:
    """Holds the engine, and looks from time to time whether another bank was put in place."""

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._pointer = environment.data_folder() / "banks" / "current"
        self._stamp = -1
        self._looked = 0.0

    def get(self) -> Engine:
        now = time.monotonic()
        if self._engine is None or now - self._looked > LOOK_AGAIN_SECONDS:
            self._looked = now
            stamp = self._pointer.stat().st_mtime_ns if self._pointer.exists() else 0
            if self._engine is None or stamp != self._stamp:
                self._stamp = stamp
                self._engine = Engine(policy(), scorer(), current(self._pointer.parent))
        return self._engine


@functools.cache
def _holder() -> _Current:
    return _Current()


def engine() -> Engine:
    """The engine to screen with."""
    return _holder().get()


def warm_up() -> None:
    """Loads models and policy before the first request."""
    from leeward.engine.events import Audience, Event

    engine().screen(Event(text="hello", audience=Audience(age_band="10-12")))
