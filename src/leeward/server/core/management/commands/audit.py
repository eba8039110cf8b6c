from typing import Any

from django.core.management.base import BaseCommand, CommandError

from leeward.server.core import audit


class Command(BaseCommand):
    help = "Checks the audit chain from its first link to its last."

    def handle(self, *args: Any, **options: Any) -> None:
        count, broken = audit.verify()
        if broken is not None:
            raise CommandError(f"The audit chain does not hold at link {broken}: it, or one before it, was changed or removed.")
        self.stdout.write(f"{count} links hold. Head: {audit.head()}")
