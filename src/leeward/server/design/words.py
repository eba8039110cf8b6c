"""Texts that depend on age."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

OLDER = frozenset({"10-12", "13-15", "16-17", "adult"})


@dataclass(frozen=True, slots=True)
class Words:
    """One text, by age: `child` is read by bands up to 9, and by everybody where no other is given; `older` from 10 on."""

    child: Any
    older: Any = None

    def of(self, band: str) -> str:
        """The text for a band; an unknown one reads the simplest."""
        return str(self.older if self.older is not None and band in OLDER else self.child)
