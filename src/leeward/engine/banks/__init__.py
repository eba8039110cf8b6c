"""Known harmful hashes, links and phrases: exact matching, built offline, memory-mapped, swapped without a pause."""

from leeward.engine.banks.bank import Bank, BankError, Match, Signal, build, current, read_signals

__all__ = ["Bank", "BankError", "Match", "Signal", "build", "current", "read_signals"]
