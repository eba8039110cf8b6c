"""Telling who waits that there is news. No notice says what it is about: whoever reads it over a shoulder learns nothing."""

from __future__ import annotations

import msgspec
from django.utils import translation
from django.utils.translation import gettext as _

from leeward.server import environment
from leeward.server.core import clock, crypto, outbox
from leeward.server.people.access import webhook_of
from leeward.server.reports import told
from leeward.server.reports.access import public_state
from leeward.server.reports.models import Case, Report

KIND = {"received": "report.received", "asked": "report.asked", "decided": "report.decided", "appealed": "report.appealed"}
"""Public sentence -> kind of webhook; every other one is report.updated."""


def answer_address() -> str:
    """Where an answer is read."""
    return environment.get("LEEWARD_URL", "http://127.0.0.1:8000").rstrip("/") + "/answer/"


def confirm(report: Report, to: str) -> None:
    """Confirms a notice to the adult or trusted flagger who sent it (DSA Art. 16(4)). Their code is not in it: they saw it once."""
    with translation.override(report.language):
        text = _("We received your notice %(id)s on %(day)s. A person decides about it. You will be told, and you can ask again.") % {
            "id": report.pk, "day": report.at.date().isoformat()
        }  # fmt: skip
        outbox.mail(
            to, _("We received your notice"), f"{text}\n\n" + _("Look here, with your code:") + f"\n{answer_address()}\n", sealed=True
        )


def tell_about(case: Case, say: str, only: Report | None = None) -> None:
    """Tells those who told (one of them where `only` is given), each in the way they chose, and the service by webhook."""
    for report in [only] if only is not None else list(case.reports.all()):
        if say not in ("received", "closed"):  # that a case is closed is no news to a child
            _tell(report)
        _tell_service(case, report, say)


def _tell(report: Report) -> None:
    with translation.override(report.language):
        if report.channel == Report.Channel.MAIL:
            text = _("There is news for you. Look here, with your code:") + f"\n{answer_address()}\n"
            outbox.mail(told.open_text(report.contact), _("There is news for you"), text, sealed=True)
        elif report.channel == Report.Channel.PUSH:
            outbox.push(_subscription(report), {"title": _("There is news for you"), "url": answer_address()})


def _subscription(report: Report) -> dict[str, object]:
    found: dict[str, object] = msgspec.msgpack.decode(crypto.decrypt(told.PURPOSE, bytes(report.contact)))
    return found


def _tell_service(case: Case, report: Report, say: str) -> None:
    """Every step of a report that the service filed; it shows it to its user in its own way."""
    webhook = webhook_of(case.service_id) if case.service_id and report.source == Case.Source.SERVICE else None
    if webhook is None:
        return
    data = {
        "report": report.pk, "case": case.pk, "state": public_state(report), "say": say,
        "reporter": told.open_told(report.told).reporter_ref,
        "tell_guardian": not report.no_guardian, "next_by": case.next_by.isoformat() if case.next_by else None,
        "at": clock.now().isoformat(),
    }  # fmt: skip
    outbox.webhook(webhook.url, webhook.secret, KIND.get(say, "report.updated"), data)


def tell_of_outcome(case: Case, data: dict[str, object]) -> None:
    """Tells the service what was decided about an account, a content or a held event, so that it can act on it."""
    webhook = webhook_of(case.service_id) if case.service_id else None
    if webhook is not None:
        outbox.webhook(webhook.url, webhook.secret, "case.decided", {"case": case.pk, **data})
