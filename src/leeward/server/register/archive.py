"""Loads the historical alliance into the register, as its page showed it. Loaded twice, nothing changes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.text import slugify

from leeward.server.core import audit
from leeward.server.register.actions import membership
from leeward.server.register.models import (
    Activity,
    Alliance,
    Commitment,
    CommitmentVersion,
    Document,
    Evaluation,
    Meeting,
    Member,
    MembershipPolicy,
    MemberStep,
    News,
    Pledge,
    PledgeStep,
)

REGULATOR = "European Commission"
TITLES = {"agenda": "Agenda of the meeting (.pdf)", "presentations": "Presentations"}
NOT_HELD = "Named on the page; this archive does not hold the file."


def facts() -> dict[str, Any]:
    """What archive.yaml says."""
    read: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "archive.yaml").read_text(encoding="utf-8"))
    return read


def _noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


@transaction.atomic
def load(by: str) -> Alliance:
    """The historical alliance, made where it is not there yet."""
    told = facts()
    there = Alliance.objects.filter(slug=told["slug"]).first()
    if there is not None:
        return there
    alliance = Alliance.objects.create(
        slug=told["slug"], name=told["name"], about=told["about"], state=Alliance.State.CONCLUDED, is_archive=True,
        started_on=told["started_on"], concluded_note=told["concluded_note"], successor=told["successor"], sources=told["sources"],
    )  # fmt: skip
    purpose = told["purpose"]
    texts = [membership.ActionText(**item) for item in purpose["actions"]]
    membership.publish_purpose(alliance, purpose["text"], texts, by, purpose["published_on"])
    policy = told["policy"]
    MembershipPolicy.objects.create(
        alliance=alliance, number=1, valid_from=policy["valid_from"], text=policy["text"], decides="secretariat", source=policy["source"]
    )
    members = _members(alliance, told)
    _meetings(alliance, told["meetings"], told["started_on"])
    evaluation = _evaluation(alliance, told["evaluation"])
    for item in told["documents"]:
        Document.objects.create(
            alliance=alliance, kind=item["kind"], title=item["title"], note=NOT_HELD, member=members.get(item.get("member", "")),
            evaluation=evaluation if item.get("evaluation") else None, published_at=_noon(told["started_on"]),
        )  # fmt: skip
    _stories(alliance, told, members)
    audit.record(by, "register.archive", f"alliance:{alliance.slug}", members=len(members))
    return alliance


def _members(alliance: Alliance, told: dict[str, Any]) -> dict[str, Member]:
    made = {}
    for category, names in ((Member.Category.COMPANY, told["companies"]), (Member.Category.ASSOCIATED, told["associated"])):
        for name in names:
            joined = told["joined"].get(name, {"day": told["started_on"], "says": "Named on the page; the day of joining is not."})
            made[name] = Member.objects.create(
                alliance=alliance, slug=slugify(name), name=name, category=category, state=Member.State.ADMITTED, joined_on=joined["day"]
            )
            MemberStep.objects.create(member=made[name], on=joined["day"], state=Member.State.ADMITTED, reason=joined["says"])
    return made


def _meetings(alliance: Alliance, meetings: list[dict[str, Any]], since: dt.date) -> None:
    for number, item in enumerate(meetings, 1):
        meeting = Meeting.objects.create(
            alliance=alliance, number=number, title=f"Meeting of {item['day'].day} {item['day']:%B %Y}", about=item["about"],
            on=item["day"], state=Meeting.State.HELD,
        )  # fmt: skip
        for name in item["documents"]:
            kind = Document.Kind.AGENDA if name == "agenda" else Document.Kind.PRESENTATION
            Document.objects.create(
                alliance=alliance, kind=kind, title=TITLES[name], note=NOT_HELD, meeting=meeting, published_at=_noon(item["day"])
            )


def _evaluation(alliance: Alliance, item: dict[str, Any]) -> Evaluation:
    made = Evaluation.objects.create(
        alliance=alliance, slug="evaluation-2018", title=item["title"], evaluator=item["evaluator"], independence=item["independence"],
        summary=f"{item['summary']} {item['doubt']}", state=Evaluation.State.PUBLISHED, published_at=_noon(item["published_on"]),
        source=item["source"],
    )  # fmt: skip
    Activity.objects.bulk_create(Activity(evaluation=made, kind=method["kind"], title=method["title"]) for method in item["methods"])
    return made


def _stories(alliance: Alliance, told: dict[str, Any], members: dict[str, Member]) -> None:
    for item in told["pledges"]:
        pledge = Pledge.objects.create(
            member=members[item["member"]], title=item["title"], challenge=item["challenge"], begun_on=item["begun_on"],
            source=item["source"],
        )  # fmt: skip
        PledgeStep.objects.create(pledge=pledge, on=item["begun_on"], text=item["done"])
    for item in told["known_commitments"]:
        member = members[item["member"]]
        commitment = Commitment.objects.create(member=member, code=f"{alliance.slug}-{member.slug}-1"[:100])
        at = _noon(dt.date(2017, 6, 8))
        CommitmentVersion.objects.create(
            commitment=commitment, number=1, title="As told by the company itself", text=item["text"], source=item["source"], edited_at=at,
            submitted_at=at, published_at=at, state=CommitmentVersion.State.PUBLISHED,
            why_not=["The text of the commitment was published as a PDF that this archive does not hold."],
        )  # fmt: skip
    for item in told["milestones"]:
        News.objects.create(
            alliance=alliance, kind=News.Kind.MILESTONE, on=item["day"], precision=item.get("precision", "day"), title=item["title"],
            doubt=item.get("doubt", ""),
        )  # fmt: skip
    for item in told["news"]:
        news = News.objects.create(
            alliance=alliance, kind=News.Kind.ACT, title=item["title"], text=item["text"], regulator=REGULATOR, topics=item["topics"],
            doubt="The page gives no day.",
        )  # fmt: skip
        news.members.set([members[name] for name in item["members"]])
