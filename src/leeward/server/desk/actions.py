"""Every write of the desk. Each locks the case, checks that this moderator may do this now, writes, audits and tells who waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from leeward.engine.text.language import LANGUAGES, identify
from leeward.server.core import audit, clock, crypto, ids, outbox, reading
from leeward.server.core.addresses import may_send_to
from leeward.server.core.models import OutboxMessage
from leeward.server.desk import access, package, parcels, rules
from leeward.server.desk.models import Conflict, Delivery, Exposure, GoldenAnswer, Partner, Referral
from leeward.server.people.access import webhook_of
from leeward.server.people.models import Staff
from leeward.server.reports import actions as cases
from leeward.server.reports import notices, statements, told
from leeward.server.reports import rules as report_rules
from leeward.server.reports.actions import NotPossible
from leeward.server.reports.models import Appeal, Case, Evidence, Outcome, Report, Statement, Step

MAX_WORDS = 600
SURE_OF_LANGUAGE, LETTERS_TO_TELL = 0.8, 25
"""Words are refused as of another language only where there are enough of them to be sure."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a moderator decides."""

    kind: str
    harm: str = ""
    content: str = Outcome.Content.TEXT
    on_content: str = ""
    on_account: str = ""
    ground: str = Outcome.Ground.TERMS
    ground_reference: str = ""
    facts: str = ""
    own_words: str = ""
    carried_out: str = ""
    """Who did what was decided, where no service is connected that is told to."""


def _name(staff: Staff) -> str:
    return f"staff:{staff.pk}"


def _mine(case_id: str, staff: Staff) -> Case:
    """The case, locked, if this member of staff holds it. Two moderators never decide the same case.

    A lease that ran out while nobody else took the case goes on: who writes for half an hour loses nothing.
    """
    case = Case.objects.select_for_update().get(pk=case_id)
    if case.holder_id != staff.pk:
        raise NotPossible("You do not hold this case (any more): take it first.")
    _check_impartial(case, staff)
    case.held_until = clock.now() + rules.LEASE
    case.save(update_fields=["held_until"])
    return case


def _check_impartial(case: Case, staff: Staff) -> None:
    """Raises NotPossible where somebody decided before what is asked about again, or knows somebody of the case."""
    for appeal in Appeal.objects.filter(case=case, state=Appeal.State.WAITING).select_related("outcome"):
        if not report_rules.may_decide_appeal(staff.pk, appeal.outcome.by_id, appeal.outcome.confirmed_by_id):
            raise NotPossible(f"{staff.user} decided this before. Another person has to look at it again.")
    if Conflict.objects.filter(case=case, staff=staff).exists():
        raise NotPossible(f"{staff.user} knows somebody of this case and stands back.")


@transaction.atomic
def open_case(staff: Staff, case: Case) -> None:
    """Notes that a case was read, by whom: for the audit, and for the moderator's own care."""
    Exposure.objects.create(staff=staff, case=case, at=clock.now(), is_heavy=rules.is_heavy(case.harm, case.band, case.danger))
    audit.record(_name(staff), "case.read", f"case:{case.pk}")


@transaction.atomic
def look_at(staff: Staff, evidence: Evidence) -> bytes:
    """A picture without its cover. That somebody looked is audited."""
    audit.record(_name(staff), "evidence.look", f"evidence:{evidence.pk}", case=evidence.case_id)
    return access.picture_of(evidence)


@transaction.atomic
def take(case: Case, staff: Staff) -> Case:
    """Takes a case for twenty minutes; taking it again makes them twenty again."""
    case = Case.objects.select_for_update().get(pk=case.pk)
    now = clock.now()
    if case.state not in Case.OPEN:
        raise NotPossible("This case is decided.")
    if not rules.may_take(case.holder_id, case.held_until, staff.pk, now):
        raise NotPossible("Somebody else has just taken this case. Take the next one.")
    _check_impartial(case, staff)
    case.holder, case.held_until = staff, now + rules.LEASE
    case.save(update_fields=["holder", "held_until"])
    if case.state == Case.State.RECEIVED:
        cases.step(case, Step.Kind.TAKEN, _name(staff), state=Case.State.BEING_READ, say="being_read")
    else:
        audit.record(_name(staff), "case.take", f"case:{case.pk}")
    return case


