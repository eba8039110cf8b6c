"""What the public pages say. A sheet has three faces: a page, JSON and CSV; all three show the same data."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Q

from leeward.server.register import access, charts, rules
from leeward.server.register.models import (
    Alliance,
    Commitment,
    CommitmentVersion,
    Consultation,
    Document,
    Evaluation,
    Finding,
    Indicator,
    Meeting,
    Member,
    MemberStep,
    News,
    Observation,
    Pledge,
    Recommendation,
    Round,
    RoundReport,
)

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PAGE = 50
TIMELINE = 300
"""Events on the page; JSON and CSV have all of them."""
FOUND_NAMES = dict(Finding.Scale.choices)


@dataclass(frozen=True, slots=True)
class Sheet:
    """`data` is what the page and the JSON show; `columns` and `rows` are the CSV. `extra` is for the page alone, `more` for the
    JSON alone, where a page shows a part of it. What is long is made only for the face that shows it."""

    title: str
    data: dict[str, Any]
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]] | Callable[[], Sequence[Sequence[Any]]]
    extra: dict[str, Any] = field(default_factory=dict)
    more: Callable[[], dict[str, Any]] = dict

    def all_rows(self) -> Sequence[Sequence[Any]]:
        """The rows of the CSV."""
        return self.rows() if callable(self.rows) else self.rows


def _row(row: access.Row) -> dict[str, Any]:
    return {
        "code": row.code, "member": row.member, "member_name": row.member_name, "title": row.title, "actions": row.actions,
        "bands": row.bands, "version": row.version, "verifiable": row.is_verifiable, "due": row.due, "target": row.target,
        "direction": row.direction, "unit": row.unit, "published_on": row.published_on, "evidence": row.evidence, "value": row.value,
        "evidence_until": row.evidence_until, "found": row.found,
    }  # fmt: skip


COMMITMENT_COLUMNS = (
    "code", "member", "member_name", "title", "actions", "bands", "version", "verifiable", "due", "target", "direction", "unit",
    "published_on", "evidence", "value", "evidence_until", "found",
)  # fmt: skip


def _flat(item: dict[str, Any], columns: Sequence[str]) -> list[Any]:
    """A row of a CSV: lists are joined by spaces."""
    return [" ".join(map(str, value)) if isinstance(value := item.get(name), list | tuple) else value for name in columns]


def _figures(of: Alliance, day: dt.date, rows: Sequence[access.Row], members: Sequence[tuple[Member, str]]) -> dict[str, Any]:
    total = rules.cell([row.standing for row in rows])
    measures = rules.measures([row.standing for row in rows], access.late_on(of, day))
    inside = [member for member, state in members if state in Member.INSIDE or of.is_archive]
    return {
        "companies": sum(member.category == Member.Category.COMPANY for member in inside),
        "associated": sum(member.category == Member.Category.ASSOCIATED for member in inside),
        **asdict(total), "none": sum(row.evidence == "none" for row in rows), "missed": sum(row.evidence == "missed" for row in rows),
        "share_verifiable": measures.verifiable, "share_fresh": measures.fresh, "share_found_true": measures.found_true,
        "median_days_late": measures.median_days_late,
    }  # fmt: skip


CELL = ("claimed", "evidenced", "stale", "kept", "found_true", "found_false", "evaluated")


def _cell(action: int, cell: rules.Cell) -> dict[str, Any]:
    return {"action": action, **asdict(cell), "tone": rules.tone(cell)}


def overview(of: Alliance, day: dt.date) -> Sheet:
    """Actions times members: claimed, evidenced, found."""
    rows, actions, members = access.rows_on(of, day), access.actions_on(of, day), access.members_on(of, day)
    by_pair: dict[tuple[str, int], list[rules.Standing]] = defaultdict(list)
    for row in rows:
        for number in row.actions:
            by_pair[row.member, number].append(row.standing)
    lines: list[dict[str, Any]] = []
    for member, state in members:
        if member.category == Member.Category.ASSOCIATED or (state not in Member.INSIDE and not of.is_archive):
            continue
        cells = [_cell(action.number, rules.cell(by_pair[member.slug, action.number])) for action in actions]
        lines.append({"member": member.slug, "name": member.name, "state": state, "cells": cells})
    promised = Counter(row.member for row in rows)
    if not of.is_archive:  # who promised most stands first, so that a phone does not show an empty column
        lines.sort(key=lambda line: (-promised[line["member"]], line["name"].casefold()))
    data = {
        "figures": _figures(of, day, rows, members),
        "actions": [
            {
                "number": action.number, "short": action.short, "strand": action.strand, "text": action.text,
                **asdict(rules.cell([row.standing for row in rows if action.number in row.actions])),
            }
            for action in actions
        ],
        "members": lines,
    }  # fmt: skip
    flat = [[line["member"], cell["action"], *(cell[name] for name in CELL)] for line in lines for cell in line["cells"]]
    return Sheet(of.name, data, ("member", "action", *CELL), flat)


def actions(of: Alliance, day: dt.date) -> Sheet:
    """The statement of purpose that held, with its actions and who endorsed it."""
    purpose = access.purpose_on(of, day)
    items = [{"number": a.number, "strand": a.strand, "short": a.short, "text": a.text} for a in (purpose.actions.all() if purpose else ())]
    endorsed = purpose.endorsements.filter(on__lte=day).select_related("member").order_by("on", "member__name") if purpose else ()
    policy = of.policies.filter(valid_from__lte=day).last()
    data = {
        "version": purpose.number if purpose else None, "published_on": purpose.published_on if purpose else None,
        "text": purpose.text if purpose else "", "source": purpose.source if purpose else "", "actions": items,
        "endorsed": [{"member": item.member.slug, "name": item.member.name, "by": item.by, "on": item.on} for item in endorsed],
        "versions": [{"number": item.number, "published_on": item.published_on} for item in of.purposes.filter(published_on__lte=day)],
        "policy": {
            "version": policy.number, "valid_from": policy.valid_from, "text": policy.text, "decides": policy.decides,
            "criteria": policy.criteria, "source": policy.source,
        } if policy else None,
        "documents": [_document(of, item) for item in access.documents_on(of, day).filter(kind__in=("purpose", "policy"))],
    }  # fmt: skip
    columns = ("number", "strand", "short", "text")
    return Sheet("Statement of purpose", data, columns, [_flat(item, columns) for item in items])


MEMBER_COLUMNS = ("slug", "name", "category", "state", "sector", "country", "joined_on", *CELL)


def members(of: Alliance, day: dt.date) -> Sheet:
    """Everybody who is or was a member."""
    by_member: dict[str, list[rules.Standing]] = defaultdict(list)
    for row in access.rows_on(of, day):
        by_member[row.member].append(row.standing)
    items = [
        {
            "slug": member.slug, "name": member.name, "category": member.category, "state": state, "sector": member.sector,
            "country": member.country, "joined_on": member.joined_on, **asdict(rules.cell(by_member[member.slug])),
        }
        for member, state in access.members_on(of, day)
    ]  # fmt: skip
    return Sheet("Members", {"members": items}, MEMBER_COLUMNS, [_flat(item, MEMBER_COLUMNS) for item in items])


def member(of: Alliance, day: dt.date, slug: str) -> Sheet:
    """One member: what it promised, what is measured, what was found, and its history."""
    found, state = access.member_on(of, slug, day)
    rows = access.rows_on(of, day, member=found)
    steps = [
        {"on": step.on, "state": step.get_state_display(), "reason": step.reason, "decided_by": step.decided_by}
        for step in found.steps.filter(on__lte=day).exclude(state=Member.State.APPLIED)
    ]
    late = access.late_on(of, day, found)
    measures = rules.measures([row.standing for row in rows], late)
    data = {
        "slug": found.slug, "name": found.name, "category": found.get_category_display(), "state": state, "sector": found.sector,
        "country": found.country, "website": found.website, "services": found.services, "about": found.about, "joined_on": found.joined_on,
        "total": asdict(rules.cell([row.standing for row in rows])), "measures": asdict(measures),
        "commitments": [_row(row) for row in rows],
        "withdrawn": [_version(item) for item in access.withdrawn_on(of, day).filter(commitment__member=found)],
        "history": steps,
        "endorsed": [{"version": item.purpose.number, "by": item.by, "on": item.on} for item in found.endorsements.filter(on__lte=day)],
        "findings": [_finding(item) for item in _findings(of, day).filter(member=found)],
        "pledges": [_pledge(item, day) for item in found.pledges.filter(begun_on__lte=day)],
        "news": [_news(item) for item in found.news.filter(on__lte=day)],
        "documents": [_document(of, item) for item in access.documents_on(of, day).filter(member=found, commitment=None, report=None)],
    }  # fmt: skip
    return Sheet(found.name, data, COMMITMENT_COLUMNS, [_flat(_row(row), COMMITMENT_COLUMNS) for row in rows])


def commitments(
    of: Alliance, day: dt.date, action: int | None = None, member: str = "", evidence: str = "", found: str = "", page: int = 1
) -> Sheet:
    """All commitments that hold; the page shows fifty at a time, JSON and CSV all of them."""
    rows = access.rows_on(of, day)
    if action is not None:
        rows = [row for row in rows if action in row.actions]
    if member:
        rows = [row for row in rows if row.member == member]
    if evidence:
        rows = [row for row in rows if row.evidence == evidence]
    if found:
        rows = [row for row in rows if row.found == ("" if found == "unseen" else found)]
    pages = max(1, -(-len(rows) // PAGE))
    page = min(max(page, 1), pages)
    extra = {
        "shown": [_row(row) for row in rows[(page - 1) * PAGE : page * PAGE]], "page": page, "pages": pages, "before": page - 1,
        "after": page + 1 if page < pages else 0, "actions": access.actions_on(of, day),
        "members": [item for item, _ in access.members_on(of, day)],
        "chosen": {"action": action, "member": member, "evidence": evidence, "found": found},
        "evidences": rules.EVIDENCE, "founds": {**FOUND_NAMES, "unseen": "Not evaluated"},
    }  # fmt: skip
    return Sheet(
        "Commitments", {"count": len(rows)}, COMMITMENT_COLUMNS, lambda: [_flat(_row(row), COMMITMENT_COLUMNS) for row in rows], extra,
        lambda: {"commitments": [_row(row) for row in rows]},
    )  # fmt: skip


def _version(item: CommitmentVersion) -> dict[str, Any]:
    return {
        "code": item.commitment.code, "version": item.number, "title": item.title, "text": item.text, "state": item.state,
        "actions": item.actions, "bands": item.bands, "baseline": item.baseline, "baseline_on": item.baseline_on, "target": item.target,
        "direction": item.direction, "unit": item.unit, "milestones": item.milestones, "due": item.due, "verifiable": item.is_verifiable,
        "why_not": item.why_not, "change": item.change, "published_at": item.published_at, "ended_at": item.ended_at,
        "ended_why": item.ended_why, "source": item.source,
    }  # fmt: skip


def _observation(item: Observation) -> dict[str, Any]:
    bundle = item.bundle
    return {
        "period_start": item.period_start, "period_end": item.period_end, "value": item.value, "denominator": item.denominator,
        "suppressed": item.is_suppressed, "narrative": item.narrative, "source": item.source, "source_name": item.get_source_display(),
        "method": item.method, "received_at": item.received_at, "sha256": bundle.sha256 if bundle else "",
        "key": bundle.key.public if bundle else "", "note": item.note,
    }  # fmt: skip


def _indicator(item: Indicator, day: dt.date, target: float | None, unit: str) -> tuple[dict[str, Any], charts.Chart | None]:
    series = access.series(item, day)
    target = target if unit == item.unit else None
    drawn = charts.chart([(point.period_start, point.value, point.source) for point in series], target, item.unit)
    data = {
        "code": item.code, "title": item.title, "kind": item.kind, "unit": item.unit, "denominator": item.denominator,
        "direction": item.direction, "geography": item.geography, "suppression": item.suppression, "tool": item.tool, "by": item.by,
        "every_months": item.every_months, "observations": [_observation(point) for point in series],
        "flags": [asdict(flag) for flag in rules.flags(access.points(series), item.every_months, day)],
    }  # fmt: skip
    return data, drawn


OBSERVATION_COLUMNS = (
    "member", "indicator", "commitments", "unit", "every_months", "period_start", "period_end", "value", "denominator", "suppressed",
    "source", "method", "received_at", "sha256",
)  # fmt: skip


def _observation_rows(indicators: Iterable[Indicator], series: dict[int, list[Observation]]) -> list[list[Any]]:
    rows = []
    for item in indicators:
        codes = [commitment.code for commitment in item.commitments.all()]
        head = {
            "member": item.member.slug,
            "indicator": item.code,
            "commitments": codes,
            "unit": item.unit,
            "every_months": item.every_months,
        }
        rows += [_flat({**head, **_observation(point)}, OBSERVATION_COLUMNS) for point in series.get(item.pk, [])]
    return rows


def observations(of: Alliance, day: dt.date) -> Sheet:
    """Every value that counts, with its provenance: what the figures are made of."""
    tied = (
        Indicator.objects.filter(member__alliance=of)
        .select_related("member")
        .prefetch_related("commitments")
        .order_by("member__slug", "code")
    )
    rows = _observation_rows(tied, access.all_series(Indicator.objects.filter(member__alliance=of), day))
    return Sheet(
        "Observations", {"observations": [dict(zip(OBSERVATION_COLUMNS, row, strict=True)) for row in rows]}, OBSERVATION_COLUMNS, rows
    )


def commitment(of: Alliance, day: dt.date, code: str) -> Sheet:
    """One commitment: three columns, the chart of its indicator, every version, every comment."""
    found: Commitment = access.commitment_on(of, code, day)
    versions = access.public_versions(found, day)
    current = versions[0]
    rows = access.rows_on(of, day, commitment=found)
    indicators = list(found.indicators.select_related("member").prefetch_related("commitments"))
    told = [_indicator(item, day, current.target, current.unit) for item in indicators]
    data = {
        "code": found.code, "member": found.member.slug, "member_name": found.member.name, "current": _version(current),
        "standing": _row(rows[0]) if rows else None, "indicators": [item for item, _ in told],
        "findings": [_finding(item) for item in _findings(of, day).filter(commitment=found)],
        "versions": [_version(item) for item in versions],
        "documents": [_document(of, item) for item in access.documents_on(of, day).filter(commitment=found)],
        "comments": [_comment(item, day) for item in access.comments_on(day, commitment=found)],
    }  # fmt: skip
    actions = [action for action in access.actions_on(of, day) if action.number in current.actions]
    extra = {"charts": [(item, drawn) for item, drawn in told], "actions": actions, "evidences": rules.EVIDENCE, "founds": FOUND_NAMES}
    return Sheet(
        current.title, data, OBSERVATION_COLUMNS, _observation_rows(indicators, access.all_series(found.indicators.all(), day)), extra
    )


def _shared_key(item: Indicator) -> tuple[str, ...]:
    """What makes two indicators the same: the tool or the code, and which of its values."""
    return (item.tool or item.code, *(f"{name}={value}" for name, value in sorted(item.by.items())))


def _shared(of: Alliance, day: dt.date) -> list[tuple[Indicator, list[Observation]]]:
    """The numbers that more than one member reports, with their series."""
    numbers = Indicator.objects.filter(member__alliance=of, kind=Indicator.Kind.NUMBER)
    keys = {pk: (tool or code, str(sorted(by.items()))) for pk, tool, code, by in numbers.values_list("pk", "tool", "code", "by")}
    often = Counter(keys.values())
    shared = numbers.filter(pk__in=[pk for pk, key in keys.items() if often[key] > 1])
    series = access.all_series(shared, day)
    return [(item, series.get(item.pk, [])) for item in shared.select_related("member").order_by("member__name")]


def compare(of: Alliance, day: dt.date) -> Sheet:
    """The newest values of the same indicator beside each other, with what makes them hard to compare."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for item, series in _shared(of, day):
        if series:
            key = _shared_key(item)
            groups[key].append({
                "member": item.member.slug, "name": item.member.name, "title": item.title, "unit": item.unit, "geography": item.geography,
                "direction": item.direction, **_observation(series[-1]),
            })  # fmt: skip
    items = []
    for key, values in sorted(groups.items()):
        if len(values) < 2:
            continue
        best = max((value["value"] for value in values if value["value"] is not None), default=0) or 1
        for value in values:
            value["width"] = max(0, round(100 * (value["value"] or 0) / best))
        notes = [
            f"They differ in {name}: {', '.join(sorted({str(value[field]) or 'unstated' for value in values}))}."
            for name, field in (("unit", "unit"), ("method", "method"), ("geography", "geography"), ("period", "period_end"))
            if len({value[field] for value in values}) > 1
        ]
        items.append(
            {"code": key[0], "by": key[1:], "title": values[0]["title"], "unit": values[0]["unit"], "values": values, "notes": notes}
        )
    columns = ("code", "member", "period_start", "period_end", "value", "denominator", "unit", "source", "method")
    rows = [_flat({"code": item["code"], **value}, columns) for item in items for value in item["values"]]
    return Sheet("Compare", {"indicators": items}, columns, rows)


