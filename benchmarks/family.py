"""How long the family's decision takes in process, against one look-up by primary key in the same database."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable

ROUNDS = 500


def _ms(run: Callable[[], object]) -> float:
    """Median milliseconds of some rounds."""
    took = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        run()
        took.append(time.perf_counter() - started)
    return statistics.median(took) * 1000


def main() -> None:
    """A linked child with a preset, a rule and a grant, in a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"LEEWARD_DATA": folder, "LEEWARD_SECRET_KEY": "only-for-the-benchmark-in-its-own-folder", "LEEWARD_DEMO": "1"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "leeward.server.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)
        from leeward.server.core import clock
        from leeward.server.families import actions, api
        from leeward.server.families.models import Child, Guardian, Link, Person
        from leeward.server.people import actions as people

        service = people.create_service("Example", "Example", "10-12", "bench")
        person = actions.know_person(service.pk, "kid", "10-12", zone="Europe/Berlin")
        from django.contrib.auth import get_user_model

        user = get_user_model().objects.create_user(username="p", email="p@example.org")
        guardian = Guardian.objects.create(user=user, created_at=clock.now())
        link = Link.objects.create(
            id="link_1", child=person.child, guardian=guardian, called=b"", proof="shared_code", state="active", asked_at=clock.now()
        )
        actions.choose_preset(link, "10-12")
        actions.set_rule(link, "time", "limit", [], "any", 100, "An hour and a half.")
        actions.grant(link, "time", 30)
        asked = api.Question(ref="kid", subject="time:games")
        one = _ms(lambda: Child.objects.get(pk=person.child_id))
        whole = _ms(lambda: api.verdict(service.pk, asked, clock.now(), "10-12"))
        used = api.Question(ref="kid", subject="time:games", used=1)
        writing = _ms(lambda: api.verdict(service.pk, used, clock.now(), "10-12"))
        assert Person.objects.count() == 1
        print("\n## Family decision, in process\n\n| | ms | one look-up |\n|---|---|---|")
        print(f"| one row by its key | {one:.2f} | 1.0x |\n| decide | {whole:.2f} | {whole / one:.1f}x |")
        print(f"| decide, with use to add | {writing:.2f} | {writing / one:.1f}x |")


if __name__ == "__main__":
    main()