def _let_go(case: Case) -> None:
    case.holder, case.held_until = None, None
    case.save(update_fields=["holder", "held_until"])


@transaction.atomic
def release(case: Case, staff: Staff) -> None:
    """Gives a case back to the queue."""
    _let_go(_mine(case.pk, staff))
    audit.record(_name(staff), "case.release", f"case:{case.pk}")


@transaction.atomic
def hand_over(case: Case, staff: Staff, to: Staff, note: str) -> None:
    """Hands a case to a colleague, with a note."""
    case = _mine(case.pk, staff)
    if to.organisation_id != staff.organisation_id or to.role not in Staff.MODERATES:
        raise NotPossible("A case is handed over to a moderator of your own organisation.")
    _check_impartial(case, to)
    cases.step(case, Step.Kind.NOTE, _name(staff), note=f"Handed over. {note}".strip(), reason="hand_over")
    case.holder, case.held_until = to, clock.now() + rules.LEASE
    case.save(update_fields=["holder", "held_until"])


def check_words(words: str, band: str, language: str) -> None:
    """Raises NotPossible where words to a child are too long, too hard for its band, or in a language that it did not write in."""
    if len(words) > MAX_WORDS:
        raise NotPossible(f"Write at most {MAX_WORDS} characters.")
    written = identify(words, SURE_OF_LANGUAGE) if len(words) >= LETTERS_TO_TELL else ""
    if written in LANGUAGES and language[:2] in LANGUAGES and written != language[:2]:
        raise NotPossible(f"They read “{language}”, and this is written in “{written}”. Write it in their language, or leave it out.")
    found = reading.complaints(words, band, language)
    if found:
        raise NotPossible(" ".join(found))


@transaction.atomic
def ask(case: Case, staff: Staff, report: Report, question: str) -> None:
    """Asks one who told, in words for their band."""
    case = _mine(case.pk, staff)
    question = question.strip()
    if not question or report.case_id != case.pk:
        raise NotPossible("Write the question.")
    if report.channel == Report.Channel.NONE:
        raise NotPossible("This person wants no answer, so they cannot be asked.")
    check_words(question, report.band, report.language)
    cases.step(case, Step.Kind.ASKED, _name(staff), state=Case.State.ASKED, say="asked", words=question, report=report)
    _let_go(case)


@transaction.atomic
def pass_on(case: Case, staff: Staff, state: str, note: str) -> None:
    """Notes that the case is now with the platform, a helpline or an authority."""
    case = _mine(case.pk, staff)
    if state not in Case.ELSEWHERE:
        raise NotPossible("Choose with whom it is: the platform, a helpline or an authority.")
    _pass_on(case, staff, state, note, "")


def _pass_on(case: Case, staff: Staff, state: str, note: str, reason: str) -> None:
    """The one who told learns of it, unless several told or an event is held: see rules.may_learn_where."""
    report = case.reports.get() if report_rules.may_learn_where(case.reports.count(), bool(case.held_event)) else None
    say = state if report is not None else ""
    cases.step(case, Step.Kind.PASSED_ON, _name(staff), state=state, say=say, note=note, reason=reason, report=report)


@transaction.atomic
def note(case: Case, staff: Staff, text: str) -> None:
    """An internal note. One need not hold the case for it."""
    if not text.strip() or len(text) > 5_000:
        raise NotPossible("A note has 1 to 5,000 characters.")
    cases.step(Case.objects.select_for_update().get(pk=case.pk), Step.Kind.NOTE, _name(staff), note=text.strip())