def _document(of: Alliance, item: Document) -> dict[str, Any]:
    return {
        "title": item.title, "kind": item.kind, "note": item.note, "sha256": item.sha256, "published_at": item.published_at,
        "withdrawn_at": item.withdrawn_at, "withdrawn_why": item.withdrawn_why,
        "url": item.url or (f"/register/{of.slug}/documents/{item.pk}/" if item.body is not None else ""),
    }  # fmt: skip


def _comment(item: Any, day: dt.date) -> dict[str, Any]:
    by = item.seat.member.name if item.seat.member else item.seat.get_role_display()
    replied = _by(day, item.replied_at)
    return {
        "by": by,
        "text": item.text,
        "at": item.at,
        "reply": item.reply if replied else "",
        "replied_at": item.replied_at if replied else None,
    }


def _by(day: dt.date, at: dt.datetime | None) -> bool:
    """Whether something had happened by the end of a day."""
    return at is not None and at < access.end_of(day)


# -- evaluations


def _findings(of: Alliance, day: dt.date) -> Any:
    return Finding.objects.filter(evaluation__alliance=of, evaluation__published_at__lt=access.end_of(day)).select_related(
        "evaluation", "member", "commitment"
    )  # fmt: skip


def _finding(item: Finding) -> dict[str, Any]:
    return {
        "evaluation": item.evaluation.slug, "number": item.number, "kind": item.kind, "kind_name": item.get_kind_display(),
        "criterion": item.criterion, "criterion_name": item.get_criterion_display(), "scale": item.scale,
        "scale_name": item.get_scale_display() if item.scale else "", "member": item.member.slug if item.member else "",
        "member_name": item.member.name if item.member else "", "commitment": item.commitment.code if item.commitment else "",
        "text": item.text, "evidence": item.evidence, "agrees": item.agrees, "says": item.says, "response": item.response,
        "published_on": item.evaluation.published_at.date() if item.evaluation.published_at else None,
    }  # fmt: skip


