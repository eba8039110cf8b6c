from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "leeward.server.desk"

    def ready(self) -> None:
        from leeward.server.core import outbox, retention
        from leeward.server.core.models import OutboxMessage
        from leeward.server.desk import actions, indicators, parcels  # noqa: F401  (registers)
        from leeward.server.desk.models import Exposure

        outbox.SENDERS[OutboxMessage.Channel.PARCEL] = parcels.send
        outbox.TRIED.append(actions.note_try)
        retention.RULES.append(retention.Keep(Exposure, "at", lambda: 30, "Care looks back a day; nobody is watched for longer."))