@transaction.atomic
def legal_hold(case: Case, staff: Staff, on: bool, why: str) -> None:
    """Stops, or lets go on, the deletion of a case."""
    if staff.role not in Staff.LEADS:
        raise NotPossible("Only a lead sets or lifts a legal hold.")
    if not why.strip():
        raise NotPossible("Say why: an order, its number and date.")
    case = Case.objects.select_for_update().get(pk=case.pk)
    case.legal_hold = on
    case.save(update_fields=["legal_hold"])
    cases.step(case, Step.Kind.HELD, _name(staff), note=why.strip(), reason="on" if on else "off")


@transaction.atomic
def stand_back(case: Case, staff: Staff) -> None:
    """A moderator who knows somebody of a case gives it back and does not see it again."""
    case = Case.objects.select_for_update().get(pk=case.pk)
    Conflict.objects.get_or_create(case=case, staff=staff, defaults={"at": clock.now()})
    if case.holder_id == staff.pk:
        _let_go(case)
    cases.step(case, Step.Kind.NOTE, _name(staff), note="Knows somebody of this case and stands back.", reason="conflict")


# --- deciding -----------------------------------------------------------------------------------------------------------------------


def _check(choice: Choice, case: Case) -> None:
    """Raises NotPossible, naming what is missing, where an outcome is not complete."""
    if choice.kind not in Outcome.Kind.values:
        raise NotPossible("Choose an outcome.")
    acted = choice.kind == Outcome.Kind.ACTION_TAKEN
    if acted and not (choice.on_content or choice.on_account):
        raise NotPossible("Say what was done: on the content, on the account, or both.")
    if not acted and (choice.on_content or choice.on_account):
        raise NotPossible("Only with “action taken” something is done on content or account.")
    if acted and not (choice.ground_reference.strip() and choice.facts.strip()):
        raise NotPossible("An action needs its ground (the law or the rule) and the facts: both stand in the statement of reasons.")
    if acted and (choice.harm or case.harm).startswith("wellbeing."):
        raise NotPossible("Distress is never sanctioned: choose another harm, or pass the case to a helpline.")
    if acted and not choice.carried_out.strip() and not can_be_carried_out(case):
        raise NotPossible("No service is connected that could do this. Say who did it and how (“Done by”), or pass the case on.")
    for report in case.reports.all():
        if choice.own_words:
            check_words(choice.own_words, report.band, report.language)


def can_be_carried_out(case: Case) -> bool:
    """Whether a decision reaches a service that acts on it: by webhook, or because it asks what became of an event that it holds.

    What a child is told was done has to be done.
    """
    if case.held_event:
        return True
    return case.service_id is not None and webhook_of(case.service_id) is not None


@transaction.atomic
def decide(case: Case, staff: Staff, choice: Choice) -> Outcome:
    """Decides a case, or proposes to where a second moderator has to confirm."""
    case = _mine(case.pk, staff)
    _check(choice, case)
    if case.outcomes.filter(state=Outcome.State.PROPOSED).exists():
        raise NotPossible("An outcome waits for its second reading already.")
    outcome = Outcome.objects.create(
        id=ids.new("out"), case=case, kind=choice.kind, state=Outcome.State.PROPOSED, harm=choice.harm, content=choice.content,
        on_content=choice.on_content, on_account=choice.on_account, ground=choice.ground,
        ground_reference=choice.ground_reference.strip()[:200], facts=told.seal(choice.facts.strip()),
        own_words=told.seal(choice.own_words.strip()), found_by_machine=case.source == Case.Source.SCREENING, at=clock.now(), by=staff,
    )  # fmt: skip
    if choice.carried_out.strip():
        cases.step(case, Step.Kind.NOTE, _name(staff), note=f"Done by: {choice.carried_out.strip()}", reason="carried_out")
    harms = {choice.harm, case.harm, *case.reports.values_list("harm", flat=True)}
    why = report_rules.needs_second(choice.kind, choice.on_account, harms, case.band, case.pk)
    if why:
        cases.step(case, Step.Kind.PROPOSED, _name(staff), note=f"Waits for a second moderator. {why}", reason=choice.kind)
        _let_go(case)
    else:
        _make_final(case, outcome, staff)
    return outcome