FINDING_COLUMNS = (
    "evaluation", "published_on", "number", "kind", "criterion", "scale", "member", "commitment", "text", "evidence", "agrees", "says",
    "response",
)  # fmt: skip


def findings(of: Alliance, day: dt.date) -> Sheet:
    """Every published finding."""
    items = [_finding(item) for item in _findings(of, day).order_by("evaluation__published_at", "number")]
    return Sheet("Findings", {"findings": items}, FINDING_COLUMNS, [_flat(item, FINDING_COLUMNS) for item in items])


def evaluations(of: Alliance, day: dt.date) -> Sheet:
    """The published evaluations, and those that run."""
    items = [
        {"slug": item.slug, "title": item.title, "evaluator": item.evaluator, "state": item.state, "published_at": item.published_at}
        for item in of.evaluations.all() if item.state != Evaluation.State.PUBLISHED or item in access.evaluations_on(of, day)
    ]  # fmt: skip
    columns = ("slug", "title", "evaluator", "state", "published_at")
    return Sheet("Independent evaluation", {"evaluations": items}, columns, [_flat(item, columns) for item in items])


def _answer(item: Recommendation, day: dt.date) -> dict[str, Any]:
    if not _by(day, item.answered_at):
        return {"answer": "", "answer_name": "No answer yet", "answer_text": "", "answered_at": None}
    return {
        "answer": item.answer,
        "answer_name": item.get_answer_display(),
        "answer_text": item.answer_text,
        "answered_at": item.answered_at,
    }


