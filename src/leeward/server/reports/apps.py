from django.apps import AppConfig
from django.db.models import Q


class ReportsConfig(AppConfig):
    name = "leeward.server.reports"

    def ready(self) -> None:
        from leeward.server import environment
        from leeward.server.core import hooks, retention
        from leeward.server.reports import access, actions, indicators  # noqa: F401  (registers)
        from leeward.server.reports.models import Appeal, Case, Draft, Evidence, Receipt

        hooks.HELD.append(actions.hold)
        hooks.SILENT.append(access.hidden_from_guardian)
        keep = lambda: environment.number("LEEWARD_KEEP_CASES_DAYS", 190)  # noqa: E731
        evidence = Q(case__legal_hold=False) & ~Q(case__appeals__state=Appeal.State.WAITING)
        retention.RULES += [
            retention.Keep(Draft, "touched_at", lambda: 2 / 24, "A child may come back to the form within two hours."),
            retention.Keep(Evidence, "delete_at", lambda: 0, "Evidence has its own day, and stays while somebody looks again.", evidence),
            retention.Keep(Receipt, "expires_at", lambda: 0, "A receipt ends after a year."),
            retention.Keep(Case, "decided_at", keep, "An appeal has six months.", Q(legal_hold=False, state__in=[*Case.DECIDED, "closed"])),
        ]
