"""The archive against the page that it comes from (seed_page.txt: European Commission, reuse permitted under CC BY 4.0)."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from leeward.server.register import archive
from leeward.server.register.models import Alliance, Document, News

PAGE = (Path(__file__).parent / "seed_page.txt").read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")


def plain(text: str) -> str:
    return " ".join(text.split()).rstrip(".;").replace("“", '"').replace("”", '"')


def after(heading: str) -> str:
    return PAGE.split(f"\n{heading}\n", 1)[1].strip().split("\n", 1)[0]


def test_the_members_are_those_of_the_page(historical: Any) -> None:
    for heading, category, count in (("Company signatories", "company", 26), ("Associated members", "associated", 13)):
        named = [name.strip() for name in after(heading).rstrip(".").split(",")]
        held = set(historical.members.filter(category=category).values_list("name", flat=True))
        assert held == set(named) and len(held) == count


def test_the_nine_actions_stand_word_by_word_under_their_strands(historical: Any) -> None:
    lines = PAGE.split("introduces 9 actions under 3 main strands:", 1)[1].split("In addition to endorsing", 1)[0].splitlines()
    strands = [line.strip(" 0123456789.") for line in lines if re.match(r"\s*\d\. ", line)]
    told: list[tuple[str, str]] = []
    strand = ""
    for line in lines:
        if line.strip().startswith("•"):
            told.append((strand, plain(line.strip(" •"))))
        elif line.strip().lower() in strands and not re.match(r"\s*\d\.", line):
            strand = line.strip()
    held = [(action.strand, plain(action.text)) for action in historical.purposes.get().actions.all()]
    assert held == told and len(held) == 9 and [name.lower() for name in dict.fromkeys(strand for strand, _ in held)] == strands


def test_the_meetings_have_exactly_the_documents_that_the_page_lists(historical: Any) -> None:
    section = PAGE.split("Members of the Alliance regularly meet face to face:", 1)[1].split("Latest News", 1)[0]
    told = re.split(r"\n(?=\d\. Meeting of )", section.strip())
    held = list(historical.meetings.order_by("number"))
    assert len(told) == len(held) == 7
    for number, (text, meeting) in enumerate(zip(told, held, strict=True), 1):
        head = plain(text.split("\n", 1)[0])
        on = meeting.on
        assert head.startswith(f"{number}. Meeting of {on.day} {on:%B} {on.year}")
        assert plain(meeting.about) in head
        listed = [title for title in ("Agenda of the meeting (.pdf)", "Presentations") if title in text]
        assert [document.title for document in meeting.documents.all()] == listed


def test_the_evaluation_its_end_and_its_successor(historical: Any) -> None:
    report = historical.evaluations.get()
    assert report.published_at.date() == dt.date(2019, 2, 5) and "exact day was not checked" in report.summary
    for sentence in ("The evaluation assessed how the Alliance is being implemented, its overall impact",
                     "a valuable source of information for any potential new members joining the initiative"):  # fmt: skip
        assert sentence in PAGE and sentence in report.summary
    assert historical.state == Alliance.State.CONCLUDED and historical.concluded_note in PAGE
    assert historical.successor in PAGE and historical.started_on == dt.date(2017, 2, 7)


def test_the_documents_and_the_news_of_the_page(historical: Any) -> None:
    for title in historical.documents.exclude(kind__in=(Document.Kind.AGENDA, Document.Kind.PRESENTATION)).values_list("title", flat=True):
        words = {"Statement of purpose (.pdf)": "statement of purpose (.pdf)",
        "Commitments of TikTok (.pdf)": "submitting their commitments (.pdf)",
                 "Membership policy (.pdf)": "membership policy (.pdf)"}  # fmt: skip
        assert words.get(title, title.removeprefix("Report on ")) in PAGE
    acts = historical.news.filter(kind=News.Kind.ACT)
    assert acts.count() == PAGE.count("PRESS RELEASE |") == 3
    for act in acts:
        assert act.title in PAGE and plain(act.text) in plain(PAGE) and act.on is None


TIMELINE = {
    "2017-02-07": "Launch", "2017-06-08": "22 companies", "2018-08": "18 months", "2019-02-05": "published",
    "2020-02-11": "Youth Pledge presented",
    "2020-11": "TikTok", "2021-02-09": "Facebook, Twitter, Sulake, Samsung, LEGO, Super RTL", "2022-05-11": "COM(2022) 212",
    "2023-07-13": "21 members, chaired by DG CONNECT", "2007": "safer mobile use", "2009": "21 companies", "2011": "28 founding companies",
    "2012": "honest broker",
}  # fmt: skip


def test_the_timeline_has_every_known_date_with_its_precision(client: Any, historical: Any) -> None:
    events = client.get("/register/better-protect-minors-online/timeline.json").json()["events"]
    for on, words in TIMELINE.items():
        assert any(event["on"] == on and words in event["what"] for event in events), on


def test_loaded_twice_nothing_changes(historical: Any) -> None:
    before = Document.objects.count()
    assert archive.load("test") == historical and Document.objects.count() == before


@pytest.mark.parametrize(
    "page",
    ["", "members/", "members/tiktok/", "purpose/", "meetings/", "meetings/6/", "evaluations/evaluation-2018/", "news/", "timeline/"],
)
def test_every_page_of_the_archive_says_that_it_is_one(client: Any, historical: Any, page: str) -> None:
    shown = client.get(f"/register/better-protect-minors-online/{page}").content.decode()
    assert "An archive: this alliance has come to its end" in shown


def test_nothing_can_be_written_into_an_archive(client: Any, historical: Any) -> None:
    answer = client.post(
        "/register/better-protect-minors-online/apply/", {"name": "New", "category": "company", "about": "x", "mail": "a@b.example"}
    )
    assert (answer.status_code == 422 and "kept as it was" in answer.content.decode()) or "come to its end" in answer.content.decode()
    assert not historical.members.filter(name="New").exists()
