from typing import Any

from django.core.management.base import BaseCommand

from leeward.server.core import retention


class Command(BaseCommand):
    help = "Deletes what has been kept long enough."

    def handle(self, *args: Any, **options: Any) -> None:
        for label, count in retention.apply().items():
            self.stdout.write(f"{label}: {count} deleted")
