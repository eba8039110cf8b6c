from django.apps import AppConfig
from django.db.models import Q


class RegisterConfig(AppConfig):
    name = "leeward.server.register"

    def ready(self) -> None:
        from leeward.server.core import hooks, outbox, retention
        from leeward.server.core.models import OutboxMessage
        from leeward.server.people import demo as people
        from leeward.server.register import demo, indicators  # noqa: F401  (the second registers)
        from leeward.server.register.actions import observations, rounds
        from leeward.server.register.actions.common import today
        from leeward.server.register.models import Subscriber

        people.PEOPLE.update({persona.name: persona for persona in demo.PERSONAS})
        outbox.SENDERS[OutboxMessage.Channel.REGISTER] = observations.deliver
        hooks.EVERY_HOUR += [observations.every_hour, lambda: rounds.remind(today())]
        retention.RULES.append(retention.Keep(Subscriber, "asked_at", lambda: 7, "An address that did not confirm.", Q(confirmed_at=None)))
