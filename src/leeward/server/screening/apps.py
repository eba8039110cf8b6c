from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "leeward.server.screening"

    def ready(self) -> None:
        from leeward.server import environment
        from leeward.server.core import hooks, retention
        from leeward.server.screening import access, indicators  # noqa: F401  (registers)
        from leeward.server.screening.models import ContactState, DecisionRecord

        hooks.KNOWN.append(access.known_of)
        hooks.ALERTS.append(access.alerts_of)
        retention.RULES += [
            retention.Keep(
                DecisionRecord, "at", lambda: environment.number("LEEWARD_KEEP_DECISIONS_DAYS", 180), "Explaining and replaying decisions."
            ),
            retention.Keep(ContactState, "updated_at", lambda: 60, "What the contact factors can still use."),
        ]
