"""Engine(policy, models, banks).screen(event, states) -> Decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leeward.engine import harms
from leeward.engine.contact import States, observe
from leeward.engine.events import MINOR_BANDS, Decision, Event, Evidence, Factor, Reason, Shadow
from leeward.engine.policy.load import Check, Policy, default_policy, rule_context
from leeward.engine.policy.texts import SOURCE_LANGUAGE, help_for

if TYPE_CHECKING:
    from leeward.engine.banks import Bank, Match
    from leeward.engine.text.scorer import TextScorer

MAX_REASONS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A check or a rule that holds for an event."""

    rule: str
    action: str
    text: str
    harm: str
    shadow: bool


class Engine:
    """Screens events. Safe to share among threads; holds no state of its own."""

    def __init__(self, policy: Policy | None = None, text: TextScorer | None = None, bank: Bank | None = None) -> None:
        self.policy = policy or default_policy()
        if text is None:  # numpy and the models load with the first engine, not with the import
            from leeward.engine.text.scorer import TextScorer

            text = TextScorer()
        self.text = text
        self.bank = bank

    @property
    def models(self) -> dict[str, str]:
        """Versions of everything that a score depends on besides the policy."""
        return {**self.text.versions, **({"bank": self.bank.version} if self.bank else {})}

    def screen(
        self, event: Event, states: States | None = None, language: str | None = None, known: Mapping[str, float] | None = None
    ) -> Decision:
        """Decides about one event. `states` is taken forward in place; fresh ones are used without it.

        Reasons come in `language`, else in the event's own, else in English. `known` are scores from elsewhere (such as of a picture).
        """
        scores = {**self.score([event])[0], **(known or {})}
        return self.decide(event, scores, states if states is not None else States(), language)[0]

    def score(self, events: Sequence[Event]) -> list[dict[str, float]]:
        """Scores of what the events themselves show, texts together; banks are looked up too."""
        scored = self.text.score_many([event.text for event in events])
        for event, scores in zip(events, scored, strict=True):
            for match in self.bank_matches(event):
                scores[match.harm] = 1.0
        return scored

    def decide(self, event: Event, scores: dict[str, float], states: States, language: str | None = None) -> tuple[Decision, str]:
        """(decision, harm that decided) from an event's scores and what is known of the relationship. Changes `states` and `scores`.

        The relationship is scored where the event has a time: the engine has no clock of its own.
        """
        factors: list[Factor] = []
        if event.at is not None:
            grooming, factors = observe(event, scores, states, self.policy.document.contact, self.policy.document.unknown_as)
            scores["contact.grooming"] = grooming
        found = self._found(event, scores, factors)
        applied = [item for item in found if not item.shadow]
        support = any(scores.get(code, 0.0) >= least for code, least in self.policy.document.support.items())
        decision = Decision(
            event=event.id,
            action=applied[0].action if applied else "allow",  # type: ignore[arg-type]
            support=support,
            scores={code: round(score, 4) for code, score in scores.items()},
            evidence=self._evidence(event, scores, applied, support),
            factors=factors,
            reasons=self._reasons(event, applied, support, language or event.language or SOURCE_LANGUAGE),
            help=help_for(event.audience.country or event.actor.country) if support else [],
            shadow=[Shadow(item.rule, item.action) for item in found if item.shadow],  # type: ignore[arg-type]
            policy=self.policy.reference,
            models=self.models,
        )
        return decision, applied[0].harm if applied else ""

    def bank_matches(self, event: Event) -> list[Match]:
        """What the bank knows of an event's words, links and pictures."""
        if self.bank is None:
            return []
        from leeward.engine.banks import links

        found = self.bank.phrases(event.text)
        for link in [*event.links, *links.find(event.text)]:
            found += self.bank.link(link)
        for media in event.media:
            found += self.bank.sha256(media.sha256) if media.sha256 else []
            found += self.bank.pdq(media.pdq) if media.pdq else []
        return found

    def _found(self, event: Event, scores: dict[str, float], factors: list[Factor]) -> list[Found]:
        """Everything that holds, strictest first; of equals the one whose score is higher."""
        found: list[tuple[int, float, Found]] = []
        get = scores.get
        for check in self.policy.checks_for(event.audience.age_band, event.actor.age_band, event.relationship):
            score = get(check.harm, 0.0)
            if score >= check.lowest and not self._yields(check, scores):
                action = check.action(score)
                found.append((harms.SEVERITY[action], score, Found(check.row, action, check.text, check.harm, check.shadow)))
        found += [(harms.SEVERITY[item.action], scores.get(item.harm, 0.0), item) for item in self._rules(event, scores, factors)]
        found.sort(key=lambda item: item[:2], reverse=True)
        return [item for _, _, item in found]

    @staticmethod
    def _yields(check: Check, scores: dict[str, float]) -> bool:
        return any(scores.get(code, 0.0) >= least for code, least in check.unless)

    def _rules(self, event: Event, scores: dict[str, float], factors: list[Factor]) -> list[Found]:
        asked = [
            compiled
            for compiled in self.policy.rules
            if not compiled.rule.if_any or any(scores.get(code, 0.0) >= least for code, least in compiled.rule.if_any.items())
        ]
        if not asked:
            return []
        context = rule_context(_view(event, self.policy.document.unknown_as), {factor.code for factor in factors}, scores)
        found = []
        for compiled in asked:
            if compiled.program.execute(context):
                rule = compiled.rule
                harm = max(rule.if_any, key=lambda code: scores.get(code, 0.0), default="")
                found.append(Found(rule.id, rule.action, rule.text, harm, rule.shadow))
        return found

    def _evidence(self, event: Event, scores: dict[str, float], applied: list[Found], support: bool) -> list[Evidence]:
        wanted = [item.harm for item in applied if item.action != "allow"]
        if support:
            wanted += self.policy.document.support
        wanted = [code for code in dict.fromkeys(wanted) if code in self.text.fast.outputs and scores.get(code, 0.0) >= 0.4]
        return [self.text.evidence(event.text, code) for code in wanted[:MAX_REASONS]] if event.text.strip() else []

    def _reasons(self, event: Event, applied: list[Found], support: bool, language: str) -> list[Reason]:
        texts, unknown_as = self.policy.texts, self.policy.document.unknown_as
        reasons: dict[str, Reason] = {}
        for item in applied:
            to_sender = item.action == "nudge"
            band = event.actor.age_band if to_sender else event.audience.age_band
            child, adult = texts.words(item.text, language, unknown_as if band == "unknown" else band, to_sender)
            reasons.setdefault(item.text, Reason(item.rule, child, adult))
        if support and not applied:
            band = event.actor.age_band
            child, adult = texts.words("distress", language, unknown_as if band == "unknown" else band, to_sender=True)
            reasons["distress"] = Reason("support", child, adult)
        return list(reasons.values())[:MAX_REASONS]


def _view(event: Event, unknown_as: str) -> dict[str, Any]:
    """An event as CEL rules see it."""
    actor, audience = event.actor, event.audience
    audience_band = unknown_as if audience.age_band == "unknown" else audience.age_band
    return {
        "kind": event.kind, "surface": event.surface, "relationship": event.relationship,
        "language": event.language or "", "text_length": len(event.text),
        "actor": {
            "age_band": actor.age_band, "adult": actor.age_band == "adult", "minor": actor.age_band in MINOR_BANDS,
            "assurance": actor.assurance, "account_age_days": actor.account_age_days, "country": actor.country,
        },
        "audience": {
            "age_band": audience_band, "country": audience.country,
            "adult": audience_band == "adult", "minor": audience_band in MINOR_BANDS,
        },
    }  # fmt: skip