def evaluation(of: Alliance, day: dt.date, slug: str) -> Sheet:
    """A published report: how, what was found by criterion, what members say to it, what was recommended and what came of it."""
    found = access._one(access.evaluations_on(of, day).filter(slug=slug).first())
    items = [_finding(item) for item in _findings(of, day).filter(evaluation=found)]
    tests: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for test in found.tests.select_related("member"):
        tests[f"{test.member.name}: {test.service}"].append({
            "member": test.member.slug, "item": rules.CHECKLIST[test.item], "result": test.result, "result_name": test.get_result_display(),
            "evidence": test.evidence, "on": test.on,
        })  # fmt: skip
    recommendations = [
        {
            "number": item.number, "text": item.text, "addressee": item.addressee, **_answer(item, day),
            "follow_ups": [{"by": step.by, "text": step.text, "at": step.at} for step in item.follow_ups.filter(at__lt=access.end_of(day))],
        }
        for item in found.recommendations.all()
    ]  # fmt: skip
    data = {
        "slug": found.slug, "title": found.title, "evaluator": found.evaluator, "independence": found.independence,
        "summary": found.summary,
        "period_start": found.period_start, "period_end": found.period_end, "published_at": found.published_at, "source": found.source,
        "methods": [{"kind": item.get_kind_display(), "on": item.on, "title": item.title} for item in found.activities.all()],
        "assessments": [item.member.name for item in found.assessments.select_related("member").order_by("member__name")],
        "criteria": [
            {"code": code, "name": name, "findings": [item for item in items if item["criterion"] == code]}
            for code, name in Finding.Criterion.choices
        ],
        "tests": [{"service": name, "items": rows} for name, rows in tests.items()], "recommendations": recommendations,
        "documents": [_document(of, item) for item in access.documents_on(of, day).filter(evaluation=found)],
        "scale": FOUND_NAMES, "disagreements": sum(item["agrees"] is False for item in items),
    }  # fmt: skip
    return Sheet(found.title, data, FINDING_COLUMNS, [_flat(item, FINDING_COLUMNS) for item in items])


