import datetime as dt
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from leeward.server.core import clock, hooks, outbox, retention


class Command(BaseCommand):
    help = "Sends what the outbox holds, and deletes daily what has been kept long enough. Runs until it is stopped."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then stop")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        if not options["once"]:
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: stop.set())
        retained: dt.datetime | None = None
        hourly: dt.datetime | None = None
        while not stop.is_set():
            if retained is None or clock.now() - retained > dt.timedelta(days=1):
                retention.apply()
                retained = clock.now()
            if hourly is None or clock.now() - hourly > dt.timedelta(hours=1):
                for due in hooks.EVERY_HOUR:
                    due()
                hourly = clock.now()
            delivered, failed = outbox.deliver_due()
            if options["once"]:
                self.stdout.write(f"{delivered} delivered, {failed} failed")
                return
            if not delivered:
                stop.wait(2)
