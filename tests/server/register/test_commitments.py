"""A commitment from its draft to its end."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from django.http import Http404

from leeward.server.core import clock
from leeward.server.core.models import AuditEntry, OutboxMessage
from leeward.server.register import access
from leeward.server.register.actions import commitments
from leeward.server.register.actions.common import Changed, NotPossible
from leeward.server.register.models import Commitment, CommitmentVersion

TEXT = commitments.Text(
    "Fewer clicks", "By 30 June 2027, 90% of users under 16 in the EU need at most five taps to report.", (2,), ("10-12", "13-15"), 0.4,
    None,
    0.9, "share", "up",
)  # fmt: skip
State = CommitmentVersion.State


def published(seat: Any) -> CommitmentVersion:
    version = commitments.draft(seat("Pebble Games"), TEXT)
    commitments.submit(seat("Pebble Games"), version)
    return commitments.publish(seat("sanne"), version)


def test_a_draft_is_seen_by_its_member_alone(client: Any, harbour: Any, seat: Any) -> None:
    version = commitments.draft(seat("Pebble Games"), TEXT)
    code = version.commitment.code
    assert client.get(f"/register/harbour/commitments/{code}/").status_code == 404
    for name in ("sanne", "kira", "ada", "yuna", "edda"):
        with pytest.raises(Http404):
            access.version(seat(name), version.pk)
    commitments.submit(seat("Pebble Games"), version)
    assert access.version(seat("sanne"), version.pk) == version
    assert client.get(f"/register/harbour/commitments/{code}/").status_code == 404
    commitments.publish(seat("sanne"), version)
    assert "Fewer clicks" in client.get(f"/register/harbour/commitments/{code}/").content.decode()


def test_each_step_is_audited_and_told(harbour: Any, seat: Any) -> None:
    mails = OutboxMessage.objects.count()
    published(seat)
    assert list(AuditEntry.objects.order_by("-id").values_list("action", flat=True)[:3]) == [
        "register.publish",
        "register.submit",
        "register.draft",
    ]
    assert OutboxMessage.objects.count() == mails + 2


def test_whether_it_can_be_checked_is_written_down_with_the_reason(harbour: Any, seat: Any) -> None:
    vague = dataclasses.replace(TEXT, text="We strive to improve.", bands=(), target=None, unit="", direction="", baseline=None)
    version = commitments.draft(seat("Pebble Games"), vague)
    commitments.submit(seat("Pebble Games"), version)
    assert not version.is_verifiable and len(version.why_not) == 3
    assert published(seat).is_verifiable


def test_a_new_version_supersedes_and_both_can_be_read(client: Any, harbour: Any, seat: Any) -> None:
    first = published(seat)
    editor = seat("Pebble Games")
    second = commitments.new_version(editor, first.commitment)
    with pytest.raises(NotPossible, match="There is a draft already"):
        commitments.new_version(editor, first.commitment)
    with pytest.raises(NotPossible, match="Say what changes"):
        commitments.submit(editor, second)
    commitments.save(editor, second, second.edit, dataclasses.replace(TEXT, title="Fewer taps", change="A better word."))
    commitments.submit(editor, second)
    commitments.publish(seat("sanne"), second)
    first.refresh_from_db()
    assert (first.state, first.ended_why) == (State.SUPERSEDED, "A better word.")
    page = client.get(f"/register/harbour/commitments/{first.commitment.code}/").content.decode()
    assert "Fewer taps" in page and "A better word." in page and "Version 1" in page


def test_as_of_an_earlier_day_the_earlier_text_stands(client: Any, harbour: Any) -> None:
    version = CommitmentVersion.objects.get(commitment__code="harbour-kitewire-1", number=2)
    assert version.published_at is not None
    before = version.published_at.date() - dt.timedelta(days=1)
    where = "/register/harbour/commitments/harbour-kitewire-1.json"
    assert client.get(where).json()["current"]["version"] == 2
    then = client.get(f"{where}?on={before}").json()
    assert then["current"]["version"] == 1 and [item["version"] for item in then["versions"]] == [1]
    assert then["as_of"] == before.isoformat()


def test_two_editors_at_once_lose_nothing(harbour: Any, seat: Any) -> None:
    editor = seat("Pebble Games")
    version = commitments.draft(editor, TEXT)
    commitments.save(editor, version, 1, dataclasses.replace(TEXT, title="Hers"))
    with pytest.raises(Changed, match="Nothing of yours is lost") as told:
        commitments.save(editor, version, 1, dataclasses.replace(TEXT, title="His"))
    assert told.value.theirs["title"] == "Hers"
    version.refresh_from_db()
    assert version.title == "Hers"


def test_the_second_editor_sees_both_texts_and_can_save_again(harbour: Any, seat: Any, signed_in: Any) -> None:
    version = commitments.draft(seat("Pebble Games"), TEXT)
    browser = signed_in("paul")
    where = f"/register/office/harbour/version/{version.pk}/"
    data = {"edit": "1", "title": "His", "text": "His text for 100 children by 2027.", "actions": ["2"], "bands": ["10-12"]}
    commitments.save(seat("Pebble Games"), version, 1, dataclasses.replace(TEXT, title="Hers"))
    answer = browser.post(where, data)
    page = answer.content.decode()
    assert answer.status_code == 422 and "Hers" in page and "His text for 100 children" in page and 'name="edit" value="2"' in page
    assert browser.post(where, data | {"edit": "2"}).status_code == 302
    version.refresh_from_db()
    assert version.title == "His"


def test_what_was_handed_in_cannot_be_changed(harbour: Any, seat: Any) -> None:
    editor = seat("Pebble Games")
    version = published(seat)
    with pytest.raises(NotPossible, match="Make a new version"):
        commitments.save(editor, version, version.edit, TEXT)
    with pytest.raises(NotPossible, match="Only a draft"):
        commitments.submit(editor, version)
    with pytest.raises(NotPossible, match="Only what was handed in"):
        commitments.publish(seat("sanne"), version)


def test_given_back_it_is_a_draft_again_with_the_reason(harbour: Any, seat: Any) -> None:
    version = commitments.draft(seat("Pebble Games"), TEXT)
    commitments.submit(seat("Pebble Games"), version)
    commitments.give_back(seat("sanne"), version, "Which countries?")
    assert (version.state, version.returned_why) == (State.DRAFT, "Which countries?")


def test_withdrawn_it_stays_to_be_read_with_the_reason(client: Any, harbour: Any, seat: Any) -> None:
    version = published(seat)
    code = version.commitment.code
    with pytest.raises(NotPossible, match="Say why"):
        commitments.withdraw(seat("Pebble Games"), version.commitment, " ")
    with clock.standing_at(clock.now() + dt.timedelta(seconds=1)):
        commitments.withdraw(seat("Pebble Games"), version.commitment, "The button is gone.")
    page = client.get(f"/register/harbour/commitments/{code}/").content.decode()
    assert "The button is gone." in page and "Withdrawn on" in page
    assert code not in client.get("/register/harbour/commitments.csv").content.decode()


def test_only_whom_it_belongs_to_may_act(harbour: Any, seat: Any) -> None:
    version = commitments.draft(seat("Pebble Games"), TEXT)
    for name in ("Kitewire", "ada", "yuna", "edda", "sanne"):
        with pytest.raises(NotPossible):
            commitments.save(seat(name), version, 1, TEXT)
    for name in ("Pebble Games", "ada", "edda", "yuna"):
        with pytest.raises(NotPossible, match="does not allow"):
            commitments.publish(seat(name), version)
    assert Commitment.objects.get(pk=version.commitment_id).versions.get().title == TEXT.title


def test_wrong_actions_and_targets_without_direction_are_refused(harbour: Any, seat: Any) -> None:
    with pytest.raises(NotPossible, match="does not stand in the statement"):
        commitments.draft(seat("Pebble Games"), dataclasses.replace(TEXT, actions=(2, 10)))
    with pytest.raises(NotPossible, match="a least or a most"):
        commitments.draft(seat("Pebble Games"), dataclasses.replace(TEXT, direction=""))


def test_the_assistant_answers_while_it_is_written(harbour: Any, signed_in: Any, seat: Any, client: Any) -> None:
    where = "/register/office/harbour/assistant/"
    said = signed_in("paul").post(where, {"text": "We strive to be better.", "title": ""}).json()["gaps"]
    assert any("no number" in gap["says"] and gap["blocks"] for gap in said)
    wrong = signed_in("paul").post(where, {"text": "x", "milestones": "soon: all done"}).json()["gaps"]
    assert "begin with a day" in wrong[0]["says"]
    assert client.post(where, {"text": "x"}).status_code == 302
