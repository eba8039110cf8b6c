"""How long the register's pages take with 5,000 commitments and a year of values, in process, against the home page of the same server."""

from __future__ import annotations

import datetime as dt
import gc
import os
import statistics
import tempfile
import time

COMMITMENTS, MEMBERS, MONTHS, TRIES = 5000, 60, 12, 7
PAGES = (
    "", "commitments/", "commitments/big-1/", "members/", "members/big-1/", "compare/", "timeline/", "search/?q=promise", "rounds/",
    "members/big-1/badge.svg", "overview.json", "commitments.csv",
)  # fmt: skip


def fill() -> None:
    """The demo's alliance, and 5,000 commitments more."""
    from leeward.server.people import actions
    from leeward.server.register import demo
    from leeward.server.register.models import Commitment, CommitmentVersion, Indicator, Member, MemberStep, Observation

    alliance = demo.load(actions.create_service("Pebble Games", "Pebble Chat", "10-12", "bench"), "http://127.0.0.1:8000")
    now = dt.datetime.now(dt.UTC)
    since = now - dt.timedelta(days=500)
    members = Member.objects.bulk_create(
        Member(
            alliance=alliance, slug=f"big-{number}", name=f"Member {number}", category="company", state="admitted", joined_on=since.date()
        )
        for number in range(MEMBERS)
    )
    MemberStep.objects.bulk_create(MemberStep(member=member, on=since.date(), state="admitted") for member in members)
    commitments = Commitment.objects.bulk_create(
        Commitment(member=members[number % MEMBERS], code=f"big-{number}") for number in range(COMMITMENTS)
    )
    CommitmentVersion.objects.bulk_create(
        CommitmentVersion(
            commitment=commitment, number=1, title=f"A promise, number {number}", text="We promise. " * 20, actions=[number % 9 + 1], target=0.9,
            direction="up", unit="share", state="published", edited_at=since, published_at=since,
        )
        for number, commitment in enumerate(commitments)
    )  # fmt: skip
    indicators = Indicator.objects.bulk_create(
        Indicator(member=commitment.member, code=f"i{number}", title="Share", unit="share", direction="up")
        for number, commitment in enumerate(commitments)
    )
    tie = Indicator.commitments.through
    tie.objects.bulk_create(tie(indicator=one, commitment=other) for one, other in zip(indicators, commitments, strict=True))
    periods = demo.months(now.date(), MONTHS, 1)
    Observation.objects.bulk_create(
        [
            Observation(indicator=indicator, period_start=start, period_end=end, value=0.95, source="manual", received_at=since)
            for indicator in indicators
            for start, end in periods
        ],
        batch_size=5000,
    )


def main() -> None:
    """Prints a table: the first time (nothing remembered), then the median of some more."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"LEEWARD_DATA": folder, "LEEWARD_SECRET_KEY": "only-for-the-benchmark-in-its-own-folder", "LEEWARD_DEMO": "1"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "leeward.server.settings"
        os.environ["LEEWARD_HOSTS"] = "testserver"
        import django

        django.setup()
        from django.core.management import call_command
        from django.test import Client

        from leeward.server.register import access

        call_command("migrate", interactive=False, verbosity=0)
        fill()
        gc.collect()
        gc.freeze()  # what filling left behind is not the pages' to look through
        client = Client()

        def once(path: str) -> float:
            started = time.perf_counter()
            assert client.get(path).status_code == 200, path
            return (time.perf_counter() - started) * 1000

        once("/")
        home = statistics.median(once("/") for _ in range(TRIES))
        print(
            f"\n## The register with {COMMITMENTS:,} commitments, in process\n\n| | first, ms | then, ms | home page |\n|---|---|---|---|"
        )
        print(f"| home page | | {home:.0f} | 1x |")
        for page in PAGES:
            once(f"/register/harbour/{page}")  # templates are compiled
            access.forget_rows()
            first = once(f"/register/harbour/{page}")
            then = statistics.median(once(f"/register/harbour/{page}") for _ in range(TRIES))
            print(f"| {page or 'overview'} | {first:.0f} | {then:.0f} | {then / home:.0f}x |")


if __name__ == "__main__":
    main()
