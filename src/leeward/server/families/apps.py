from django.apps import AppConfig


class FamiliesConfig(AppConfig):
    name = "leeward.server.families"

    def ready(self) -> None:
        from leeward.server.core import clock, hooks, retention
        from leeward.server.families import actions, indicators, screening  # noqa: F401  (registers)
        from leeward.server.families.models import AgeNonce, GivenGrant, LinkCode, Portal, SignInCode, Usage

        hooks.EVERY_HOUR.append(lambda: actions.birthdays(clock.now().date()))
        hooks.RESTRICT.append(screening.restrict)
        hooks.PREVIEW.append(screening.preview)
        retention.RULES += [
            retention.Keep(AgeNonce, "expires_at", lambda: 1, "A number for ten minutes."),
            retention.Keep(Portal, "expires_at", lambda: 1, "A one-time address."),
            retention.Keep(LinkCode, "expires_at", lambda: 1, "A code for ten minutes."),
            retention.Keep(SignInCode, "expires_at", lambda: 1, "A code for ten minutes."),
            retention.Keep(GivenGrant, "end", lambda: 30, "What was granted is seen in the changes."),
            retention.Keep(Usage, "day", lambda: 35, "A guardian sees four weeks at most."),
        ]