# -- rounds


def rounds(of: Alliance, day: dt.date) -> Sheet:
    """Every round, with how many reported and how late."""
    items = []
    for item in of.rounds.all():
        reported = {report.member_id for report in access.reports_on(item, day)}
        due = [
            member
            for member, state in access.members_on(of, min(day, item.due))
            if state == Member.State.ADMITTED and member.category == "company"
        ]
        items.append({
            "slug": item.slug, "name": item.name, "period_start": item.period_start, "period_end": item.period_end, "due": item.due,
            "closes": item.closes, "reported": len(reported), "expected": len(due),
        })  # fmt: skip
    columns = ("slug", "name", "period_start", "period_end", "due", "closes", "reported", "expected")
    return Sheet("Rounds of reporting", {"rounds": items}, columns, [_flat(item, columns) for item in items])


def _report(of: Alliance, item: RoundReport, due: dt.date, day: dt.date) -> dict[str, Any]:
    return {
        "member": item.member.slug, "name": item.member.name, "version": item.number, "done": item.done, "planned": item.planned,
        "numbers": item.numbers, "submitted_at": item.submitted_at,
        "days_late": rules.days_late(due, item.submitted_at.date() if item.submitted_at else None, due),
        "documents": [_document(of, document) for document in item.documents.all()],
        "comments": [_comment(comment, day) for comment in item.comments.all() if _by(day, comment.at)],
    }  # fmt: skip


