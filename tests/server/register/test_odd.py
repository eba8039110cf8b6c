"""Odd input, and things that are done twice at once."""

from __future__ import annotations

from typing import Any

import pytest

from leeward.server.register.actions import commitments, evaluation, membership, observations, rounds
from leeward.server.register.actions.common import NotPossible, today
from leeward.server.register.models import Commitment, CommitmentVersion, Indicator, Member, MemberStep
from tests.server.register.test_commitments import TEXT
from tests.server.register.test_observations import made, push


def test_what_is_no_number_is_refused(client: Any, harbour: Any, seat: Any) -> None:
    indicator = Indicator.objects.get(member__slug="lumen-video", code__startswith="diverse")
    for value, says in (("nan", "no number"), ("inf", "no number")):
        read = observations.read_upload(f"period_start,period_end,value\n2026-01-01,2026-01-31,{value}\n".encode())
        with pytest.raises(NotPossible, match=says):
            observations.enter(seat("Lumen Video"), indicator, read, "upload")
    with pytest.raises(NotPossible, match="0 or more"):
        observations.enter(seat("Lumen Video"), indicator, [observations.Value(today(), today(), 1.0, -5)], "upload")
    for wrong in (b'"denominator":-1', b'"denominator":9999999999999999999999', b'"value":1e999'):
        body = made(harbour).replace(b'"denominator":120', wrong) if b"denom" in wrong else made(harbour).replace(b'"value":0.93', wrong)
        assert push(client, body).json()["code"] == "bundle_invalid", wrong


@pytest.mark.parametrize("query", ["search/?q=%00", "search/?q=" + "x" * 5000, "commitments/?page=99999&action=99999",
"commitments/?page=-1&action=a",
                                   "?on=0001-01-01", "?on=9999-12-31", "members/kitewire/?on=2001-01-01"])  # fmt: skip
def test_no_address_breaks_a_page(client: Any, harbour: Any, query: str) -> None:
    assert client.get(f"/register/harbour/{query}").status_code in (200, 404)


def test_a_day_that_is_none_is_explained(client: Any, harbour: Any) -> None:
    for face in ("", "overview.json", "members/"):
        answer = client.get(f"/register/harbour/{face}?on=yesterday")
        assert answer.status_code == 400 and "is not a day" in answer.content.decode()


def test_long_names_still_get_codes_of_their_own(harbour: Any, seat: Any) -> None:
    names = [f"{'Very ' * 14}long name {number}" for number in range(2)]
    codes = []
    for name in names:
        member = Member.objects.create(
            alliance=harbour, slug=f"{'very-' * 15}{names.index(name)}", name=name, category="company", state="admitted"
        )
        editor = membership.give_seat(harbour, f"e{names.index(name)}@long.example", "editor", member, "test")
        codes += [commitments.draft(editor, TEXT).commitment.code for _ in range(2)]
    assert len(set(codes)) == 4 and all(len(code) <= 100 for code in codes)


def test_a_document_of_what_is_not_public_is_given_to_nobody(client: Any, harbour: Any, seat: Any) -> None:
    editor = seat("Pebble Games")
    current = harbour.rounds.get(name="Fourth half")
    report = rounds.report_of(current, editor.member)
    draft = commitments.draft(editor, TEXT)
    running = harbour.evaluations.get(state="running")
    documents = [
        rounds.add_document(editor, "report", "Draft numbers", data=b"1\n", report=report),
        rounds.add_document(editor, "evidence", "Draft", data=b"2\n", commitment=draft.commitment),
        rounds.add_document(seat("edda"), "report", "Notes", data=b"3\n", evaluation=running),
    ]
    for document in documents:
        assert client.get(f"/register/harbour/documents/{document.pk}/").status_code == 404
    rounds.save_report(editor, current, report.edit if report else 0, "d", "p", "")
    rounds.submit_report(editor, current)
    assert client.get(f"/register/harbour/documents/{documents[0].pk}/").content == b"1\n"


def test_what_is_done_once_is_not_done_twice_with_an_old_sight_of_it(harbour: Any, seat: Any) -> None:
    version = commitments.draft(seat("Pebble Games"), TEXT)
    stale = CommitmentVersion.objects.get(pk=version.pk)
    commitments.submit(seat("Pebble Games"), version)
    with pytest.raises(NotPossible, match="Only a draft"):
        commitments.submit(seat("Pebble Games"), stale)
    waiting = CommitmentVersion.objects.get(pk=version.pk)
    commitments.publish(seat("sanne"), version)
    with pytest.raises(NotPossible, match="Only what was handed in"):
        commitments.give_back(seat("sanne"), waiting, "late")
    running = harbour.evaluations.get(state="running")
    finding = evaluation.find(
        seat("edda"), running, "finding", "impact", "not", "t", "e", commitment=Commitment.objects.get(code="harbour-kitewire-1")
    )
    old = type(finding).objects.get(pk=finding.pk)
    evaluation.open_check(seat("edda"), running, "s")
    evaluation.check(seat("Kitewire"), finding, True, "")
    with pytest.raises(NotPossible, match="answered already"):
        evaluation.check(seat("Kitewire"), old, False, "On second thoughts.")


def test_a_member_describes_itself_anew_and_the_old_words_stay(client: Any, harbour: Any, seat: Any) -> None:
    membership.describe(seat("Kitewire"), "social media", "IE", "", ["Kitewire", "Kitewire Kids"], "We changed.")
    page = client.get("/register/harbour/members/kitewire/").content.decode()
    assert "Kitewire Kids" in page and "A social network for short posts." in page
    assert MemberStep.objects.filter(member__slug="kitewire", reason__startswith="Describes itself anew").count() == 1