@transaction.atomic
def confirm(case: Case, staff: Staff) -> Outcome:
    """A second moderator confirms a proposed outcome."""
    case = _mine(case.pk, staff)
    outcome = case.outcomes.filter(state=Outcome.State.PROPOSED).last()
    if outcome is None:
        raise NotPossible("Nothing waits for a second reading.")
    if outcome.by_id == staff.pk:
        raise NotPossible("Somebody else has to confirm what you proposed.")
    outcome.confirmed_by = staff
    _make_final(case, outcome, staff)
    return outcome


@transaction.atomic
def send_back(case: Case, staff: Staff, why: str) -> None:
    """A second moderator does not confirm, and says why; the case is open again."""
    case = _mine(case.pk, staff)
    outcome = case.outcomes.filter(state=Outcome.State.PROPOSED).last()
    if outcome is None or outcome.by_id == staff.pk:
        raise NotPossible("There is nothing of another moderator to send back.")
    if not why.strip():
        raise NotPossible("Say why: the first moderator reads it.")
    outcome.state = Outcome.State.SENT_BACK
    outcome.save(update_fields=["state"])
    cases.step(case, Step.Kind.SENT_BACK, _name(staff), note=why.strip())
    _let_go(case)


def _make_final(case: Case, outcome: Outcome, staff: Staff) -> None:
    """Writes the statements, closes appeals, decides the case, and puts everything that has to be told into the outbox."""
    now = clock.now()
    before = case.outcomes.filter(state=Outcome.State.FINAL).order_by("-at").first()
    outcome.state, outcome.final_at = Outcome.State.FINAL, now
    outcome.save()
    was_acted = before is not None and before.kind == Outcome.Kind.ACTION_TAKEN
    receipt = _write_statements(case, outcome, was_acted)
    kind = _settle_appeals(case, outcome, before, staff)
    case.decided_at, case.harm = now, outcome.harm or case.harm
    case.save(update_fields=["decided_at", "harm"])
    _let_go(case)
    cases.step(case, kind, _name(staff), state=outcome.kind, say="decided", reason=outcome.kind)
    _tell_service(case, outcome, receipt, was_acted)


def _write_statements(case: Case, outcome: Outcome, was_acted: bool) -> str:
    """One for each who told, one for the person acted upon, one record; returns the receipt of the person acted upon ('' for none)."""
    own = told.open_text(outcome.own_words)
    rows = [
        Statement(
            outcome=outcome, to=Statement.To.REPORTER, report=report, band=report.band, language=report.language,
            body=told.seal(statements.for_reporter(outcome, report.band, report.language, own)),
        )
        for report in case.reports.all()
    ]  # fmt: skip
    receipt = ""
    undone = outcome.kind != Outcome.Kind.ACTION_TAKEN and was_acted
    to_target = statements.undone("unknown", case.language) if undone else statements.for_target(outcome, "unknown", case.language)
    if to_target:
        receipt = cases.target_receipt(case)
        rows.append(Statement(outcome=outcome, to=Statement.To.TARGET, band="unknown", language=case.language, body=told.seal(to_target)))
    if outcome.kind == Outcome.Kind.ACTION_TAKEN:
        record = statements.record(outcome, case, told.open_text(outcome.facts), clock.now().date())
        rows.append(Statement(outcome=outcome, to=Statement.To.RECORD, band="adult", language="en", body=told.seal(record)))
    Statement.objects.bulk_create(rows)
    return receipt


