"""What can be done in the office: for each thing who may, with which form, and which action does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404

from leeward.server.register import access, forms
from leeward.server.register.actions import commitments, evaluation, meetings, membership, observations, rounds, stories
from leeward.server.register.actions.common import actor, today
from leeward.server.register.models import CommitmentVersion, Observation, Seat

Role = Seat.Role
SECRETARIAT, EDITOR, ASSOCIATED, EVALUATOR, YOUTH = Role.SECRETARIAT, Role.EDITOR, Role.ASSOCIATED, Role.EVALUATOR, Role.YOUTH


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that can be done: by whom, about what, with which form."""

    title: str
    button: str
    roles: tuple[str, ...]
    form: type[forms.OfficeForm]
    run: Callable[[Seat, Any, Any], object]
    load: Callable[[Seat, int], Any] | None = None
    done: str = "Done."


def _data(form: Any) -> dict[str, Any]:
    data: dict[str, Any] = dict(form.cleaned_data)
    return data


def _file(form: Any) -> bytes | None:
    upload = form.cleaned_data.get("file")
    return upload.read(rounds.MAX_FILE + 1) if upload else None


def _document(**about: str) -> Callable[[Seat, Any, Any], object]:
    """Adds a document to what the task is about."""

    def run(seat: Seat, subject: Any, form: Any) -> object:
        data = _data(form)
        things = dict.fromkeys(about.values(), subject)
        return rounds.add_document(seat, data["kind"], data["title"], data["url"], _file(form), **things)

    return run


def _own_report(seat: Seat, pk: int) -> Any:
    """The newest report of one's own member in a round."""
    found = rounds.report_of(access.round_(seat, pk), seat.member) if seat.member else None
    if found is None:
        raise Http404
    return found


def _give_seat(seat: Seat, subject: Any, form: Any) -> object:
    data = _data(form)
    return membership.give_seat(seat.alliance, data["mail"], data["role"], data["member"], actor(seat))


def _new_meeting(seat: Seat, subject: Any, form: Any) -> object:
    return meetings.plan(seat, **_data(form))


def _hold(seat: Seat, subject: Any, form: Any) -> object:
    data = _data(form)
    guests = [item.strip() for item in data["guests"].splitlines() if item.strip()]
    return meetings.hold(seat, subject, list(data["members_there"]), guests, data["minutes"])


def _tell(seat: Seat, subject: Any, form: Any) -> object:
    data = _data(form)
    topics = [item.strip() for item in data["topics"].split(",") if item.strip()]
    return stories.tell(
        seat, data["kind"], data["on"], data["title"], data["text"], data["regulator"], data["url"], list(data["about"]), topics
    )


def _enter(seat: Seat, subject: Any, form: Any) -> object:
    data = _data(form)
    value = observations.Value(
        data["start_on"], data["end_on"], data["value"], data["denominator"], data["unit"], data["narrative"], data["note"]
    )
    return observations.enter(seat, subject, [value], Observation.Source.MANUAL)


def _upload(seat: Seat, subject: Any, form: Any) -> object:
    data = form.cleaned_data["file"].read(observations.MAX_UPLOAD + 1)
    return observations.enter(seat, subject, observations.read_upload(data), Observation.Source.UPLOAD)


def _policy(seat: Seat, subject: Any, form: Any) -> object:
    data = _data(form)
    criteria = {name: [item.strip() for item in data[name].splitlines() if item.strip()] for name in ("company", "associated")}
    return membership.publish_policy(seat.alliance, data["text"], data["decides"], criteria, actor(seat))


def _save_version(seat: Seat, subject: CommitmentVersion, form: Any) -> object:
    return commitments.save(seat, subject, form.cleaned_data["edit"] or 0, form.text_of())


def _save_report(seat: Seat, subject: Any, form: Any) -> object:
    data = _data(form)
    return rounds.save_report(seat, subject, data["edit"] or 0, data["done"], data["planned"], data["numbers"])


