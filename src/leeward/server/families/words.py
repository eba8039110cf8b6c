"""Words for what holds, for the child and for its guardian. Each keeps the budget of the youngest who reads it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from leeward.server.design.words import Words

BANDS = frozenset({"0-5", "6-9", "10-12", "13-15", "16-17"})
"""Of whom these words speak."""
SUBJECTS: dict[str, Words] = {
    "time": Words(_("Screen time")),
    "notifications": Words(_("Messages at night")),
    "contact": Words(_("Talking to others")),
    "contact:stranger": Words(_("Talking to strangers")),
    "discoverable": Words(_("Being found by strangers")),
    "profile:public": Words(_("Everybody seeing your page")),
    "group_add": Words(_("Being added to groups")),
    "live": Words(_("Going live")),
    "autoplay": Words(_("Videos that start alone")),
    "location": Words(_("Showing where you are")),
    "camera": Words(_("Camera and microphone")),
    "download": Words(_("Others saving your pictures")),
    "activity": Words(_("Others seeing what you do")),
    "streaks": Words(_("Streaks and counters")),
    "suggestions": Words(_("Tips to follow people")),
    "filters": Words(_("Filters that change your body")),
    "profiling": Words(_("A feed made from your clicks")),
    "lootbox": Words(_("Lucky boxes for money")),
    "spending": Words(_("Spending money")),
    "content:violence": Words(_("Scary and cruel things")),
    "content:sexual": Words(_("Things only for adults")),
}
WHY: dict[str, Words] = {
    "time": Words(_("So there is time for other things.")),
    "notifications": Words(_("So you can sleep.")),
    "contact": Words(_("At your age family comes first.")),
    "contact:stranger": Words(_("Strangers can lie about who they are.")),
    "discoverable": Words(_("Strangers should not find you.")),
    "profile:public": Words(_("Only people you know should see it.")),
    "group_add": Words(_("You choose your groups.")),
    "live": Words(_("Live, you cannot take things back.")),
    "autoplay": Words(_("You choose what you watch.")),
    "location": Words(_("Nobody needs to know where you are.")),
    "camera": Words(_("You choose when it is on.")),
    "download": Words(_("Your pictures are yours.")),
    "activity": Words(_("What you like is your business.")),
    "streaks": Words(_("They want you to stay too long.")),
    "suggestions": Words(_("You choose whom you follow.")),
    "filters": Words(_("You are fine as you are.")),
    "profiling": Words(_("You choose what you like.")),
    "lootbox": Words(_("They are like gambling.")),
    "spending": Words(_("Money should be talked about first.")),
    "content:violence": Words(_("It can scare you for long.")),
    "content:sexual": Words(_("It is not made for you.")),
}
SAYS: dict[str, Words] = {
    "allow": Words(_("You can do this.")),
    "help": Words(_("Help is always open.")),
    "granted": Words(_("You got extra time. Have fun!")),
    "limit": Words(_("You can do this. Time is running.")),
    "ask": Words(_("Ask your grown-up first.")),
    "deny": Words(_("This is off right now.")),
    "used_up": Words(_("Your time for today is used up.")),
}
"""What a child reads, by the code of the verdict."""
LEFT = Words(_("%(minutes)s minutes are left."))
FINISH = Words(_("One minute left. Finish this round."))
CHANGES: dict[str, Words] = {
    "linked": Words(_("A grown-up is linked with you.")),
    "ended": Words(_("A link has ended.")),
    "preset": Words(_("Rules for your age were chosen.")),
    "rule_set": Words(_("A rule was set.")),
    "rule_ended": Words(_("A rule has ended.")),
    "grant": Words(_("You got extra time.")),
    "request": Words(_("You asked for something.")),
    "answered": Words(_("Your wish has an answer.")),
    "band": Words(_("You are in a new age group now.")),
    "joined": Words(_("Another app is under the same plan now.")),
    "band_soon": Words(_("Soon you are in a new age group.")),
    "differ": Words(_("Your grown-ups set different rules. The stricter holds.")),
    "proof": Words(_("Your app checked who your grown-up is.")),
    "agreement": Words(_("You looked at your plan together.")),
}
_STOPPED = Words(_("They see how often something was stopped."))
ALERTS: dict[str, Words] = {
    "content": Words(_("Something that is not for this age")),
    "conduct": Words(_("Somebody was mean")),
    "contact": Words(_("Somebody wanted too much")),
}
"""What a guardian reads of what was stopped: the kind, never the words."""
SEES: dict[str, tuple[Words, ...]] = {
    "0-9": (
        Words(_("They see how long you play.")),
        Words(_("They see who you talk to.")),
        _STOPPED,
        Words(_("They never see what you write.")),
    ),
    "10-12": (
        Words(_("They see how long you play.")),
        Words(_("They see how many people you talk to.")),
        _STOPPED,
        Words(_("They never see what you write.")),
    ),
    "13-15": (Words(_("They see numbers once a week.")), _STOPPED, Words(_("They never see what you write."))),
    "16-17": (Words(_("They see nothing unless you share it.")), Words(_("They never see what you write."))),
}
"""What a guardian sees, told to the child."""


def sees(band: str) -> tuple[Words, ...]:
    """What a guardian sees of a child of this band."""
    return SEES["0-9"] if band in ("0-5", "6-9") else SEES.get(band, SEES["10-12"])


def subject(name: str) -> Words:
    """The words for a subject; `time:games` reads like `time`."""
    return SUBJECTS.get(name) or SUBJECTS.get(name.partition(":")[0]) or Words(name)


def why(name: str) -> Words:
    """Why a default or a preset has a rule."""
    return WHY.get(name) or WHY.get(name.partition(":")[0]) or Words("")


def all_words() -> list[tuple[str, Words]]:
    """Every text, for the reading test."""
    found = [
        (f"{group}.{key}", item)
        for group, table in (("subject", SUBJECTS), ("why", WHY), ("says", SAYS), ("change", CHANGES))
        for key, item in table.items()
    ]
    return [*found, *(("sees", item) for table in SEES.values() for item in table), ("left", LEFT), ("finish", FINISH)]
