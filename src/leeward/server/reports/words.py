"""The words of the pages where children tell and read answers. Each keeps the reading budget of its band, in every language (tested)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from leeward.server.design.words import OLDER, Words


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question: its value, its icon, its words; `more` tells in a line what it means."""

    value: str
    icon: str
    words: Words
    more: Words | None = None


HEADINGS: dict[str, Words] = {
    "safe": Words(_("Are you safe right now?")),
    "about": Words(_("Who is this about?")),
    "age": Words(_("How old are you?")),
    "what": Words(_("What happened?")),
    "where": Words(_("Where did it happen?")),
    "more": Words(_("Do you want to tell more?")),
    "answer": Words(_("Do you want an answer?")),
    "check": Words(_("Is this right?")),
}
"""The questions, in their order."""

SAFE = (
    Choice("yes", "shield", Words(_("Yes, I am safe"))),
    Choice("no", "alarm", Words(_("No, I need help now"))),
    Choice("unsure", "question", Words(_("I am not sure"))),
)
ABOUT = (
    Choice("me", "person", Words(_("Me"))),
    Choice("friend", "friends", Words(_("A friend"), _("A friend, or somebody I know"))),
    Choice("seen", "eye", Words(_("Something I saw"))),
    Choice("unsure", "question", Words(_("I am not sure"))),
)
AGE = (
    Choice("6-9", "age-9", Words(_("9 or younger"))),
    Choice("10-12", "age-12", Words(_("10, 11 or 12"))),
    Choice("13-15", "age-15", Words(_("13, 14 or 15"))),
    Choice("16-17", "age-17", Words(_("16 or 17"))),
    Choice("adult", "age-18", Words(_("18 or older"))),
    Choice("unknown", "question", Words(_("I do not want to say"))),
)
UNSURE = Choice("", "question", Words(_("I am not sure")))
WHAT_CHILD = (
    Choice("conduct.bullying", "cloud", Words(_("Somebody was mean"))),
    Choice("contact.grooming", "stranger", Words(_("Somebody I do not know talks to me"))),
    Choice("content.violence", "eye", Words(_("I saw something scary"))),
    UNSURE,
)
"""Up to nine years: three choices and "I am not sure"."""
WHAT = (
    Choice("conduct.bullying", "cloud", Words(_("Somebody is mean, or leaves me out"))),
    Choice("conduct.threat", "bolt", Words(_("Somebody says they will hurt somebody"))),
    Choice("contact.grooming", "stranger", Words(_("A stranger asks for things, or for secrets"))),
    Choice("contact.image_request", "camera", Words(_("Somebody wants pictures of me"))),
    Choice("contact.extortion", "lock", Words(_("Somebody says: do this, or I will share it"))),
    Choice("conduct.doxxing", "house", Words(_("Somebody shared private things"))),
    Choice("conduct.hate", "people", Words(_("Hate against a group of people"))),
    Choice("wellbeing.distress", "heart", Words(_("Somebody may hurt themselves"))),
    Choice("content.sexual", "cover", Words(_("Pictures or talk that is only for adults"))),
    Choice("content.violence", "eye", Words(_("Something cruel or scary"))),
    Choice("content.dangerous_challenge", "flame", Words(_("A dangerous dare"))),
    Choice("consumer.scam", "coin", Words(_("A trick to get money or a password"))),
    UNSURE,
)
NO_PICTURES = frozenset({"content.sexual", "contact.image_request", "contact.extortion", "contact.grooming", "conduct.sexual_harassment"})
"""Harms beside which a picture might be sexual: none is asked for or taken."""
ANSWER = (
    Choice("receipt", "receipt", Words(_("Yes, I will look here"), _("Yes, I will look here with a code"))),
    Choice("mail", "letter", Words(_("Yes, by e-mail"))),
    Choice("none", "cross", Words(_("No, thank you"))),
    Choice("unsure", "question", Words(_("I am not sure"))),
)
"""Who is not sure gets a code, and may use it or not."""

SAY: dict[str, Words] = {
    "received": Words(_("We got what you told us. A person will read it.")),
    "being_read": Words(_("A person is reading it now.")),
    "asked": Words(_("We have a question for you.")),
    "replied": Words(_("We got your reply.")),
    "with_platform": Words(_("We asked the app to help.")),
    "with_helpline": Words(_("We asked a helpline to help.")),
    "with_authority": Words(_("We told the police or their helpers.")),
    "decided": Words(_("There is an answer for you.")),
    "appealed": Words(_("A new person will look at it again.")),
    "closed": Words(_("This is finished. You can always tell more.")),
}
"""The public sentence of a step."""

