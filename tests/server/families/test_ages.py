"""How old somebody is: platforms, signed credentials, birthdays."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import time
import zlib
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from leeward.server.families import actions, ages
from leeward.server.families.models import AgeNonce, Child, Person
from tests.server.families.test_families import calls, come_in, family_key, linked, signed_in_guardian  # noqa: F401  (fixtures)

ISSUER = "https://age.example"
AUDIENCE = "http://127.0.0.1:8000"


@given(st.integers(0, 130))
def test_a_band_holds_its_age(years: int) -> None:
    names = {"0-5": (0, 5), "6-9": (6, 9), "10-12": (10, 12), "13-15": (13, 15), "16-17": (16, 17), "adult": (18, 130)}
    low, high = names[ages.band_of(years)]
    assert low <= years <= high


@pytest.mark.parametrize(
    ("platform", "said", "band", "level"),
    [
        ("apple", {"lowerBound": 13, "upperBound": 15, "ageRangeDeclaration": "guardianDeclared"}, "13-15", "guardian"),
        ("apple", {"lowerBound": None, "upperBound": 13, "ageRangeDeclaration": "selfDeclared"}, "6-9", "self"),
        ("apple", {"lowerBound": 18, "ageRangeDeclaration": "governmentIDChecked"}, "adult", "verified"),
        ("apple", {"lowerBound": 16, "upperBound": 17, "ageRangeDeclaration": "somethingNew"}, "16-17", "self"),
        ("google", {"userStatus": "SUPERVISED", "ageLower": 13, "ageUpper": 15}, "13-15", "guardian"),
        ("google", {"userStatus": "SUPERVISED", "ageLower": 0, "ageUpper": 12}, "6-9", "guardian"),
        ("google", {"userStatus": "VERIFIED"}, "adult", "verified"),
    ],
)
def test_what_a_platform_says_becomes_the_youngest_band_that_it_can_be(platform: str, said: dict[str, Any], band: str, level: str) -> None:
    assert ages.from_platform(platform, said, "6-9") == (band, level)


@pytest.mark.parametrize(
    ("platform", "said"),
    [("apple", {}), ("google", {"userStatus": "UNKNOWN"}), ("google", {}), ("google", {"userStatus": "NEW", "ageLower": 18})],
)
def test_unknown_is_honest(platform: str, said: dict[str, Any]) -> None:
    assert ages.from_platform(platform, said, "6-9") is None


@pytest.mark.parametrize(
    ("claims", "band"),
    [
        ({"age_over_13": True, "age_over_16": False}, "13-15"), ({"age_over_18": False}, "10-12"), ({"age_over_18": True}, "adult"),
        ({"age_equal_or_over": {"16": True, "18": False}}, "16-17"), ({"age_range": {"min": 13, "max": 15}}, "13-15"),
        ({"age_over_6": True}, "10-12"), ({"name": "x"}, None), ({"age_over_18": "yes"}, None), ({"age_range": {"min": True}}, None),
    ],
)  # fmt: skip
def test_what_a_credential_proves(claims: dict[str, Any], band: str | None) -> None:
    assert ages.from_claims(claims, "10-12") == band


# -- signed credentials


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def key_pair(kid: str) -> tuple[Any, dict[str, Any]]:
    private = ec.generate_private_key(ec.SECP256R1())
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(private.public_key()))
    return private, {**public, "kid": kid}


ISSUER_KEY, ISSUER_JWK = key_pair("1")
HOLDER_KEY, HOLDER_JWK = key_pair("holder")
OTHER_KEY, _ = key_pair("1")


def plain(number: str, key: Any = ISSUER_KEY, **claims: Any) -> str:
    body = {"iss": ISSUER, "aud": AUDIENCE, "exp": time.time() + 300, "nonce": number, "age_over_16": True, "age_over_18": False}
    return jwt.encode(body | claims, key, "ES256", headers={"kid": "1"})


def selective(nonce: str, key: Any = ISSUER_KEY, holder: Any = HOLDER_KEY, extra: str = "", **claims: Any) -> str:
    shown, hidden = (
        b64(json.dumps([salt, name, value]).encode()) for salt, name, value in (("a", "age_over_13", True), ("b", "family_name", "X"))
    )
    hashes = [b64(hashlib.sha256(item.encode()).digest()) for item in (shown, hidden)]
    body = {"iss": ISSUER, "vct": "age", "exp": time.time() + 300, "_sd": hashes, "_sd_alg": "sha-256", "cnf": {"jwk": HOLDER_JWK}}
    whole = f"{jwt.encode(body | claims, key, 'ES256', headers={'kid': '1'})}~{shown}~{extra}"
    bound = {"iat": time.time(), "aud": AUDIENCE, "nonce": nonce, "sd_hash": b64(hashlib.sha256(whole.encode()).digest())}
    return whole + jwt.encode(bound, holder, "ES256", headers={"typ": "kb+jwt"})


@pytest.fixture
def ask(db: None, calls: Any) -> Any:  # noqa: F811
    actions.trust_issuer(ISSUER, [ISSUER_JWK], "test")

    def send(make: Any, ref: str = "kid", **changed: Any) -> Any:
        nonce = calls.post("/people/age/nonce", {}).json()["nonce"]
        return calls.post(f"/people/{ref}/age", {"credential": make(nonce, **changed), "nonce": nonce})

    return send


@pytest.mark.parametrize(("make", "band"), [(plain, "16-17"), (selective, "13-15")])
def test_a_signed_credential_is_verified_and_nothing_of_it_is_kept_but_band_level_and_issuer(ask: Any, make: Any, band: str) -> None:
    answer = ask(make)
    assert answer.json() == {"band": band, "assurance": "verified", "issuer": ISSUER}
    child = Person.objects.get().child
    assert (child.band, child.assurance, child.issuer) == (band, "verified", ISSUER)
    assert "family_name" not in str(Child.objects.values().get())


@pytest.mark.parametrize(
    ("make", "changed", "says"),
    [
        (plain, {"key": OTHER_KEY}, "signature does not hold"), (plain, {"exp": time.time() - 300}, "expired"),
        (plain, {"iss": "https://other.example"}, "not trusted"), (plain, {"aud": "https://other.example"}, "signature does not hold"),
        (plain, {"nonce": "other"}, "another request"), (plain, {"age_over_16": None, "age_over_18": None}, "says nothing of an age"),
        (selective, {"key": OTHER_KEY}, "signature does not hold"), (selective, {"holder": OTHER_KEY}, "signature does not hold"),
        (selective, {"extra": b64(b'["c", "age_over_18", true]') + "~"}, "did not sign"), (selective, {"cnf": {}},
        "not bound to its holder"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_refused_with_the_reason(ask: Any, make: Any, changed: dict[str, Any], says: str) -> None:
    answer = ask(make, **changed)
    assert answer.status_code == 422 and says in answer.json()["detail"], answer.json()
    assert not Person.objects.exists()


def test_a_nonce_works_once_and_for_its_service(ask: Any, calls: Any) -> None:  # noqa: F811
    nonce = calls.post("/people/age/nonce", {}).json()["nonce"]
    token = plain(nonce)
    assert calls.post("/people/kid/age", {"credential": token, "nonce": nonce}).status_code == 200
    assert "used before" in calls.post("/people/kid/age", {"credential": token, "nonce": nonce}).json()["detail"]
    assert "used before" in calls.post("/people/kid/age", {"credential": plain("mine"), "nonce": "mine"}).json()["detail"]
    assert AgeNonce.objects.exclude(used_at=None).count() == 1


@pytest.mark.parametrize(("bit", "status"), [(0, 200), (1, 422)])
def test_a_revoked_credential_proves_nothing(ask: Any, monkeypatch: pytest.MonkeyPatch, bit: int, status: int) -> None:
    statuses = bytearray(4)
    statuses[1] |= bit << 3
    told = {"iss": ISSUER, "status_list": {"bits": 1, "lst": b64(zlib.compress(bytes(statuses)))}}
    listed = jwt.encode(told, ISSUER_KEY, "ES256", headers={"kid": "1", "typ": "statuslist+jwt"})
    monkeypatch.setattr(httpx, "get", lambda url, **_: httpx.Response(200, text=listed, request=httpx.Request("GET", url)))
    answer = ask(plain, status={"status_list": {"idx": 11, "uri": f"{ISSUER}/status"}})
    assert answer.status_code == status and (status == 200 or "It was revoked." in answer.json()["detail"])


def test_silence_of_the_status_list_verifies_nobody(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> httpx.Response:
        raise httpx.ConnectError("away")

    monkeypatch.setattr(httpx, "get", away)
    assert "cannot be known" in ask(plain, status={"status_list": {"idx": 1, "uri": f"{ISSUER}/status"}}).json()["detail"]
    assert "not one of its issuer" in ask(plain, status={"status_list": {"idx": 1, "uri": "https://evil.example/s"}}).json()["detail"]


def test_an_issuer_that_is_no_longer_trusted_leaves_self_declared_ages(ask: Any) -> None:
    ask(plain)
    actions.distrust_issuer(ISSUER, "test")
    assert Child.objects.get().assurance == "self" and "not trusted" in ask(plain).json()["detail"]
    with pytest.raises(actions.NotPossible, match="private"):
        actions.trust_issuer(ISSUER, [{**ISSUER_JWK, "d": "x"}], "test")


def test_a_platform_that_knows_nothing_changes_nothing(calls: Any, db: None) -> None:  # noqa: F811
    come_in(calls, "13-15")
    said = calls.post("/people/kid/age", {"platform": "google", "said": {"userStatus": "UNKNOWN"}}).json()
    assert said["band"] == "13-15"
    assert calls.post("/people/new/age", {"platform": "apple", "said": {}}).json()["band"] == "10-12"
    weak = calls.post("/people/kid/age", {"platform": "google", "said": {"userStatus": "VERIFIED"}}).json()
    assert (weak["band"], weak["assurance"]) == ("adult", "verified")
    after = calls.post(
        "/people/kid/age", {"platform": "apple", "said": {"lowerBound": 10, "upperBound": 13, "ageRangeDeclaration": "selfDeclared"}}
    )
    assert after.json()["band"] == "adult"  # a weaker word never replaces a stronger one
    wrong = calls.post("/people/kid/age", {"platform": "apple", "said": {"lowerBound": "13"}})
    assert wrong.status_code == 422 and "whole number" in wrong.json()["detail"]
    assert calls.post("/people/kid/age", {}).status_code == 422


def test_a_birthday_is_announced_to_both_two_weeks_before_and_comes_on_its_day(calls: Any, db: None) -> None:  # noqa: F811
    from leeward.server.core.models import OutboxMessage

    child = come_in(calls, "10-12")
    guardian = signed_in_guardian()
    linked(child, guardian)
    day = dt.date(2027, 3, 1)
    url = calls.post("/people/kid/portal", {"age_band": "10-12", "next_band_on": day.isoformat(), "zone": "Europe/Berlin"})
    assert url.status_code == 200
    assert actions.birthdays(day - dt.timedelta(days=15)) == 0
    OutboxMessage.objects.all().delete()
    assert actions.birthdays(day - dt.timedelta(days=14)) == 1
    assert actions.birthdays(day - dt.timedelta(days=13)) == 0
    assert OutboxMessage.objects.filter(target="parent@example.org").count() == 1
    page = child.get("/my/").content.decode()
    assert "Soon you are in a new age group." in page and Child.objects.get().band == "10-12"
    assert actions.birthdays(day) == 1 and Child.objects.get().band == "13-15" and Child.objects.get().next_band_on is None
    assert actions.birthdays(day) == 0
