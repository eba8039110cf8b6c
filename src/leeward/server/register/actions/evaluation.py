"""Independent evaluation: how it was done, what was found, what members say to it, what was recommended and what became of that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.db.models import F, Max
from django.utils.text import slugify

from leeward.server.core import audit, clock, crypto, outbox
from leeward.server.register import rules
from leeward.server.register.actions.common import (
    Changed,
    NotPossible,
    actor,
    inside,
    living,
    lock,
    mails,
    needs,
    own,
    same_alliance,
    today,
)
from leeward.server.register.models import (
    Activity,
    Commitment,
    Evaluation,
    Finding,
    FollowUp,
    Member,
    Recommendation,
    Seat,
    SelfAssessment,
    ServiceTest,
)

NOTES_PURPOSE = "evaluator's notes"
CHECK_DAYS = 14
MIN_INDEPENDENCE = 40


def _mine(seat: Seat, evaluation: Evaluation, *states: str) -> None:
    needs(seat, Seat.Role.EVALUATOR)
    if evaluation.seat_id != seat.pk:
        raise NotPossible("That evaluation is somebody else’s.")
    if states and evaluation.state not in states:
        raise NotPossible(f"The evaluation is {evaluation.get_state_display().lower()}: this is not possible any more.")


@transaction.atomic
def begin(seat: Seat, title: str, evaluator: str, independence: str, period_start: dt.date, period_end: dt.date) -> Evaluation:
    """Begins an evaluation with a statement of independence, which is printed on its first page."""
    needs(seat, Seat.Role.EVALUATOR)
    living(seat.alliance)
    if len(independence.strip()) < MIN_INDEPENDENCE:
        raise NotPossible("Say who pays you, and what ties you have or had to any member: that is the statement of independence.")
    slug = slugify(title)[:60]
    if seat.alliance.evaluations.filter(slug=slug).exists():
        raise NotPossible(f"There is an evaluation “{title}” already.")
    made = Evaluation.objects.create(
        alliance=seat.alliance, slug=slug, title=title, evaluator=evaluator, seat=seat, independence=independence,
        period_start=period_start,
        period_end=period_end,
    )  # fmt: skip
    audit.record(actor(seat), "register.evaluation", f"evaluation:{made.pk}")
    for mail in mails(seat.alliance, [Seat.Role.EDITOR]):
        outbox.mail(mail, f"{title} has begun", "Please answer the self-assessment questionnaire in the office of the register.")
    return made


@transaction.atomic
def note(seat: Seat, evaluation: Evaluation, kind: str, on: dt.date, title: str, notes: str) -> Activity:
    """An interview, desk work, a workshop. Its title is published; its notes are encrypted and stay with the evaluator."""
    _mine(seat, evaluation, Evaluation.State.RUNNING, Evaluation.State.CHECK)
    made = Activity.objects.create(
        evaluation=evaluation, kind=kind, on=on, title=title, notes=crypto.encrypt(NOTES_PURPOSE, notes.encode()) if notes else b""
    )
    audit.record(actor(seat), "register.activity", f"evaluation:{evaluation.pk}", kind=kind)
    return made


@transaction.atomic
def assess(seat: Seat, evaluation: Evaluation, answers: Mapping[str, str]) -> SelfAssessment:
    """A member answers the questionnaire. Until the factual check it can be answered again; the evaluator and the member read it."""
    needs(seat, Seat.Role.EDITOR)
    same_alliance(seat, evaluation.alliance_id)
    if seat.member is None:
        raise NotPossible("Your seat belongs to no member.")
    inside(seat.member)
    if evaluation.state != Evaluation.State.RUNNING:
        raise NotPossible("The questionnaire is closed: the evaluator has gone on to the factual check.")
    made, _ = SelfAssessment.objects.update_or_create(
        evaluation=evaluation, member=seat.member, defaults={"answers": dict(answers), "submitted_at": clock.now()}
    )
    audit.record(actor(seat), "register.assess", f"evaluation:{evaluation.pk}", member=seat.member_id)
    return made


@transaction.atomic
def test_service(
    seat: Seat, evaluation: Evaluation, member: Member, service: str, item: str, result: str, evidence: str, on: dt.date
) -> ServiceTest:
    """One point of the checklist, tried on a service, with what was seen."""
    _mine(seat, evaluation, Evaluation.State.RUNNING)
    same_alliance(seat, member.alliance_id)
    if item not in rules.CHECKLIST:
        raise NotPossible("That point does not stand in the checklist.")
    if on > today():
        raise NotPossible("A test cannot have been done in the future.")
    made = ServiceTest.objects.create(
        evaluation=evaluation, member=member, service=service, item=item, result=result, evidence=evidence, on=on
    )
    audit.record(actor(seat), "register.test", f"evaluation:{evaluation.pk}", item=item)
    return made


def _check_finding(kind: str, scale: str, commitment: Commitment | None, member: Member | None, evidence: str) -> None:
    if kind == Finding.Kind.FINDING and not scale:
        raise NotPossible("A finding needs a place on the scale; “no evidence” is one.")
    if commitment is not None and member is not None and commitment.member_id != member.pk:
        raise NotPossible("That commitment is another member’s.")
    if not evidence.strip():
        raise NotPossible("Say what it rests on: a test, a document, an indicator, an interview.")


@transaction.atomic
def find(
    seat: Seat, evaluation: Evaluation, kind: str, criterion: str, scale: str, text: str, evidence: str, member: Member | None = None,
    commitment: Commitment | None = None,
) -> Finding:  # fmt: skip
    """A finding, a strength, a shortcoming or a good practice."""
    lock(evaluation)
    _mine(seat, evaluation, Evaluation.State.RUNNING)
    member = commitment.member if commitment is not None and member is None else member
    if member is not None:
        same_alliance(seat, member.alliance_id)
    _check_finding(kind, scale, commitment, member, evidence)
    number = (evaluation.findings.aggregate(last=Max("number"))["last"] or 0) + 1
    made = Finding.objects.create(
        evaluation=evaluation, number=number, kind=kind, criterion=criterion, scale=scale, text=text, evidence=evidence, member=member,
        commitment=commitment,
    )  # fmt: skip
    audit.record(actor(seat), "register.finding", f"evaluation:{evaluation.pk}", number=number)
    return made


@transaction.atomic
def change_finding(seat: Seat, finding: Finding, edit: int, scale: str, text: str, evidence: str) -> Finding:
    """Changes a finding before the factual check; raises Changed where a colleague changed it meanwhile."""
    _mine(seat, finding.evaluation, Evaluation.State.RUNNING)
    _check_finding(finding.kind, scale, finding.commitment, finding.member, evidence)
    taken = Finding.objects.filter(pk=finding.pk, edit=edit).update(scale=scale, text=text, evidence=evidence, edit=F("edit") + 1)
    finding.refresh_from_db()
    if not taken:
        raise Changed({"text": finding.text, "evidence": finding.evidence})
    audit.record(actor(seat), "register.finding_changed", f"evaluation:{finding.evaluation_id}", number=finding.number)
    return finding


@transaction.atomic
def recommend(seat: Seat, evaluation: Evaluation, text: str, addressee: str, member: Member | None = None) -> Recommendation:
    """A recommendation, to a member, the alliance or somebody else."""
    lock(evaluation)
    _mine(seat, evaluation, Evaluation.State.RUNNING, Evaluation.State.CHECK)
    if member is not None:
        same_alliance(seat, member.alliance_id)
    made = Recommendation.objects.create(
        evaluation=evaluation,
        number=evaluation.recommendations.count() + 1,
        text=text,
        member=member,
        addressee=member.name if member else addressee or "The alliance",
    )
    audit.record(actor(seat), "register.recommendation", f"evaluation:{evaluation.pk}", number=made.number)
    return made


@transaction.atomic
def open_check(seat: Seat, evaluation: Evaluation, summary: str) -> Evaluation:
    """Gives the findings to the members for their factual check: they may agree or disagree, not change."""
    lock(evaluation)
    _mine(seat, evaluation, Evaluation.State.RUNNING)
    if not evaluation.findings.exists():
        raise NotPossible("There is no finding yet.")
    if not summary.strip():
        raise NotPossible("Write the summary first: members check it too.")
    evaluation.state, evaluation.summary, evaluation.check_until = Evaluation.State.CHECK, summary, today() + dt.timedelta(days=CHECK_DAYS)
    evaluation.save()
    audit.record(actor(seat), "register.check_open", f"evaluation:{evaluation.pk}")
    for member in {finding.member for finding in evaluation.findings.exclude(member=None).select_related("member") if finding.member}:
        for mail in mails(evaluation.alliance, [Seat.Role.EDITOR], member):
            outbox.mail(
                mail, f"{evaluation.title}: please check the facts", f"Until {evaluation.check_until}, in the office of the register."
            )
    return evaluation


@transaction.atomic
def check(seat: Seat, finding: Finding, agrees: bool, says: str) -> Finding:
    """The member says, once, whether the facts hold. A disagreement needs words, and is printed beside the finding."""
    lock(finding)
    needs(seat, Seat.Role.EDITOR)
    if finding.member is None:
        raise NotPossible("That finding is about the alliance as a whole.")
    own(seat, finding.member)
    if finding.evaluation.state != Evaluation.State.CHECK:
        raise NotPossible("The factual check is not open.")
    if finding.said_at is not None:
        raise NotPossible("Your member has answered already.")
    if not agrees and not says.strip():
        raise NotPossible("Say what is wrong, and what shows it.")
    finding.agrees, finding.says, finding.said_at = agrees, says, clock.now()
    finding.save(update_fields=["agrees", "says", "said_at"])
    audit.record(actor(seat), "register.checked", f"finding:{finding.pk}", agrees=agrees)
    return finding


@transaction.atomic
def respond(seat: Seat, finding: Finding, response: str, scale: str) -> Finding:
    """What the evaluator makes of a disagreement: the finding stands, or its place on the scale changes. Both are printed."""
    lock(finding)
    _mine(seat, finding.evaluation, Evaluation.State.CHECK)
    if finding.said_at is None or finding.agrees:
        raise NotPossible("The member did not disagree.")
    if finding.responded_at is not None:
        raise NotPossible("You have responded already.")
    before = finding.scale
    finding.response, finding.responded_at, finding.scale = response, clock.now(), scale or finding.scale
    finding.save(update_fields=["response", "responded_at", "scale"])
    audit.record(actor(seat), "register.responded", f"finding:{finding.pk}", before=before, after=finding.scale)
    return finding


@transaction.atomic
def publish(seat: Seat, evaluation: Evaluation) -> Evaluation:
    """Publishes the report, once everybody has answered or the time for it is over."""
    lock(evaluation)
    _mine(seat, evaluation, Evaluation.State.CHECK)
    waiting = evaluation.findings.exclude(member=None).filter(said_at=None)
    if waiting.exists() and evaluation.check_until is not None and today() <= evaluation.check_until:
        names = ", ".join(sorted({finding.member.name for finding in waiting.select_related("member") if finding.member}))
        raise NotPossible(f"The factual check is open until {evaluation.check_until}, and {names} did not answer yet.")
    if evaluation.findings.filter(agrees=False, responded_at=None).exists():
        raise NotPossible("Respond to every disagreement first: both are printed.")
    evaluation.state, evaluation.published_at = Evaluation.State.PUBLISHED, clock.now()
    evaluation.save(update_fields=["state", "published_at"])
    audit.record(actor(seat), "register.evaluation_published", f"evaluation:{evaluation.pk}")
    for mail in mails(evaluation.alliance, [Seat.Role.EDITOR, Seat.Role.SECRETARIAT]):
        outbox.mail(mail, f"Published: {evaluation.title}", "Please answer the recommendations that are addressed to you.")
    return evaluation


@transaction.atomic
def answer(seat: Seat, recommendation: Recommendation, answer: str, text: str) -> Recommendation:
    """Whom it is addressed to accepts or rejects it, once, with reasons."""
    lock(recommendation)
    needs(seat, Seat.Role.EDITOR, Seat.Role.SECRETARIAT)
    same_alliance(seat, recommendation.evaluation.alliance_id)
    if recommendation.member_id != seat.member_id:
        raise NotPossible("That recommendation is addressed to somebody else.")
    if recommendation.answer:
        raise NotPossible("It has been answered. Use a follow-up to say what has changed since.")
    if answer not in Recommendation.Answer.values or not answer or not text.strip():
        raise NotPossible("Accept it, accept it in part, or reject it; and say why.")
    recommendation.answer, recommendation.answer_text, recommendation.answered_at = answer, text, clock.now()
    recommendation.save(update_fields=["answer", "answer_text", "answered_at"])
    audit.record(actor(seat), "register.answer", f"recommendation:{recommendation.pk}", answer=answer)
    return recommendation


@transaction.atomic
def follow_up(seat: Seat, recommendation: Recommendation, text: str) -> FollowUp:
    """What became of it: by whom it is addressed to, or by the evaluator."""
    needs(seat, Seat.Role.EDITOR, Seat.Role.SECRETARIAT, Seat.Role.EVALUATOR)
    same_alliance(seat, recommendation.evaluation.alliance_id)
    if seat.role == Seat.Role.EDITOR and recommendation.member_id != seat.member_id:
        raise NotPossible("That recommendation is addressed to somebody else.")
    by = recommendation.evaluation.evaluator if seat.role == Seat.Role.EVALUATOR else str(seat.member or "Secretariat")
    made = FollowUp.objects.create(recommendation=recommendation, by=by, text=text, at=clock.now())
    audit.record(actor(seat), "register.follow_up", f"recommendation:{recommendation.pk}")
    return made
