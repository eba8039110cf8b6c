"""A policy file: age band x harm x relationship -> action, with words for the child."""

from leeward.engine.policy.load import Policy, PolicyError, default_policy, load_policy

__all__ = ["Policy", "PolicyError", "default_policy", "load_policy"]
