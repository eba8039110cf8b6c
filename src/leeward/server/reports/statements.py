"""The reasons of an outcome: for who told, for who was acted upon, and as the record of DSA Art. 17 (EU transparency database)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import translation

from leeward.engine import harms
from leeward.server.reports import words
from leeward.server.reports.models import Case, Outcome

SOURCES = {
    Case.Source.CHILD: "SOURCE_ARTICLE_16", Case.Source.ADULT: "SOURCE_ARTICLE_16", Case.Source.SERVICE: "SOURCE_ARTICLE_16",
    Case.Source.FLAGGER: "SOURCE_TRUSTED_FLAGGER", Case.Source.SCREENING: "SOURCE_VOLUNTARY",
}  # fmt: skip
OTHER = harms.Harm("", "", "", "STATEMENT_CATEGORY_OTHER_VIOLATION_TC", "KEYWORD_OTHER")


def for_reporter(outcome: Outcome, band: str, language: str, own_words: str) -> str:
    """What the person who told reads: what was decided, what was done, why, what comes next."""
    with translation.override(language):
        parts = [words.OUTCOME[outcome.kind].of(band)]
        if outcome.kind == Outcome.Kind.ACTION_TAKEN:
            parts += [words.DONE[done].of(band) for done in (outcome.on_content, outcome.on_account) if done]
            parts.append(words.why(outcome.harm).of(band))
        if own_words:
            parts.append(own_words)
        parts.append(words.NEXT[outcome.kind].of(band))
    return " ".join(parts)


def for_target(outcome: Outcome, band: str, language: str) -> str:
    """What the person acted upon reads; '' where nothing was done to them."""
    if outcome.kind != Outcome.Kind.ACTION_TAKEN:
        return ""
    with translation.override(language):
        parts = [words.TARGET["content"].of(band)] if outcome.on_content else []
        if outcome.on_account:
            parts.append(words.TARGET[outcome.on_account].of(band))
        parts += [words.why("" if outcome.harm.startswith("contact.") else outcome.harm).of(band), words.TARGET["appeal"].of(band)]
    return " ".join(parts)


def undone(band: str, language: str) -> str:
    """What the person acted upon reads where, looked at again, it was not right."""
    with translation.override(language):
        return words.TARGET["undone"].of(band)


def record(outcome: Outcome, case: Case, facts: str, today: dt.date) -> dict[str, Any]:
    """The statement of reasons in the vocabulary of the DSA Transparency Database; field names and enums as in its API."""
    harm = harms.BY_CODE.get(outcome.harm, OTHER)
    unlawful = outcome.ground == Outcome.Ground.LAW
    explained = facts[:2000]
    kind, name = ("illegal_content", "legal_ground") if unlawful else ("incompatible_content", "ground")
    ground = {f"{kind}_{name}": outcome.ground_reference, f"{kind}_explanation": explained}
    if not unlawful:
        ground["incompatible_content_illegal"] = "No"
    account = outcome.on_account if outcome.on_account.startswith("DECISION_") else ""
    return {
        "decision_visibility": [outcome.on_content] if outcome.on_content else ([] if account else ["DECISION_VISIBILITY_OTHER"]),
        **({} if outcome.on_content or account else {"decision_visibility_other": "A warning to the person who posted it"}),
        **({"decision_account": account} if account else {}),
        "decision_ground": outcome.ground, **ground,
        "category": harm.dsa_category, "category_specification": [harm.dsa_keyword],
        "content_type": [outcome.content], "content_date": case.opened_at.date().isoformat(), "application_date": today.isoformat(),
        "decision_facts": facts[:5000], "source_type": SOURCES[Case.Source(case.source)],
        "automated_detection": "Yes" if outcome.found_by_machine else "No", "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "content_language": case.language[:2].upper(), "puid": outcome.pk.replace("_", "-"),
        **({"territorial_scope": [case.country]} if case.country else {}),
    }  # fmt: skip