TASKS: dict[str, Task] = {
    # the secretariat
    "seat": Task("Give a seat", "Give it", (SECRETARIAT,), forms.SeatForm, _give_seat, done="A mail with the next steps is on its way."),
    "end-seat": Task("End a seat", "End it", (SECRETARIAT,), forms.NothingForm, lambda s, x, f: membership.end_seat(s, x), access.seat),
    "purpose": Task(
        "New version of the statement of purpose",
        "Publish",
        (SECRETARIAT,),
        forms.PurposeForm,
        lambda s, x, f: membership.publish_purpose(s.alliance, f.cleaned_data["text"], f.cleaned_data["actions"], actor(s)),
    ),
    "policy": Task("New version of the membership policy", "Publish", (SECRETARIAT,), forms.PolicyForm, _policy),
    "check": Task(
        "Check eligibility",
        "Save",
        (SECRETARIAT,),
        forms.ChecksForm,
        lambda s, x, f: membership.check_eligibility(s, x, f.checks()),
        access.member,
    ),
    "decide": Task(
        "Decide on a membership",
        "Decide",
        (SECRETARIAT,),
        forms.DecideForm,
        lambda s, x, f: membership.decide(s, x, f.cleaned_data["state"], f.cleaned_data["reason"]),
        access.member,
    ),
    "publish": Task(
        "Publish a commitment", "Publish", (SECRETARIAT,), forms.NothingForm, lambda s, x, f: commitments.publish(s, x), access.version
    ),
    "give-back": Task(
        "Give a commitment back",
        "Give it back",
        (SECRETARIAT,),
        forms.WhyForm,
        lambda s, x, f: commitments.give_back(s, x, f.cleaned_data["why"]),
        access.version,
    ),
    "start": Task(
        "Begin the alliance’s work",
        "Begin",
        (SECRETARIAT,),
        forms.NothingForm,
        lambda s, x, f: membership.start(s.alliance, today(), actor(s)),
    ),
    "round": Task("Open a round of reporting", "Open", (SECRETARIAT,), forms.RoundForm, lambda s, x, f: rounds.open_round(s, **_data(f))),
    "meeting": Task(
        "Plan a meeting", "Plan and invite", (SECRETARIAT,), forms.MeetingForm, _new_meeting, done="The invitations are on their way."
    ),
    "change-meeting": Task(
        "Change a meeting",
        "Change and tell",
        (SECRETARIAT,),
        forms.ChangeMeetingForm,
        lambda s, x, f: meetings.change(s, x, **_data(f)),
        access.meeting,
    ),
    "cancel-meeting": Task(
        "Cancel a meeting", "Cancel it", (SECRETARIAT,), forms.NothingForm, lambda s, x, f: meetings.cancel(s, x), access.meeting
    ),
    "minutes": Task("Publish the minutes", "Publish", (SECRETARIAT,), forms.MinutesForm, _hold, access.meeting),
    "resolution": Task(
        "Decision or action of a meeting",
        "Add",
        (SECRETARIAT,),
        forms.ResolutionForm,
        lambda s, x, f: meetings.resolve(s, x, **_data(f)),
        access.meeting,
    ),
    "finish": Task(
        "An action was done", "It was done", (SECRETARIAT,), forms.NothingForm, lambda s, x, f: meetings.finish(s, x), access.resolution
    ),
    "meeting-document": Task("Document of a meeting", "Add", (SECRETARIAT,), forms.FileForm, _document(to="meeting"), access.meeting),
    "consult": Task("Ask everybody", "Ask", (SECRETARIAT,), forms.ConsultForm, lambda s, x, f: meetings.consult(s, **_data(f))),
    "consultation-outcome": Task(
        "Outcome of a consultation",
        "Publish",
        (SECRETARIAT,),
        forms.TextForm,
        lambda s, x, f: meetings.conclude_consultation(s, x, f.cleaned_data["text"]),
        access.consultation,
    ),
    "news": Task("Tell news", "Publish", (SECRETARIAT,), forms.NewsForm, _tell),
    "letter": Task(
        "Send the newsletter",
        "Send",
        (SECRETARIAT,),
        forms.LetterForm,
        lambda s, x, f: stories.send_newsletter(s, f.cleaned_data["subject_line"], f.cleaned_data["text"], f.cleaned_data["since"]),
    ),
    "pull": Task(
        "Fetch a member’s measurements",
        "Add",
        (SECRETARIAT,),
        forms.PullForm,
        lambda s, x, f: observations.ask_at(s, x, **_data(f)),
        access.member,
    ),
    "conclude": Task(
        "Conclude the alliance",
        "Conclude it for good",
        (SECRETARIAT,),
        forms.ConcludeForm,
        lambda s, x, f: membership.conclude(s, **_data(f)),
    ),
    # members
    "endorse": Task(
        "Endorse the statement of purpose",
        "Endorse",
        (EDITOR, ASSOCIATED),
        forms.EndorseForm,
        lambda s, x, f: membership.endorse(s, f.cleaned_data["by"]),
    ),
    "describe": Task(
        "Describe your organisation",
        "Save",
        (EDITOR, ASSOCIATED),
        forms.DescribeForm,
        lambda s, x, f: membership.describe(s, **f.described()),
    ),
    "leave": Task(
        "Leave the alliance", "Leave", (EDITOR, ASSOCIATED), forms.WhyForm, lambda s, x, f: membership.leave(s, f.cleaned_data["why"])
    ),
    "vote": Task(
        "Vote on an applicant",
        "Vote",
        (EDITOR,),
        forms.VoteForm,
        lambda s, x, f: membership.vote(s, x, f.cleaned_data["yes"] == "yes", f.cleaned_data["reason"]),
        access.member,
    ),
    "commitment": Task(
        "New commitment",
        "Save the draft",
        (EDITOR,),
        forms.CommitmentForm,
        lambda s, x, f: commitments.draft(s, f.text_of()),
        done="The draft is saved. Hand it in when it is ready.",
    ),
    "version": Task("Change a draft", "Save the draft", (EDITOR,), forms.CommitmentForm, _save_version, access.version),
    "new-version": Task(
        "New version of a commitment",
        "Begin",
        (EDITOR,),
        forms.NothingForm,
        lambda s, x, f: commitments.new_version(s, x),
        access.commitment,
    ),
    "submit": Task(
        "Hand a commitment in", "Hand it in", (EDITOR,), forms.NothingForm, lambda s, x, f: commitments.submit(s, x), access.version
    ),
    "withdraw": Task(
        "Withdraw a commitment",
        "Withdraw",
        (EDITOR,),
        forms.WhyForm,
        lambda s, x, f: commitments.withdraw(s, x, f.cleaned_data["why"]),
        access.commitment,
    ),
    "commitment-document": Task(
        "Document of a commitment", "Add", (EDITOR,), forms.FileForm, _document(to="commitment"), access.commitment
    ),
    "withdraw-document": Task(
        "Withdraw a document",
        "Withdraw",
        (SECRETARIAT, EDITOR),
        forms.WhyForm,
        lambda s, x, f: rounds.withdraw_document(s, x, f.cleaned_data["why"]),
        access.document,
    ),
    "indicator": Task(
        "New indicator",
        "Define",
        (EDITOR,),
        forms.IndicatorForm,
        lambda s, x, f: observations.define(s, f.definition(), list(f.cleaned_data["commitments"])),
    ),
    "value": Task("Enter a value", "Enter", (EDITOR,), forms.ValueForm, _enter, access.indicator),
    "upload": Task("Upload values", "Upload", (EDITOR,), forms.UploadForm, _upload, access.indicator),
    "key": Task("Public key of your tools", "Add", (EDITOR,), forms.KeyForm, lambda s, x, f: observations.add_key(s, **_data(f))),
    "revoke-key": Task("Revoke a key", "Revoke", (EDITOR,), forms.NothingForm, lambda s, x, f: observations.revoke_key(s, x), access.key),
    "report": Task(
        "Report of the round",
        "Save",
        (EDITOR,),
        forms.ReportForm,
        _save_report,
        access.round_,
        done="It is saved. Hand it in when it is ready.",
    ),
    "submit-report": Task(
        "Hand the report in", "Hand it in", (EDITOR,), forms.NothingForm, lambda s, x, f: rounds.submit_report(s, x), access.round_
    ),
    "report-document": Task("Document of a report", "Add", (EDITOR,), forms.FileForm, _document(to="report"), _own_report),
    "reply": Task(
        "Reply to a comment", "Reply", (EDITOR,), forms.TextForm, lambda s, x, f: rounds.reply(s, x, f.cleaned_data["text"]), access.comment
    ),
    "assess": Task(
        "Self-assessment",
        "Hand it in",
        (EDITOR,),
        forms.QuestionsForm,
        lambda s, x, f: evaluation.assess(s, x, _data(f)),
        access.evaluation,
    ),
    "fact-check": Task(
        "Check a finding",
        "Answer",
        (EDITOR,),
        forms.CheckForm,
        lambda s, x, f: evaluation.check(s, x, f.cleaned_data["agrees"] == "yes", f.cleaned_data["says"]),
        access.finding,
    ),
    "answer": Task(
        "Answer a recommendation",
        "Answer",
        (EDITOR, SECRETARIAT),
        forms.AnswerForm,
        lambda s, x, f: evaluation.answer(s, x, f.cleaned_data["answer"], f.cleaned_data["text"]),
        access.recommendation,
    ),
    "follow-up": Task(
        "What became of a recommendation",
        "Add",
        (EDITOR, SECRETARIAT, EVALUATOR),
        forms.TextForm,
        lambda s, x, f: evaluation.follow_up(s, x, f.cleaned_data["text"]),
        access.recommendation,
    ),
    "pledge": Task(
        "Take up a challenge of the youth pledge", "Take it up", (EDITOR,), forms.PledgeForm, lambda s, x, f: stories.take_up(s, **_data(f))
    ),
    "pledge-step": Task(
        "Work on a pledge", "Add", (EDITOR, YOUTH), forms.StepForm, lambda s, x, f: stories.work_on(s, x, **_data(f)), access.pledge
    ),
    "practice": Task(
        "Share a good practice",
        "Publish",
        (SECRETARIAT, EDITOR, ASSOCIATED, EVALUATOR),
        forms.PracticeForm,
        lambda s, x, f: stories.share_practice(s, **_data(f)),
    ),
    # associated members and youth
    "comment-report": Task(
        "Comment on a report",
        "Publish",
        (ASSOCIATED, YOUTH),
        forms.TextForm,
        lambda s, x, f: rounds.comment(s, f.cleaned_data["text"], report=x),
        access.report,
    ),
    "comment-commitment": Task(
        "Comment on a commitment",
        "Publish",
        (ASSOCIATED, YOUTH),
        forms.TextForm,
        lambda s, x, f: rounds.comment(s, f.cleaned_data["text"], commitment=x),
        access.commitment,
    ),
    "view": Task(
        "Give your view",
        "Publish",
        (EDITOR, ASSOCIATED, YOUTH),
        forms.TextForm,
        lambda s, x, f: meetings.give_view(s, x, f.cleaned_data["text"]),
        access.consultation,
    ),
    "verdict": Task(
        "Your verdict on a pledge",
        "Publish",
        (YOUTH,),
        forms.VerdictForm,
        lambda s, x, f: stories.judge(s, x, f.cleaned_data["verdict"], f.lundy()),
        access.pledge,
    ),
    # the evaluator
    "evaluation": Task("Begin an evaluation", "Begin", (EVALUATOR,), forms.EvaluationForm, lambda s, x, f: evaluation.begin(s, **_data(f))),
    "activity": Task(
        "Interview, desk work, workshop",
        "Add",
        (EVALUATOR,),
        forms.ActivityForm,
        lambda s, x, f: evaluation.note(s, x, **_data(f)),
        access.evaluation,
    ),
    "test": Task(
        "Test of a service",
        "Add",
        (EVALUATOR,),
        forms.TestForm,
        lambda s, x, f: evaluation.test_service(s, x, **_data(f)),
        access.evaluation,
    ),
    "finding": Task(
        "Finding", "Add", (EVALUATOR,), forms.FindingForm, lambda s, x, f: evaluation.find(s, x, **_data(f)), access.evaluation
    ),
    "change-finding": Task(
        "Change a finding",
        "Save",
        (EVALUATOR,),
        forms.ChangeFindingForm,
        lambda s, x, f: evaluation.change_finding(s, x, **_data(f)),
        access.finding,
    ),
    "recommend": Task(
        "Recommendation",
        "Add",
        (EVALUATOR,),
        forms.RecommendForm,
        lambda s, x, f: evaluation.recommend(s, x, **_data(f)),
        access.evaluation,
    ),
    "open-check": Task(
        "Open the factual check",
        "Open",
        (EVALUATOR,),
        forms.SummaryForm,
        lambda s, x, f: evaluation.open_check(s, x, f.cleaned_data["summary"]),
        access.evaluation,
    ),
    "respond": Task(
        "Respond to a disagreement",
        "Respond",
        (EVALUATOR,),
        forms.RespondForm,
        lambda s, x, f: evaluation.respond(s, x, **_data(f)),
        access.finding,
    ),
    "publish-evaluation": Task(
        "Publish the report", "Publish", (EVALUATOR,), forms.NothingForm, lambda s, x, f: evaluation.publish(s, x), access.evaluation
    ),
}
"""Name in the address -> what it is."""