def round_(of: Alliance, day: dt.date, slug: str) -> Sheet:
    """One round: every report beside who did not report."""
    found: Round = access._one(of.rounds.filter(slug=slug).first())
    reports = [_report(of, item, found.due, day) for item in access.reports_on(found, day)]
    have = {item["member"] for item in reports}
    missing = [
        {"member": member.slug, "name": member.name, "days_late": rules.days_late(found.due, None, day)}
        for member, state in access.members_on(of, min(day, found.due))
        if state == Member.State.ADMITTED and member.category == Member.Category.COMPANY and member.slug not in have
    ]
    data = {
        "slug": found.slug, "name": found.name, "period_start": found.period_start, "period_end": found.period_end, "due": found.due,
        "closes": found.closes, "reports": reports, "missing": missing,
    }  # fmt: skip
    columns = ("member", "version", "submitted_at", "days_late", "done", "planned", "numbers")
    return Sheet(found.name, data, columns, [_flat(item, columns) for item in reports])


REPORT_COLUMNS = ("round", "due", "closes", "member", "submitted_on", "days_late")


def reports(of: Alliance, day: dt.date) -> Sheet:
    """Every report that was due, handed in or not: what the median of days late is made of."""
    rows = [
        (item.slug, item.due, item.closes, member.slug, on, rules.days_late(item.due, on, min(day, item.closes)))
        for item, member, on in access.due_on(of, day)
    ]
    return Sheet("Reports", {"reports": [dict(zip(REPORT_COLUMNS, row, strict=True)) for row in rows]}, REPORT_COLUMNS, rows)


# -- meetings, pledges, practices, news


def _meeting(of: Alliance, item: Meeting, day: dt.date) -> dict[str, Any]:
    documents = access.documents_on(of, day).filter(meeting=item)
    return {
        "number": item.number, "title": item.title, "about": item.about, "on": item.on, "starts_at": item.starts_at,
        "ends_at": item.ends_at,
        "place": item.place, "state": item.state, "documents": [_document(of, document) for document in documents],
    }  # fmt: skip


def _consultation(item: Consultation, day: dt.date) -> dict[str, Any]:
    views = item.views.filter(at__lt=access.end_of(day)).select_related("seat__member")
    return {
        "question": item.question, "opened_on": item.opened_on, "closes_on": item.closes_on, "outcome": item.outcome,
        "views": [{"by": str(view.seat.member or view.seat.get_role_display()), "text": view.text, "at": view.at} for view in views],
    }  # fmt: skip


def meetings(of: Alliance, day: dt.date) -> Sheet:
    """All meetings, the next first."""
    items = [_meeting(of, item, day) for item in of.meetings.order_by("on" if of.is_archive else "-on")]
    columns = ("number", "on", "state", "title", "about")
    asked = [_consultation(item, day) for item in of.consultations.filter(meeting=None, opened_on__lte=day).order_by("-opened_on")]
    return Sheet("Meetings", {"meetings": items, "consultations": asked}, columns, [_flat(item, columns) for item in items])