def _settle_appeals(case: Case, outcome: Outcome, before: Outcome | None, staff: Staff) -> Step.Kind:
    """Decides waiting appeals: upheld where the outcome is the same as before, else reversed. Returns the kind of the step."""
    waiting = list(case.appeals.filter(state=Appeal.State.WAITING))
    if not waiting or before is None:
        return Step.Kind.DECIDED
    same = (before.kind, before.on_content, before.on_account) == (outcome.kind, outcome.on_content, outcome.on_account)
    for appeal in waiting:
        appeal.state = Appeal.State.UPHELD if same else Appeal.State.REVERSED
        appeal.decided_by, appeal.decided_at = staff, clock.now()
        appeal.save(update_fields=["state", "decided_by", "decided_at"])
    before.state = Outcome.State.REVERSED if not same else before.state
    before.save(update_fields=["state"])
    return Step.Kind.UPHELD if same else Step.Kind.REVERSED


def _tell_service(case: Case, outcome: Outcome, receipt: str, was_acted: bool) -> None:
    acted = outcome.kind == Outcome.Kind.ACTION_TAKEN
    data: dict[str, object] = {
        "outcome": outcome.kind, "harm": outcome.harm, "on_content": outcome.on_content, "on_account": outcome.on_account,
        "ground": outcome.ground, "ground_reference": outcome.ground_reference, "facts": told.open_text(outcome.facts),
        "automated_detection": outcome.found_by_machine, "automated_decision": False, "undo": was_acted and not acted,
        "tell_guardian": not any(report.no_guardian for report in case.reports.all()),
    }  # fmt: skip
    if case.held_event:
        data |= {"event": case.held_event, "state": "removed" if acted else "released"}
    if acted or was_acted:
        places = [told.open_told(report.told).place for report in case.reports.all()]
        data["target"] = next((place.ref or place.username or place.link for place in places), "") or _held_actor(case)
        written = outcome.statements.filter(to=Statement.To.TARGET).first()
        data["statement"] = told.open_text(written.body) if written else ""
        data["appeal"] = {"url": notices.answer_address(), "code": receipt}
    notices.tell_of_outcome(case, data)


def _held_actor(case: Case) -> str:
    return next((item.actor for item in access.held_of(case)), "")


@transaction.atomic
def close(case: Case, staff: Staff) -> None:
    """Ends a decided case for the desk; its answer stays readable, and it can be asked about again."""
    case = Case.objects.select_for_update().get(pk=case.pk)
    case.closed_at = clock.now()
    case.save(update_fields=["closed_at"])
    cases.step(case, Step.Kind.CLOSED, _name(staff), state=Case.State.CLOSED, say="closed")


# --- referrals ----------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def create_partner(
    staff: Staff, name: str, kind: str, country: str, channel: str, address: str, age_key: str
) -> Partner:  # fmt: skip
    """A partner that takes referrals."""
    if staff.role not in Staff.LEADS:
        raise NotPossible("Only a lead adds partners.")
    if channel in (Partner.Channel.MAIL, Partner.Channel.HTTPS):
        if not age_key:
            raise NotPossible("Give the partner’s age public key: what leaves by mail or HTTPS is encrypted for them.")
        if channel == Partner.Channel.HTTPS and not may_send_to(address):
            raise NotPossible("A referral goes to an https:// address (http only to this machine).")
        if not address:
            raise NotPossible("Give the address to send to.")
    if age_key:
        try:
            package.check_key(age_key)
        except package.PackageError as error:
            raise NotPossible(str(error)) from error
    if Partner.objects.filter(organisation_id=staff.organisation_id, name=name).exists():
        raise NotPossible(f"{name} is a partner already.")
    partner = Partner.objects.create(
        organisation_id=staff.organisation_id, name=name, kind=kind, country=country, channel=channel, address=address, age_key=age_key,
        created_at=clock.now(),
    )  # fmt: skip
    audit.record(_name(staff), "partner.create", f"partner:{partner.pk}", channel=channel)
    return partner


