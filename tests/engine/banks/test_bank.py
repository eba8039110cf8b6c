from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leeward.engine.banks import Bank, BankError, Signal, build, current, read_signals
from leeward.engine.banks.pdq_index import RADIUS, PdqIndex


def brute_force(rows: np.ndarray, value: bytes) -> set[int]:
    distances = np.bitwise_count(rows ^ np.frombuffer(value, np.uint8)).sum(axis=1)
    return set(np.flatnonzero(distances <= RADIUS).tolist())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 45), st.booleans())
def test_the_pdq_search_finds_exactly_what_brute_force_finds(seed: int, flips: int, clustered: bool) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 256, (300, 32), dtype=np.uint8)
    if clustered:  # many near each other, which makes long postings
        rows[:] = rows[0]
        for row in rows:
            for bit in rng.choice(256, rng.integers(0, 40), replace=False):
                row[bit // 8] ^= 1 << (bit % 8)
    value = bytearray(rows[7].tobytes())
    for bit in rng.choice(256, flips, replace=False):
        value[bit // 8] ^= 1 << (bit % 8)
    found, distances = PdqIndex.build(rows).search(bytes(value))
    assert set(found.tolist()) == brute_force(rows, bytes(value))
    assert list(distances) == sorted(distances)


def test_the_farthest_match_is_found_in_every_spread() -> None:
    rng = np.random.default_rng(1)
    rows = rng.integers(0, 256, (50, 32), dtype=np.uint8)
    index = PdqIndex.build(rows)
    for shift in range(8):  # 31 errors spread evenly: one or two in each part of 16 bits
        value = bytearray(rows[3].tobytes())
        for place in range(RADIUS):
            bit = (place * 8 + shift) % 256
            value[bit // 8] ^= 1 << (bit % 8)
        assert 3 in index.search(bytes(value))[0]


SIGNALS = [
    Signal("pdq", "ab" * 32, "hotline"),
    Signal("sha256", "cd" * 32, "hotline"),
    Signal("url", "https://bad.example", "blocklist", "consumer.scam"),
    Signal("url", "shop.example/fake/", "blocklist", "consumer.scam"),
]


def test_a_bank_matches_each_kind_with_its_provenance(tmp_path: Path) -> None:
    build(SIGNALS, tmp_path)
    bank = current(tmp_path)
    assert bank is not None
    assert [(m.source, m.distance) for m in bank.pdq("ab" * 31 + "aa")] == [("hotline", 1)]
    assert bank.sha256("cd" * 32)[0].harm == "content.known"
    assert bank.sha256("ce" * 32) == []
    for link in ("bad.example", "http://www.BAD.example:80/x?utm_source=1", "https://a.b.bad.example/", "shop.example/fake/prize"):
        assert bank.link(link)[0].harm == "consumer.scam", link
    for link in ("notbad.example", "shop.example/", "example", "https://shop.example/real", ""):
        assert bank.link(link) == [], link


def test_a_new_bank_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    first = build(SIGNALS[:1], tmp_path)
    open_one = current(tmp_path)
    second = build(SIGNALS, tmp_path)
    assert first != second and open_one is not None
    assert open_one.pdq("ab" * 32)  # what is open goes on
    assert current(tmp_path).version != open_one.version  # type: ignore[union-attr]
    assert build(SIGNALS, tmp_path) == second  # building the same again changes nothing


def test_an_empty_bank_matches_nothing(tmp_path: Path) -> None:
    bank = Bank(build([], tmp_path))
    assert bank.pdq("00" * 32) == bank.sha256("00" * 32) == bank.link("a.example") == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("pdq,abc,hotline,", "64 hexadecimal digits"),
        ("url,,hotline,", "value"),
        ("url,http://,hotline,", "not a link"),
        ("md5,abc,hotline,", "kind"),
        ("sha256," + "ab" * 32 + ",hotline,content.nothing", "unknown harm"),
    ],
)
def test_a_wrong_signal_is_named_by_its_line(tmp_path: Path, line: str, says: str) -> None:
    source = tmp_path / "signals.csv"
    source.write_text(f"kind,value,source,harm\nurl,good.example,me,\n{line}\n")
    with pytest.raises(BankError, match="signal 2") as caught:
        list(read_signals(source))
    assert says in str(caught.value)


def test_what_is_no_bank_says_what_to_do(tmp_path: Path) -> None:
    assert current(tmp_path) is None
    with pytest.raises(BankError, match="leeward bank build"):
        Bank(tmp_path)


PHRASES = [
    Signal("phrase", "meet me behind the pool", "school", "contact.meet_request"),
    Signal("phrase", "me behind", "school", "contact.secrecy"),
    Signal("phrase", "blue whale challenge", "hotline", "content.dangerous_challenge"),
]


def phrase_bank(folder: Path) -> Bank:
    build([*SIGNALS, *PHRASES], folder)
    bank = current(folder)
    assert bank is not None and bank.counts["phrase"] == 3
    return bank


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Meet me behind the pool!!", {"contact.meet_request", "contact.secrecy"}),
        ("M E E T me b3hind the pool", {"contact.meet_request", "contact.secrecy"}),
        ("the BLUE  whale, challenge", {"content.dangerous_challenge"}),
        ("a blue whale is no challenge", set()),
        ("home behindhand", set()),
        ("", set()),
    ],
)
def test_phrases_are_whole_words_whatever_their_disguise(tmp_path: Path, text: str, found: set[str]) -> None:
    assert {match.harm for match in phrase_bank(tmp_path).phrases(text)} == found


def test_a_phrase_of_a_bank_decides(tmp_path: Path) -> None:
    from leeward.engine.events import Audience, Event
    from leeward.engine.screen import Engine

    event = Event(text="do the blue whale challenge", audience=Audience(age_band="10-12"))
    with_bank, without = Engine(bank=phrase_bank(tmp_path)).screen(event), Engine().screen(event)
    assert with_bank.scores["content.dangerous_challenge"] == 1.0 > without.scores.get("content.dangerous_challenge", 0.0)
    assert with_bank.action != "allow"


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(["ab", "cd", "ef", "gh"]), min_size=2, max_size=4), min_size=1, max_size=6),
    st.lists(st.sampled_from(["ab", "cd", "ef", "gh", "xy"]), max_size=14),
)
def test_every_phrase_that_stands_in_a_text_is_found(phrases: list[list[str]], text: list[str]) -> None:
    from leeward.engine.banks.phrases import PhraseIndex

    known = list(dict.fromkeys(" ".join(phrase) for phrase in phrases))
    wanted = {index for index, phrase in enumerate(known) if f" {phrase} " in f" {' '.join(text)} "}
    assert set(PhraseIndex(known).find(" ".join(text))) == wanted


def test_a_wrong_phrase_says_what_to_mend(tmp_path: Path) -> None:
    for text, says in (("phrase,abc,me,conduct.threat", "at least 4 letters"), ("phrase,see you tonight,me,", "needs its `harm`")):
        path = tmp_path / "signals.csv"
        path.write_text(f"kind,value,source,harm\n{text}\n")
        with pytest.raises(BankError, match=says):
            list(read_signals(path))