def meeting(of: Alliance, day: dt.date, number: int) -> Sheet:
    """One meeting."""
    found: Meeting = access._one(of.meetings.filter(number=number).first())
    agenda = [{"number": a.number, "starts": a.starts, "minutes": a.minutes, "title": a.title, "who": a.who} for a in found.agenda.all()]
    data = {
        **_meeting(of, found, day), "agenda": agenda,
        "attended": [{"name": str(item),
        "member": item.member.slug if item.member else ""} for item in found.attended.select_related("member")],
        "minutes": found.minutes if found.minutes_at is None or _by(day, found.minutes_at) else "",
        "resolutions": [
            {"kind": item.get_kind_display(), "text": item.text, "owner": item.owner, "due": item.due, "done_on": item.done_on}
            for item in found.resolutions.all()
        ],
        "consultations": [_consultation(item, day) for item in found.consultations.filter(opened_on__lte=day)],
    }  # fmt: skip
    columns = ("number", "starts", "minutes", "title", "who")
    return Sheet(found.title, data, columns, [_flat(item, columns) for item in agenda])


def _pledge(item: Pledge, day: dt.date) -> dict[str, Any]:
    judged = _by(day, item.verdict_at)
    return {
        "title": item.title, "member": item.member.slug, "member_name": item.member.name, "challenge": item.challenge,
        "begun_on": item.begun_on,
        "steps": [{"on": step.on, "text": step.text} for step in item.steps.all() if step.on <= day],
        "verdict": item.verdict if judged else "", "verdict_at": item.verdict_at if judged else None,
        "lundy": [{"question": rules.LUNDY[name], "mark": mark, "words": words} for name, (mark, words) in item.lundy.items() if judged],
        "source": item.source,
    }  # fmt: skip


def pledges(of: Alliance, day: dt.date) -> Sheet:
    """The youth pledge: what companies took up, what was done, and the verdict of the young people."""
    found = Pledge.objects.filter(member__alliance=of, begun_on__lte=day).select_related("member").prefetch_related("steps")
    items = [_pledge(item, day) for item in found]
    columns = ("member", "title", "challenge", "begun_on", "verdict")
    return Sheet("Youth pledge", {"pledges": items}, columns, [_flat(item, columns) for item in items])


def practices(of: Alliance, day: dt.date) -> Sheet:
    """Good practices."""
    items = [
        {
            "title": item.title, "by": item.member.name if item.member else "", "problem": item.problem, "what": item.what,
            "evidence": item.evidence, "transferable": item.transferable, "source": item.source, "published_on": item.published_on,
        }
        for item in of.practices.filter(published_on__lte=day).select_related("member")
    ]  # fmt: skip
    items += [
        {
            "title": item.text, "by": item.evaluation.evaluator, "problem": "", "what": item.text, "evidence": item.evidence,
            "transferable": "",
            "source": f"/register/{of.slug}/evaluations/{item.evaluation.slug}/#finding-{item.number}",
            "published_on": item.evaluation.published_at.date() if item.evaluation.published_at else None,
        }
        for item in _findings(of, day).filter(kind=Finding.Kind.PRACTICE)
    ]  # fmt: skip
    columns = ("title", "by", "problem", "what", "evidence", "transferable", "source", "published_on")
    return Sheet("Good practices", {"practices": items}, columns, [_flat(item, columns) for item in items])


def _news(item: News) -> dict[str, Any]:
    shown = "" if item.on is None else item.on.isoformat()[: {"day": 10, "month": 7, "year": 4}[item.precision]]
    return {
        "kind": item.get_kind_display(), "on": shown, "title": item.title, "text": item.text, "regulator": item.regulator, "url": item.url,
        "members": [{"slug": member.slug, "name": member.name} for member in item.members.all()], "topics": item.topics,
        "doubt": item.doubt,
        "id": item.pk,
    }  # fmt: skip


def news(of: Alliance, day: dt.date) -> Sheet:
    """News and acts of regulators; what has no day stands last."""
    found = of.news.filter(Q(on__lte=day) | Q(on=None)).exclude(kind=News.Kind.MILESTONE).prefetch_related("members")
    items = [_news(item) for item in sorted(found, key=lambda item: (item.on is not None, item.on or dt.date.min, item.pk), reverse=True)]
    columns = ("on", "kind", "title", "text", "regulator", "url", "topics")
    return Sheet("News", {"news": items}, columns, [_flat(item, columns) for item in items])


