"""The taxonomy of harms and its crosswalks: the alliance's 3 C, the EU's 5 C, and the DSA transparency database.

DSA categories and keywords are those of Annex I, Implementing Regulation (EU) 2024/2835, as used by the DSA Transparency Database.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Harm:
    """One harm. `scored_by` says which part of the engine can score it, '' that none does in this version."""

    code: str
    name: str
    scored_by: str
    dsa_category: str
    dsa_keyword: str

    @property
    def alliance_3c(self) -> str:
        """content, conduct or contact; '' where the alliance's statement has no word for it."""
        family = self.code.partition(".")[0]
        return family if family in ("content", "conduct", "contact") else ""

    @property
    def eu_5c(self) -> str:
        """content, conduct, contact, consumer or cross-cutting (Guidelines under Article 28(4) DSA)."""
        family = self.code.partition(".")[0]
        return "cross-cutting" if family == "wellbeing" else family


def _harm(code: str, name: str, scored_by: str, dsa: str) -> Harm:
    category, _, keyword = dsa.partition("/")
    return Harm(code, name, scored_by, f"STATEMENT_CATEGORY_{category}", f"KEYWORD_{keyword}")


_MINORS = "PROTECTION_OF_MINORS"
_GROOMING = f"{_MINORS}/GROOMING_SEXUAL_ENTICEMENT_MINORS"

ALL: tuple[Harm, ...] = (
    _harm("content.sexual", "Sexual content", "text, image", "OTHER_VIOLATION_TC/ADULT_SEXUAL_MATERIAL"),
    _harm("content.violence", "Cruelty and gore", "text, image", "VIOLENCE/OTHER"),
    _harm("content.self_harm", "Praise of self-harm or suicide", "text", "SELF_HARM/SUICIDE"),
    _harm("content.eating_disorder", "Praise of not eating", "text", "SELF_HARM/CONTENT_PROMOTING_EATING_DISORDERS"),
    _harm("content.dangerous_challenge", "Dangerous challenge", "text", f"{_MINORS}/UNSAFE_CHALLENGES"),
    _harm("content.drugs", "Drugs, vapes and alcohol", "text", "UNSAFE_AND_PROHIBITED_PRODUCTS/PROHIBITED_PRODUCTS"),
    _harm("content.gambling", "Gambling", "text", f"{_MINORS}/AGE_SPECIFIC_RESTRICTIONS_MINORS"),
    _harm("content.profanity", "Swearing", "text", "OTHER_VIOLATION_TC/OTHER"),
    _harm("content.known", "Known harmful content", "bank", "ILLEGAL_OR_HARMFUL_SPEECH/OTHER"),
    _harm("conduct.bullying", "Bullying", "text", "CYBER_VIOLENCE/CYBER_BULLYING_INTIMIDATION"),
    _harm("conduct.threat", "Threat", "text", "CYBER_VIOLENCE/CYBER_HARASSMENT"),
    _harm("conduct.hate", "Hate against a group", "text", "ILLEGAL_OR_HARMFUL_SPEECH/HATE_SPEECH"),
    _harm("conduct.sexual_harassment", "Sexual harassment", "text", "CYBER_VIOLENCE/CYBER_HARASSMENT"),
    _harm("conduct.doxxing", "Personal data shared", "text", "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS/OTHER"),
    _harm("contact.age_probe", "Asks for the age", "text", f"{_MINORS}/OTHER"),
    _harm("contact.location_probe", "Asks where somebody is", "text", f"{_MINORS}/OTHER"),
    _harm("contact.secrecy", "Asks for secrecy", "text", _GROOMING),
    _harm("contact.move_platform", "Wants to move to another app", "text", f"{_MINORS}/OTHER"),
    _harm("contact.image_request", "Asks for a picture", "text", _GROOMING),
    _harm("contact.meet_request", "Wants to meet", "text", _GROOMING),
    _harm("contact.gift_offer", "Offers gifts or money", "text", _GROOMING),
    _harm("contact.extortion", "Extortion", "text", _GROOMING),
    _harm("contact.grooming", "Risky relationship over time", "relationship", _GROOMING),
    _harm("consumer.scam", "Scam", "text, bank", "SCAMS_AND_FRAUD/PHISHING"),
    _harm("consumer.spam", "Spam", "text", "SCAMS_AND_FRAUD/OTHER"),
    _harm("consumer.gambling_like", "Paid chance in a game", "text", f"{_MINORS}/AGE_SPECIFIC_RESTRICTIONS_MINORS"),
    _harm("wellbeing.distress", "Distress", "text", "SELF_HARM/OTHER"),
)
BY_CODE: dict[str, Harm] = {harm.code: harm for harm in ALL}
CODES: tuple[str, ...] = tuple(BY_CODE)
INTENTS: tuple[str, ...] = tuple(code for code in CODES if code.startswith("contact.") and code != "contact.grooming")

ACTIONS: tuple[str, ...] = ("allow", "nudge", "warn", "blur", "hold", "block", "escalate")
"""Mildest first. `support` is not among them: it stands beside any of them."""
SEVERITY: dict[str, int] = {action: rank for rank, action in enumerate(ACTIONS)}
NEVER_SANCTIONED: frozenset[str] = frozenset({"wellbeing.distress"})
"""Harms that only ever route to support."""
