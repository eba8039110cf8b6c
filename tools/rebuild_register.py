#!/usr/bin/env python3
"""Makes every figure of a register's overview again from its CSVs, and says where a page differs. Needs nothing but Python.

    python tools/rebuild_register.py http://127.0.0.1:8000/register/harbour/ [--on 2026-01-31]

It shares no code with the register on purpose: whoever doubts a figure can read these lines instead. Exit code 1 where a figure differs.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import json
import statistics
import sys
import urllib.request
from collections import defaultdict
from collections.abc import Callable

Row = dict[str, str]
GRACE_DAYS_PER_MONTH = 1.5 * 30.44
"""A value stays fresh for one and a half of its own periods after its last day."""
FAVOUR = ("stale", "missed", "fresh", "kept")
"""Where several indicators show one commitment, the first of these that occurs counts."""


def number(text: str) -> float | None:
    """A number of a CSV; None where the field is empty."""
    return float(text) if text else None


def latest(observations: list[Row]) -> dict[tuple[str, str], Row]:
    """(member, indicator) -> the newest row, with the newest row that has a value in `valued`."""
    newest: dict[tuple[str, str], Row] = {}
    for row in sorted(observations, key=lambda row: (row["period_end"], row["received_at"])):
        key = row["member"], row["indicator"]
        valued = row if row["value"] else None
        before = newest.get(key)
        newest[key] = {**row, "valued_on": (valued or {}).get("period_end") or (before or {}).get("valued_on", ""),
                       "valued": (valued or {}).get("value") or (before or {}).get("valued", "")}  # fmt: skip
    return newest


def fresh(last_day: str, every_months: str, today: dt.date) -> bool:
    """Whether a value is fresh."""
    return today <= dt.date.fromisoformat(last_day) + dt.timedelta(days=round(int(every_months) * GRACE_DAYS_PER_MONTH))


def evidence(commitment: Row, values: list[Row], today: dt.date) -> str:
    """What the newest values say of a commitment."""
    found = set()
    for row in values:
        if not fresh(row["period_end"], row["every_months"], today):
            found.add("stale")
            continue
        value, target = number(row["valued"]), number(commitment["target"])
        usable = row["valued_on"] and fresh(row["valued_on"], row["every_months"], today) and row["unit"] == commitment["unit"]
        if not usable or value is None or target is None or not commitment["direction"]:
            found.add("fresh")
        else:
            found.add("kept" if (value >= target if commitment["direction"] == "up" else value <= target) else "missed")
    return next((state for state in FAVOUR if state in found), "none")


def count(commitments: list[Row], states: dict[str, str], found: dict[str, str]) -> dict[str, int]:
    """The figures over some commitments."""
    codes = [row["code"] for row in commitments]
    return {
        "claimed": len(codes), "evidenced": sum(states[code] in ("kept", "missed", "fresh") for code in codes),
        "stale": sum(states[code] == "stale" for code in codes), "kept": sum(states[code] == "kept" for code in codes),
        "found_true": sum(found.get(code) in ("fully", "largely") for code in codes),
        "found_false": sum(found.get(code) == "not" for code in codes),
        "evaluated": sum(bool(found.get(code)) for code in codes),
    }  # fmt: skip


def rebuild(read: Callable[[str], str]) -> list[tuple[str, object, object]]:
    """(what, as the page says, as it comes out here) of every figure; `read` gives a file of the register by its name."""
    tables = {
        name: list(csv.DictReader(io.StringIO(read(f"{name}.csv"))))
        for name in ("commitments", "observations", "findings", "reports", "members")
    }
    page = json.loads(read("overview.json"))
    today = dt.date.fromisoformat(page["as_of"])
    by_commitment: dict[str, list[Row]] = defaultdict(list)
    for row in latest(tables["observations"]).values():
        for code in row["commitments"].split():
            by_commitment[code].append(row)
    states = {row["code"]: evidence(row, by_commitment[row["code"]], today) for row in tables["commitments"]}
    told = [row for row in tables["findings"] if row["kind"] == "finding" and row["commitment"]]
    found = {row["commitment"]: row["scale"] for row in sorted(told, key=lambda row: (row["published_on"], int(row["number"])))}
    late = [int(row["days_late"]) for row in tables["reports"]]
    inside = [row for row in tables["members"] if row["state"] in ("admitted", "suspended")]
    every = tables["commitments"]

    compared: list[tuple[str, object, object]] = [(f"evidence of {row['code']}", row["evidence"], states[row["code"]]) for row in every]
    total = count(every, states, found)
    ours: dict[str, object] = {
        **total, "companies": sum(row["category"] == "company" for row in inside),
        "associated": sum(row["category"] == "associated" for row in inside),
        "none": sum(state == "none" for state in states.values()), "missed": sum(state == "missed" for state in states.values()),
        "share_verifiable": share(sum(row["verifiable"] == "true" for row in every), len(every)), "share_fresh": share(total["evidenced"],
        len(every)),
        "share_found_true": share(total["found_true"], len(every)), "median_days_late": float(statistics.median(late)) if late else None,
    }  # fmt: skip
    compared += [(f"overview: {name}", page["figures"][name], value) for name, value in ours.items()]
    for action in page["actions"]:
        mine = count([row for row in every if str(action["number"]) in row["actions"].split()], states, found)
        compared += [(f"action {action['number']}: {name}", action[name], value) for name, value in mine.items()]
    for line in page["members"]:
        for cell in line["cells"]:
            rows = [row for row in every if row["member"] == line["member"] and str(cell["action"]) in row["actions"].split()]
            compared += [
                (f"{line['member']}, action {cell['action']}: {name}", cell[name], value)
                for name, value in count(rows, states, found).items()
            ]
    return compared


def share(part: int, whole: int) -> float | None:
    """Rounded to four places."""
    return round(part / whole, 4) if whole else None


def main() -> int:
    """Reads, compares, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="address of an alliance in a register")
    parser.add_argument("--on", default="", help="a day, YYYY-MM-DD (default: today)")
    asked = parser.parse_args()
    base = asked.url.rstrip("/") + "/"
    if not base.startswith(("http://", "https://")):
        parser.error("The address begins with http:// or https://.")

    def read(name: str) -> str:
        with urllib.request.urlopen(f"{base}{name}{f'?on={asked.on}' if asked.on else ''}", timeout=60) as answer:  # noqa: S310  (checked above)
            return str(answer.read().decode())

    try:
        compared = rebuild(read)
    except OSError as error:
        print(
            f"{base} cannot be read: {error}. Is it the address of an alliance, such as http://127.0.0.1:8000/register/harbour/ ?",
            file=sys.stderr,
        )
        return 2
    differ = [item for item in compared if item[1] != item[2]]
    for what, theirs, ours in differ:
        print(f"DIFFERS  {what}: the page says {theirs}, the tables say {ours}")
    print(f"{len(compared)} figures made again from the tables, {len(differ)} differ.")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