def timeline(of: Alliance, day: dt.date) -> Sheet:
    """What happened, by day, each with where it stands in the register or outside."""
    base = f"/register/{of.slug}/"
    found: list[tuple[str, str, str, str]] = []
    for item in of.news.filter(on__lte=day):
        told = _news(item)
        found.append((told["on"], item.get_kind_display(), item.title + (f" ({item.doubt})" if item.doubt else ""), item.url))
    for meeting in of.meetings.filter(on__lte=day):
        found.append((meeting.on.isoformat(), "meeting", meeting.about or meeting.title, f"{base}meetings/{meeting.number}/"))
    if not of.is_archive:
        steps = MemberStep.objects.filter(member__alliance=of, on__lte=day).exclude(state__in=("applied", "refused"))
        for step in steps.select_related("member"):
            says = f"{step.member.name}: {step.get_state_display().lower()}"
            found.append((step.on.isoformat(), "membership", says, f"{base}members/{step.member.slug}/"))
    for purpose in of.purposes.filter(published_on__lte=day):
        found.append((purpose.published_on.isoformat(), "purpose", f"Statement of purpose, version {purpose.number}", f"{base}purpose/"))
    for report in access.evaluations_on(of, day):
        found.append((f"{report.published_at:%Y-%m-%d}", "evaluation", f"Published: {report.title}", f"{base}evaluations/{report.slug}/"))
    versions = CommitmentVersion.objects.filter(commitment__member__alliance=of, published_at__lt=access.end_of(day))
    for at, name, title, number, code in versions.values_list(
        "published_at", "commitment__member__name", "title", "number", "commitment__code"
    ):
        says = f"{name}: “{title}”" + (f", version {number}" if number > 1 else "")
        found.append((f"{at:%Y-%m-%d}", "commitment", says, f"{base}commitments/{code}/"))
    found.sort(reverse=not of.is_archive)
    columns = ("on", "kind", "what", "where")

    def events(rows: Sequence[tuple[str, ...]]) -> list[dict[str, str]]:
        return [dict(zip(columns, row, strict=True)) for row in rows]

    return Sheet(
        "Timeline", {"count": len(found)}, columns, found, {"shown": events(found[:TIMELINE])}, lambda: {"events": events(found)}
    )  # fmt: skip


def search(of: Alliance, day: dt.date, words: str) -> Sheet:
    """Where some words stand: members, commitments, findings, meetings, practices and news."""
    base = f"/register/{of.slug}/"
    hits: list[dict[str, str]] = []
    words = words.replace("\x00", "").strip()[:100]
    if words:
        public = {member.pk: member for member, _ in access.members_on(of, day)}
        hits += [
            {"kind": "Member", "title": m.name, "where": f"{base}members/{m.slug}/"}
            for m in of.members.filter(Q(name__icontains=words) | Q(sector__icontains=words) | Q(about__icontains=words)) if m.pk in public
        ]  # fmt: skip
        versions = access.versions_on(of, day).filter(Q(title__icontains=words) | Q(text__icontains=words)).select_related("commitment")
        hits += [{"kind": "Commitment", "title": v.title, "where": f"{base}commitments/{v.commitment.code}/"} for v in versions[:PAGE]]
        hits += [
            {"kind": "Finding", "title": f.text, "where": f"{base}evaluations/{f.evaluation.slug}/#finding-{f.number}"}
            for f in _findings(of, day).filter(Q(text__icontains=words) | Q(evidence__icontains=words))[:PAGE]
        ]
        hits += [
            {"kind": "Meeting", "title": f"{m.title}, {m.on}", "where": f"{base}meetings/{m.number}/"}
            for m in of.meetings.filter(Q(title__icontains=words) | Q(about__icontains=words) | Q(minutes__icontains=words))
        ]
        hits += [
            {"kind": "Good practice", "title": p.title, "where": f"{base}practices/"}
            for p in of.practices.filter(
                Q(title__icontains=words) | Q(what__icontains=words) | Q(problem__icontains=words), published_on__lte=day
            )
        ]
        hits += [
            {"kind": "News", "title": n.title, "where": n.url or f"{base}news/"}
            for n in of.news.filter(Q(title__icontains=words) | Q(text__icontains=words)).filter(Q(on__lte=day) | Q(on=None))[:PAGE]
        ]
    columns = ("kind", "title", "where")
    return Sheet("Search", {"words": words, "hits": hits}, columns, [_flat(item, columns) for item in hits])
