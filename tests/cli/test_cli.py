"""The command line, as it is typed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from leeward.cli import app
from leeward.engine.policy.load import DIRECTORY
from tests.engine.images.test_images import picture

SNAP = "how old r u? dont tell ur mum, add me on sn4p"


def leeward(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_a_text_is_screened_in_words() -> None:
    found = leeward("screen", SNAP, "--audience", "10-12", "--actor", "adult", "--relationship", "stranger")
    assert found.exit_code == 0
    assert found.stdout.split()[0] in ("warn", "hold")
    assert "An adult writes to a child (10-12)." in found.stdout


def test_json_is_the_decision() -> None:
    found = leeward("screen", "gg u killed me lol", "--audience", "10-12", "--json")
    assert json.loads(found.stdout)["action"] == "allow"


def test_a_wrong_word_says_what_is_possible() -> None:
    found = leeward("screen", "hi", "--audience", "eleven")
    assert found.exit_code == 2
    assert "age_band" in found.stderr
    assert leeward("screen").exit_code == 2


def test_a_picture_is_screened(tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    path.write_bytes(picture())
    found = leeward("screen", "--image", str(path), "--audience", "10-12", "--json")
    assert json.loads(found.stdout)["action"] == "allow"
    path.write_bytes(b"nothing")
    assert leeward("screen", "--image", str(path)).exit_code == 2
    assert leeward("screen", "--image", str(tmp_path / "none.png")).exit_code == 2


EVENTS = [
    {"id": str(number), "text": "hi", "relationship": "stranger", "at": f"2026-11-23T12:0{number}:00Z",
     "actor": {"ref": "a", "age_band": "adult"}, "audience": {"ref": f"c{number}", "age_band": "10-12"}}
    for number in range(6)
]  # fmt: skip


def flat(event: dict[str, object]) -> dict[str, object]:
    return {
        f"{name}.{inner}" if inner else name: value
        for name, part in event.items()
        for inner, value in (part.items() if isinstance(part, dict) else [("", part)])
    }


def write(path: Path) -> Path:
    if path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(event) for event in EVENTS))
    elif path.suffix == ".csv":
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(flat(EVENTS[0])))
            writer.writeheader()
            writer.writerows(flat(event) for event in EVENTS)
    else:
        pq.write_table(pa.Table.from_pylist([flat(event) for event in EVENTS]), path)
    return path


@pytest.mark.parametrize("name", ["events.jsonl", "events.csv", "events.parquet"])
def test_a_file_is_screened_in_order_with_its_threads(tmp_path: Path, name: str) -> None:
    out = tmp_path / "out.jsonl"
    found = leeward("screen", "--file", str(write(tmp_path / name)), "--out", str(out))
    assert found.exit_code == 0, found.stderr
    decisions = [json.loads(line) for line in out.read_text().splitlines()]
    assert [decision["event"] for decision in decisions] == [str(number) for number in range(6)]
    assert "many_new_minors" in {factor["code"] for factor in decisions[-1]["factors"]}


def test_bad_lines_are_reported_by_number_and_skipped(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"text": "one"}\nnonsense\n\n{"text": "two", "age": 3}\n\xff\xfe\n{"text": "three"}\n')
    found = leeward("screen", "--file", str(path))
    assert found.exit_code == 3
    assert len(found.stdout.splitlines()) == 2
    for number in (2, 4, 5):
        assert f"events.jsonl:{number}: skipped" in found.stderr
    assert "2 screened, 3 skipped" in found.stderr.replace("\n", " ") or "3 skipped" in found.stderr


@pytest.mark.parametrize("name", ["events.txt", "none.jsonl"])
def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, name: str) -> None:
    if name.endswith(".txt"):
        (tmp_path / name).write_text("x")
    found = leeward("screen", "--file", str(tmp_path / name))
    assert found.exit_code == 2
    assert name in found.stderr.replace("\n", "")


def test_a_policy_is_checked(tmp_path: Path) -> None:
    good = leeward("policy", "check", str(DIRECTORY / "default.yaml"))
    assert good.exit_code == 0 and "rows and" in good.stdout
    path = tmp_path / "mine.yaml"
    path.write_text((DIRECTORY / "default.yaml").read_text().replace("conduct.bullying", "conduct.bulying", 1))
    bad = leeward("policy", "check", str(path))
    assert bad.exit_code == 1
    assert "mine.yaml:" in bad.stderr and "^" in bad.stderr


def test_a_decision_is_explained_row_by_row() -> None:
    event = json.dumps({"text": SNAP, "relationship": "stranger", "actor": {"age_band": "adult"}, "audience": {"age_band": "10-12"}})
    found = leeward("policy", "explain", event)
    assert found.exit_code == 0
    for name in ("secret", "other-app", "adult-stranger-asks-child", "adult_to_child"):
        assert name in found.stdout
    assert leeward("policy", "explain", "{}").exit_code == 1


def test_a_backtest_shows_what_would_change(tmp_path: Path) -> None:
    path = tmp_path / "strict.yaml"
    text = (DIRECTORY / "default.yaml").read_text()
    path.write_text(
        text.replace("name: default", "name: strict").replace("{warn: 0.6, hold: 0.85}, text: grooming}", "{hold: 0.02}, text: grooming}")
    )
    found = leeward("policy", "backtest", str(path), str(write(tmp_path / "events.jsonl")))
    assert found.exit_code == 0
    assert "6 of 6 events change" in found.stdout
    assert "hold" in found.stdout and "grooming" in found.stdout


def test_a_bank_is_built_shown_and_asked(tmp_path: Path) -> None:
    source, root = tmp_path / "signals.csv", str(tmp_path / "banks")
    source.write_text("kind,value,source,harm\nurl,bad.example,list,consumer.scam\npdq," + "ab" * 32 + ",hotline,\n")
    assert "1 pdq" in leeward("bank", "build", str(source), "--out", root).stdout
    assert "consumer.scam, listed by list" in leeward("bank", "check", "http://x.bad.example/y", "--banks", root).stdout
    assert "1 bits away" in leeward("bank", "check", "ab" * 31 + "aa", "--banks", root).stdout
    assert "Not in the bank" in leeward("bank", "check", "good.example", "--banks", root).stdout
    found = leeward("screen", "look: bad.example/prize", "--audience", "10-12", "--banks", root, "--json")
    assert json.loads(found.stdout)["scores"]["consumer.scam"] == 1.0
    source.write_text("kind,value,source\npdq,zz,list\n")
    assert leeward("bank", "build", str(source), "--out", root).exit_code == 1
    assert leeward("bank", "show", str(tmp_path / "none")).exit_code == 1


@pytest.mark.django_db
def test_keys_are_made_listed_and_revoked() -> None:
    made = leeward("keys", "create", "--service", "Chat", "--organisation", "Org", "--scope", "screen", "--scope", "read")
    assert made.stdout.startswith("lw_")
    key_id = made.stdout.split("_")[1]
    assert key_id in leeward("keys", "list").stdout
    assert leeward("keys", "revoke", key_id).exit_code == 0
    assert "revoked" in leeward("keys", "list").stdout
    assert leeward("keys", "revoke", "nothing").exit_code == 1
    assert leeward("keys", "create", "--service", "Chat", "--organisation", "Org", "--scope", "all").exit_code == 1


@pytest.mark.django_db
def test_staff_are_made_with_a_good_password() -> None:
    leeward("keys", "create", "--service", "Chat", "--organisation", "Org")
    runner = CliRunner()
    weak = runner.invoke(app, ["staff", "create", "a@b.example", "--organisation", "Org"], input="short\nshort\n")
    assert weak.exit_code == 1
    good = runner.invoke(app, ["staff", "create", "a@b.example", "--organisation", "Org"], input="vier-grüne-Wolken\nvier-grüne-Wolken\n")
    assert good.exit_code == 0, good.stderr
    assert leeward("staff", "create", "c@d.example", "--organisation", "None").exit_code == 1