_STATE_OF = {Partner.Kind.HELPLINE: "with_helpline", Partner.Kind.SERVICE: "with_platform"}


@transaction.atomic
def refer(case: Case, staff: Staff, partner: Partner, why: str) -> Referral:
    """Hands a case to a partner: makes the package, puts it on its way, and notes with whom the case is."""
    case = _mine(case.pk, staff)
    if partner.organisation_id != staff.organisation_id:
        raise NotPossible("This is not a partner of yours.")
    if not why.strip():
        raise NotPossible("Say why it is referred: the partner reads it first.")
    now = clock.now()
    try:
        made = package.pack(access.facts_of(case, why.strip()[:2_000], staff.organisation.name), now)
    except package.PackageError as error:
        raise NotPossible(f"The package cannot be made: {error}") from error
    referral = Referral.objects.create(
        id=ids.new("ref"), case=case, partner=partner, at=now, by=staff, package=crypto.encrypt("referral", made),
        sha256=parcels.digest(made),
    )  # fmt: skip
    if partner.channel != Partner.Channel.DOWNLOAD:
        referral.message = parcels.put(partner, referral.pk, made).pk
        referral.save(update_fields=["message"])
    audit.record(_name(staff), "referral.create", f"referral:{referral.pk}", partner=partner.pk, sha256=referral.sha256)
    state = _STATE_OF.get(Partner.Kind(partner.kind), Case.State.WITH_AUTHORITY)
    _pass_on(case, staff, state, f"Referral {referral.pk}: {why.strip()}", partner.kind)
    return referral


def note_try(message: OutboxMessage, error: str) -> None:
    """Writes the delivery record of a referral after each try of the outbox."""
    referral = Referral.objects.filter(message=message.pk).first() if message.channel == OutboxMessage.Channel.PARCEL else None
    if referral is not None:
        Delivery.objects.create(referral=referral, at=clock.now(), succeeded=not error, detail=error or f"taken by {referral.partner.name}")


@transaction.atomic
def handed_over(referral: Referral, staff: Staff, how: str) -> None:
    """A referral that was downloaded reached its partner: says to whom and how."""
    if not how.strip():
        raise NotPossible("Say to whom it was handed, how, and their reference.")
    Delivery.objects.create(referral=referral, at=clock.now(), succeeded=True, detail=how.strip()[:300])
    audit.record(_name(staff), "referral.delivered", f"referral:{referral.pk}")


@transaction.atomic
def read_package(referral: Referral, staff: Staff) -> tuple[str, bytes]:
    """(file name, package) to download, encrypted where the partner has a key. It is audited."""
    audit.record(_name(staff), "referral.read", f"referral:{referral.pk}")
    body, name = access.package_of(referral), f"{referral.pk}.zip"
    return (f"{name}.age", package.sealed_for(referral.partner.age_key, body)) if referral.partner.age_key else (name, body)


def send_again(referral: Referral, staff: Staff) -> None:
    """Puts a referral that failed for good on its way once more."""
    message = OutboxMessage.objects.filter(pk=referral.message or "-", state=OutboxMessage.State.FAILED).first()
    if message is None:
        raise NotPossible("This referral is delivered, still being tried, or handed over by hand.")
    outbox.send_again(message, _name(staff))


# --- practice -----------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def answer_golden(staff: Staff, golden: str, kind: str, harm: str) -> GoldenAnswer:
    """Keeps the first answer to a golden case."""
    if golden not in access.golden_cases() or kind not in Outcome.Kind.values:
        raise NotPossible("Choose an outcome.")
    values: dict[str, Any] = {"kind": kind, "harm": harm, "at": clock.now()}
    answer, is_new = GoldenAnswer.objects.get_or_create(staff=staff, golden=golden, defaults=values)
    if is_new:
        audit.record(_name(staff), "golden.answer", f"golden:{golden}")
    return answer
