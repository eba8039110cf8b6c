"""Populations of ordinary and risky accounts, to measure the contact score: `python -m training.simulate`.

An account is a plan of messages without text: to whom, when, answered or not, and which `contact.*` intents they show. The plans follow what public safety
guides describe; nothing in them is a conversation. F-latency is F1 times speed (Sadeque, Xu, Bethard 2018): a detection after k messages loses
2 / (1 + exp(-p (k - 1))) - 1, with p such that the median account's length costs a half.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from leeward.engine import harms
from leeward.engine.contact import ActorState, PairState, States, observe
from leeward.engine.events import Actor, Audience, Event
from leeward.engine.policy import default_policy

START = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Step:
    """One message of a plan: minutes since the start, which contact, sent by the account or its answer, its intents."""

    minute: float
    contact: int
    answer: bool = False
    intents: tuple[str, ...] = ()
    refuses: bool = False


@dataclass(frozen=True)
class Account:
    """A plan with who the account is."""

    kind: str
    risky: bool
    actor: Actor
    relationship: str
    band: str
    steps: list[Step]


def _chat(rng: random.Random, contact: int, start: float, count: int, answers: float, intents: dict[str, float]) -> Iterator[Step]:
    """An even conversation; each message shows an intent with the given chance."""
    minute = start
    for _ in range(count):
        minute += rng.expovariate(1 / 6)
        shown = tuple(f"contact.{name}" for name, chance in intents.items() if rng.random() < chance)
        yield Step(minute, contact, intents=shown)
        if rng.random() < answers:
            yield Step(minute + rng.expovariate(1 / 3), contact, answer=True)


FRIENDS = {"age_probe": 0.005, "location_probe": 0.04, "move_platform": 0.01, "meet_request": 0.03, "image_request": 0.01, "secrecy": 0.003}
STRANGERS = {
    "age_probe": 0.03,
    "location_probe": 0.01,
    "move_platform": 0.01,
    "meet_request": 0.004,
    "image_request": 0.004,
    "secrecy": 0.001,
}


def friends(rng: random.Random) -> Account:
    """A teenager among friends, who also ask where one is."""
    steps = [step for c in range(rng.randint(2, 6)) for step in _chat(rng, c, rng.uniform(0, 9000), rng.randint(5, 60), 0.8, FRIENDS)]
    return Account("teen among friends", False, Actor(ref="a", age_band="13-15", account_age_days=300), "friend", "13-15", steps)


def newcomer(rng: random.Random) -> Account:
    """A child new to a game that says hello to many and asks how old they are."""
    steps = [
        step
        for c in range(rng.randint(6, 16))
        for step in _chat(rng, c, rng.uniform(0, 3000), rng.randint(1, 6), 0.5, {"age_probe": 0.15, "move_platform": 0.04})
    ]
    return Account("child looking for friends", False, Actor(ref="a", age_band="10-12", account_age_days=2), "stranger", "10-12", steps)


def older_teen(rng: random.Random) -> Account:
    """A 16-year-old who plays with strangers of all ages."""
    steps = [step for c in range(rng.randint(3, 10)) for step in _chat(rng, c, rng.uniform(0, 6000), rng.randint(2, 25), 0.6, STRANGERS)]
    return Account("older teen in games", False, Actor(ref="a", age_band="16-17", account_age_days=150), "stranger", "13-15", steps)


def coach(rng: random.Random) -> Account:
    """A verified adult of a club, who asks for meetings, pictures of forms and presence."""
    intents = {"meet_request": 0.15, "location_probe": 0.08, "image_request": 0.03, "age_probe": 0.02}
    steps = [step for c in range(rng.randint(8, 20)) for step in _chat(rng, c, rng.uniform(0, 9000), rng.randint(2, 10), 0.7, intents)]
    return Account("coach", False, Actor(ref="a", age_band="adult", assurance="verified", account_age_days=700), "school", "10-12", steps)


def adult_gamer(rng: random.Random) -> Account:
    """An adult who happens to play with children and talks about the game."""
    steps = [
        step for c in range(rng.randint(1, 4)) for step in _chat(rng, c, rng.uniform(0, 9000), rng.randint(3, 20), 0.7, {"age_probe": 0.02})
    ]
    return Account("adult who plays", False, Actor(ref="a", age_band="adult", account_age_days=500), "accepted", "13-15", steps)


_ORDER = ("age_probe", "location_probe", "gift_offer", "secrecy", "move_platform", "image_request", "meet_request")


def _approach(rng: random.Random, contact: int, start: float, pace: float, depth: int) -> Iterator[Step]:
    minute, wanted = start, sorted(rng.sample(range(len(_ORDER)), depth))
    for place in wanted:
        for _ in range(rng.randint(1, 3)):
            minute += rng.expovariate(1 / pace)
            yield Step(minute, contact)
            if rng.random() < 0.6:
                yield Step(minute + 1, contact, answer=True, refuses=rng.random() < 0.15)
        minute += rng.expovariate(1 / pace)
        yield Step(minute, contact, intents=(f"contact.{_ORDER[place]}",))


def fast_risk(rng: random.Random) -> Account:
    """A new account that writes to many children, and presses the one who answers."""
    steps = [Step(rng.uniform(0, 1400), c) for c in range(1, rng.randint(8, 30))]
    steps += _approach(rng, 0, rng.uniform(0, 1400), 3, rng.randint(3, 6))
    return Account(
        "fast and wide",
        True,
        Actor(ref="a", age_band=rng.choice(("adult", "unknown")), account_age_days=rng.randint(0, 10)),
        "stranger",
        "10-12",
        steps,
    )


def slow_risk(rng: random.Random) -> Account:
    """An adult who takes weeks with one or two children."""
    steps = [step for c in range(rng.randint(1, 2)) for step in _approach(rng, c, rng.uniform(0, 3000), 900, rng.randint(4, 7))]
    return Account("slow and patient", True, Actor(ref="a", age_band="adult", account_age_days=200), "accepted", "10-12", steps)


def posing_risk(rng: random.Random) -> Account:
    """One who says to be of the same age."""
    steps = [step for c in range(rng.randint(3, 8)) for step in _approach(rng, c, rng.uniform(0, 5000), 30, rng.randint(3, 6))]
    return Account(
        "poses as a teenager", True, Actor(ref="a", age_band="13-15", account_age_days=rng.randint(0, 40)), "stranger", "13-15", steps
    )


MAKERS = (friends, newcomer, older_teen, coach, adult_gamer, fast_risk, slow_risk, posing_risk)


def detect(account: Account, with_text: bool, threshold: float, rng: random.Random) -> int | None:
    """After how many of its own messages an account is found; None if never. Intents are seen and missed as a model would."""
    policy = default_policy().document
    actor, pairs, others = ActorState(), {}, {}  # type: ignore[var-annotated]
    sent = 0
    for step in sorted(account.steps, key=lambda item: item.minute):
        child = Audience(ref=f"child{step.contact}", age_band=account.band, country="DE")  # type: ignore[arg-type]
        at = START + dt.timedelta(minutes=step.minute)
        pair, other = pairs.setdefault(step.contact, PairState()), others.setdefault(step.contact, ActorState())
        if step.answer:
            event = Event(
                at=at,
                relationship=account.relationship,
                text="no" if step.refuses and with_text else "",
                actor=Actor(ref=child.ref, age_band=account.band),
                audience=Audience(ref="a", age_band=account.actor.age_band),
            )  # type: ignore[arg-type]
            observe(event, {}, States(pair, other, actor), policy.contact, policy.unknown_as)
            continue
        sent += 1
        scores = {code: 0.9 for code in step.intents if with_text and rng.random() < 0.8}
        if with_text and rng.random() < 0.004:
            scores[rng.choice(harms.INTENTS)] = 0.7  # a false alarm of the text model
        event = Event(at=at, relationship=account.relationship, actor=account.actor, audience=child)  # type: ignore[arg-type]
        score, _ = observe(event, scores, States(pair, actor, other), policy.contact, policy.unknown_as)
        if score >= threshold:
            return sent
    return None


def f_latency(found: list[tuple[Account, int | None]]) -> tuple[float, float]:
    """(F1, F-latency) of detections over a population."""
    hits = [k for account, k in found if account.risky and k is not None]
    wrong = sum(not account.risky and k is not None for account, k in found)
    missed = sum(account.risky and k is None for account, k in found)
    f1 = 2 * len(hits) / max(1, 2 * len(hits) + wrong + missed)
    lengths = [sum(not step.answer for step in account.steps) for account, _ in found]
    p = math.log(3) / max(1, statistics.median(lengths) - 1)
    penalties = [2 / (1 + math.exp(-p * (k - 1))) - 1 for k in hits]
    return f1, f1 * (1 - statistics.median(penalties)) if penalties else 0.0


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=400, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for with_text in (True, False):
        print(f"\n## {'With text' if with_text else 'Without text'} ({options.accounts} accounts of each kind)\n")
        print("| kind | risky | warned (0.6) | held (0.85) | messages until warned (median) |\n|---|---|---|---|---|")
        population: list[tuple[Account, int | None]] = []
        for maker in MAKERS:
            rng = random.Random(f"{options.seed}{maker.__name__}")
            accounts = [maker(rng) for _ in range(options.accounts)]
            warned = [detect(account, with_text, 0.6, random.Random(number)) for number, account in enumerate(accounts)]
            held = [detect(account, with_text, 0.85, random.Random(number)) for number, account in enumerate(accounts)]
            population += zip(accounts, warned, strict=True)
            known = [k for k in warned if k is not None]
            share, strong = len(known) / len(accounts), sum(k is not None for k in held) / len(accounts)
            median = f"{statistics.median(known):.0f}" if known else "-"
            print(f"| {accounts[0].kind} | {'yes' if accounts[0].risky else 'no'} | {share:.1%} | {strong:.1%} | {median} |")
        f1, latency = f_latency(population)
        print(f"\nF1 {f1:.3f}, F-latency {latency:.3f}")


if __name__ == "__main__":
    main()