OUTCOME: dict[str, Words] = {
    "action_taken": Words(
        _("You were right to tell us. We did something."),
        _("You were right to tell us. We looked at it, and we acted."),
    ),
    "no_action": Words(
        _("We looked at it. No rule was broken. You did nothing wrong. It was good to tell us."),
        _("We looked at it. We found nothing that breaks a rule or a law. It was still right to tell us."),
    ),
    "not_ours": Words(
        _("We cannot change this. Others can help you. It was good to tell us."),
        _("We cannot change this ourselves. Others can, and we say who below. It was right to tell us."),
    ),
}
DONE: dict[str, Words] = {
    "DECISION_VISIBILITY_CONTENT_REMOVED": Words(_("We took it away.")),
    "DECISION_VISIBILITY_CONTENT_DISABLED": Words(_("Nobody can see it now.")),
    "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED": Words(_("Only adults can see it now.")),
    "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED": Words(_("Nobody can answer or share it now.")),
    "DECISION_VISIBILITY_CONTENT_LABELLED": Words(_("It carries a warning now.")),
    "warned": Words(_("We told that person to stop.")),
    "DECISION_ACCOUNT_SUSPENDED": Words(_("That person cannot write for now.")),
    "DECISION_ACCOUNT_TERMINATED": Words(_("That person is not here any more."), _("That account is closed for good.")),
}
WHY: dict[str, Words] = {
    "conduct.bullying": Words(_("Being mean again and again is not okay.")),
    "conduct.threat": Words(_("Nobody may say they will hurt you."), _("Nobody may threaten others here.")),
    "conduct.hate": Words(_("Hate against people is not okay.")),
    "conduct.sexual_harassment": Words(_("Nobody may talk to you like this.")),
    "conduct.doxxing": Words(_("Private things must stay private.")),
    "content.sexual": Words(_("This is only for adults.")),
    "content.violence": Words(_("Cruel things do not belong here.")),
    "content.self_harm": Words(_("This could make somebody hurt themselves.")),
    "content.eating_disorder": Words(_("This could make somebody ill.")),
    "content.dangerous_challenge": Words(_("This could hurt somebody badly.")),
    "content.drugs": Words(_("Drugs do not belong here.")),
    "consumer.scam": Words(_("It was a trick.")),
    "wellbeing.distress": Words(_("Everybody who hurts should get help.")),
    "contact": Words(
        _("A grown-up must not ask children for this. It was not your fault."),
        _("Nobody may ask this of somebody your age. It was not your fault."),
    ),
    "": Words(_("It was against the rules.")),
}
"""Why something was done, by harm; every `contact.*` reads the same."""
NEXT: dict[str, Words] = {
    "action_taken": Words(_("You can block that person too. You can ask us again.")),
    "no_action": Words(_("You can block or mute. You can ask us again.")),
    "not_ours": Words(_("Call the helpline. It is free. You can ask us again.")),
}
TARGET: dict[str, Words] = {
    "content": Words(_("Somebody looked at what you posted. It was taken away, hidden or marked.")),
    "warned": Words(_("Please stop. Others were hurt by what you did.")),
    "DECISION_ACCOUNT_SUSPENDED": Words(_("You cannot write for now.")),
    "DECISION_ACCOUNT_TERMINATED": Words(_("Your account is closed.")),
    "undone": Words(_("A new person looked at it. You were right. We undo it.")),
    "appeal": Words(_("Do you think this is wrong? You can ask once. A new person will look at it.")),
}
"""For the person acted upon."""


def why(harm: str) -> Words:
    """The reason by harm."""
    return WHY["contact"] if harm.startswith("contact.") else WHY.get(harm, WHY[""])


def choices(question: str, band: str) -> tuple[Choice, ...]:
    """The answers to a question for a band."""
    if question == "what":
        return WHAT if band in OLDER else WHAT_CHILD
    return {"safe": SAFE, "about": ABOUT, "age": AGE, "answer": ANSWER}[question]


def all_words() -> list[tuple[str, Words]]:
    """(name, words) of every text of this module, for the reading test."""
    found = [(f"{group}.{key}", words) for group, table in _TABLES.items() for key, words in table.items()]
    for group in (SAFE, ABOUT, AGE, WHAT_CHILD, WHAT, ANSWER):
        found += [(f"choice.{choice.value}", choice.words) for choice in group]
    return found


_TABLES = {"heading": HEADINGS, "say": SAY, "outcome": OUTCOME, "done": DONE, "why": WHY, "next": NEXT, "target": TARGET}
