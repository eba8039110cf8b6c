"""What moderators do with a case, by the pages."""

from __future__ import annotations

from typing import Any

from leeward.server.reports.models import Case

ACTION = {
    "kind": "action_taken", "harm": "conduct.bullying", "on_content": "DECISION_VISIBILITY_CONTENT_REMOVED", "on_account": "warned",
    "ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT", "ground_reference": "Community rules, 2", "facts": "Repeated mockery of a minor.",
    "own_words": "", "carried_out": "The owner of the group took it down, 25 November.",
}  # fmt: skip
NOTHING = ACTION | {"kind": "no_action", "on_content": "", "on_account": "", "carried_out": ""}


def act(browser: Any, case: Case, name: str, **data: str) -> Any:
    """Presses a button of the case's page."""
    return browser.post(f"/desk/case/{case.pk}/{name}/", data)


def take(browser: Any, case: Case) -> Any:
    """Takes a case."""
    return act(browser, case, "take")


def decide(browser: Any, case: Case, **changes: str) -> Any:
    """Takes and decides."""
    take(browser, case)
    return act(browser, case, "decide", **(ACTION | changes))
