"""An evaluator publishes a report that disagrees with a member, and both can be read."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.http import Http404

from leeward.server.core import clock
from leeward.server.register import access, rules
from leeward.server.register.actions import evaluation
from leeward.server.register.actions.common import NotPossible, today
from leeward.server.register.models import Activity, Commitment, Evaluation, Finding, Member, Recommendation

INDEPENDENCE = "Paid by equal fees of all companies; no tie to any member."


@pytest.fixture
def running(harbour: Any) -> Evaluation:
    found: Evaluation = harbour.evaluations.get(state="running")
    return found


def found(seat: Any, running: Evaluation, **changed: Any) -> Finding:
    fields = {
        "kind": "finding", "criterion": "effectiveness", "scale": "not", "text": "Answers do not come.", "evidence": "12 tests.",
        "commitment": Commitment.objects.get(code="harbour-kitewire-1"),
    }  # fmt: skip
    return evaluation.find(seat("edda"), running, **fields | changed)


def test_from_a_test_to_a_published_disagreement(client: Any, harbour: Any, seat: Any, running: Evaluation) -> None:
    edda, kira = seat("edda"), seat("Kitewire")
    kitewire = Member.objects.get(name="Kitewire")
    evaluation.assess(kira, running, dict.fromkeys(rules.QUESTIONS, "We answered everybody."))
    evaluation.note(edda, running, "interview", today(), "Interview with the head of safety", "She said more.")
    evaluation.test_service(edda, running, kitewire, "Kitewire", "answer_comes", "no", "Nothing after five days.", today())
    finding = found(seat, running)
    assert finding.member == kitewire
    recommended = evaluation.recommend(edda, running, "Answer.", "", kitewire)
    for secret in ("Answers do not come.", "She said more."):
        assert secret not in client.get("/register/harbour/evaluations/").content.decode()
    assert client.get(f"/register/harbour/evaluations/{running.slug}/").status_code == 404
    evaluation.open_check(edda, running, "It is getting better, except for one.")
    with pytest.raises(NotPossible, match="Kitewire did not answer yet"):
        evaluation.publish(edda, running)
    with pytest.raises(NotPossible, match="Say what is wrong"):
        evaluation.check(kira, finding, False, "")
    evaluation.check(kira, finding, False, "Our logs show 98%.")
    with pytest.raises(NotPossible, match="Respond to every disagreement"):
        evaluation.publish(edda, running)
    evaluation.respond(edda, finding, "The logs leave out spam.", "")
    evaluation.publish(edda, running)
    where = f"/register/harbour/evaluations/{running.slug}"
    page = client.get(f"{where}/").content.decode()
    for text in ("Answers do not come.", "Our logs show 98%.", "The logs leave out spam.", "Nothing after five days.", INDEPENDENCE[:20]):
        assert text in page or text == INDEPENDENCE[:20], text
    assert "She said more." not in page and "1 finding with which a member disagrees" in page
    beside = client.get("/register/harbour/commitments/harbour-kitewire-1/").content.decode()
    assert "Our logs show 98%." in beside and "Target reached" in beside and "Not true" in beside
    evaluation.answer(kira, recommended, "rejected", "We do.")
    with pytest.raises(NotPossible, match="It has been answered"):
        evaluation.answer(kira, recommended, "accepted", "On second thoughts.")
    evaluation.follow_up(kira, recommended, "We counted again.")
    assert "We counted again." in client.get(f"{where}/").content.decode()


def test_the_report_is_one_click_to_a_pdf_with_both_views(client: Any, harbour: Any) -> None:
    answer = client.get("/register/harbour/evaluations/first-independent-evaluation.pdf")
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF-") and len(answer.content) > 20_000
    assert client.get(f"/register/harbour/evaluations/{harbour.evaluations.get(state='running').slug}.pdf").status_code == 404


def test_a_finding_needs_a_place_on_the_scale_and_something_that_it_rests_on(seat: Any, running: Evaluation) -> None:
    with pytest.raises(NotPossible, match="“no evidence” is one"):
        found(seat, running, scale="")
    with pytest.raises(NotPossible, match="what it rests on"):
        found(seat, running, evidence=" ")
    with pytest.raises(NotPossible, match="another member’s"):
        found(seat, running, member=Member.objects.get(name="Foxglove"))
    assert found(seat, running, kind="strength", scale="").scale == ""


def test_no_member_sees_or_changes_a_finding_before_the_check(seat: Any, running: Evaluation) -> None:
    finding = found(seat, running)
    for name in ("Kitewire", "Foxglove", "sanne", "ada", "yuna"):
        with pytest.raises(Http404):
            access.finding(seat(name), finding.pk)
        with pytest.raises(NotPossible):
            evaluation.change_finding(seat(name), finding, 1, "fully", "All is well.", "Us.")
    evaluation.open_check(seat("edda"), running, "Summary.")
    assert access.finding(seat("Kitewire"), finding.pk) == finding
    with pytest.raises(Http404):
        access.finding(seat("Foxglove"), finding.pk)
    with pytest.raises(NotPossible, match="another member"):
        evaluation.check(seat("Foxglove"), finding, True, "")
    with pytest.raises(NotPossible, match="not possible any more"):
        evaluation.change_finding(seat("edda"), finding, 1, "fully", "x", "y")


def test_who_does_not_answer_does_not_stop_the_report(seat: Any, running: Evaluation) -> None:
    found(seat, running)
    evaluation.open_check(seat("edda"), running, "Summary.")
    assert running.check_until is not None
    with clock.standing_at(dt.datetime.combine(running.check_until + dt.timedelta(days=1), dt.time(9), dt.UTC)):
        assert evaluation.publish(seat("edda"), running).state == "published"


def test_an_evaluator_says_why_they_are_independent(seat: Any, harbour: Any) -> None:
    with pytest.raises(NotPossible, match="statement of independence"):
        evaluation.begin(seat("edda"), "Third", "Me", "I am.", today(), today())
    with pytest.raises(NotPossible, match="does not allow"):
        evaluation.begin(seat("Kitewire"), "Third", "Me", INDEPENDENCE, today(), today())


def test_the_notes_of_an_interview_are_encrypted(seat: Any, running: Evaluation) -> None:
    evaluation.note(seat("edda"), running, "interview", today(), "Interview", "A name and a number")
    assert b"A name" not in bytes(Activity.objects.latest("pk").notes)


def test_a_recommendation_is_answered_by_whom_it_is_addressed_to(seat: Any, harbour: Any, running: Evaluation) -> None:
    mine = evaluation.recommend(seat("edda"), running, "Meet more often.", "The alliance")
    found(seat, running, commitment=None, member=None, scale="partly")
    evaluation.open_check(seat("edda"), running, "Summary.")
    evaluation.publish(seat("edda"), running)
    with pytest.raises(NotPossible, match="somebody else"):
        evaluation.answer(seat("Kitewire"), mine, "accepted", "Yes.")
    evaluation.answer(seat("sanne"), mine, "accepted", "Twice a year.")
    assert Recommendation.objects.get(pk=mine.pk).answer == "accepted"


def test_the_self_assessment_is_read_by_the_evaluator_alone(client: Any, signed_in: Any, seat: Any, running: Evaluation) -> None:
    evaluation.assess(seat("Kitewire"), running, dict.fromkeys(rules.QUESTIONS, "Between us."))
    assert "Between us." in signed_in("edda").get("/register/office/harbour/").content.decode()
    for name in ("sanne", "paul", "ada", "yuna"):
        assert "Between us." not in signed_in(name).get("/register/office/harbour/").content.decode(), name
    evaluation.assess(seat("Kitewire"), running, dict.fromkeys(rules.QUESTIONS, "Better words."))
    assert running.assessments.get(member__name="Kitewire").answers["done"] == "Better words."
