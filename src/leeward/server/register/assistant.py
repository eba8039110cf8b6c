"""Tells, while a commitment is written, what makes it impossible to check: no number, no day, nobody named, or words that promise nothing.

It reads the fields first and the text second. Cues are in the seven languages of the pages; a language without cues is judged by its fields
and by its digits. It advises: the secretariat publishes what is not verifiable too, with the reason beside it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

NUMBER = re.compile(
    r"\d|\b(?:all|every|each|none|no|half|one|two|three|four|five|six|seven|eight|nine|ten|twelve|alle|jede[rsmn]?|keine?|hälfte|zwei|drei|vier|fünf|"
    r"tous|toutes|chaque|aucune?|moitié|deux|trois|todos|todas|cada|ningún|ninguna|mitad|tutt[ie]|ogni|nessun[ao]?|metà|elke?|ieder[e]?|geen|helft|"
    r"wszyscy|wszystkie|każd[aey]|żad[ne][ae]?|połow[aę])\b",
    re.IGNORECASE,
)
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|januar|februar|märz|mai|juni|juli|oktober|dezember|"
    "janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|"
    "septiembre|octubre|noviembre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|januari|februari|maart|mei|"
    "augustus|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia"
)
DAY = re.compile(
    rf"\b(?:19|20)\d\d\b|\b\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b|\b(?:{_MONTHS})\b \d{{4}}|\bQ[1-4]\b|"
    r"\b(?:within|innerhalb von|binnen|dans les|en un plazo de|entro|w ciągu)\s+\d+",
    re.IGNORECASE,
)
WHO = re.compile(
    r"\b(?:child|children|minors?|teen\w*|young|youth|under[- ]?\d+|users?|parents?|carers?|famil\w+|pupils?|teachers?|accounts?|reports?|"
    r"kind(?:er\w*)?|minderjährig\w*|jugendlich\w*|eltern\w*|nutzer\w*|konten|meldungen|enfants?|mineurs?|jeunes|parents|comptes|signalements|"
    r"niñ[oa]s?|menores|jóvenes|padres|usuarios|cuentas|bambin[io]|minori|giovani|genitori|utenti|segnalazioni|kinderen|minderjarigen|jongeren|"
    r"ouders|gebruikers|meldingen|dzieci|dziecko|nieletni\w*|młod\w+|rodzic\w*|użytkowni\w+|zgłosze\w+)\b",
    re.IGNORECASE,
)
_VAGUE = (
    r"striv\w+|aims? to|aiming|endeavou?r\w*|seek to|where appropriate|as appropriate|where possible|if possible|best efforts|promot\w+",
    r"support\w*|encourag\w+|rais\w+ awareness|robust|appropriate|regularly|continu\w+ to (?:work|invest)|committed to|improv\w+|enhanc\w+",
    r"bemüh\w+|anstreb\w+|gegebenenfalls|nach möglichkeit|angemessen\w*|förder\w+|unterstütz\w+|regelmäßig",
    r"s'efforcer\w*|viser à|si possible|le cas échéant|promouvoir|encourager|soutenir|procurar\w*|cuando proceda|fomentar|promover",
    r"impegn\w+|ove possibile|promuovere|sostenere|streven|waar mogelijk|passend\w*|bevorder\w+",
    r"dążyć|staramy|w miarę możliwości|wspiera\w+|promowa\w+",
)
VAGUE = re.compile(rf"\b(?:{'|'.join(_VAGUE)})\b", re.IGNORECASE)
LONG = 60
"""Words from which a commitment usually promises several things at once."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is looked at. `actions` counts those it serves."""

    text: str
    actions: int
    bands: Sequence[str]
    target: float | None
    unit: str
    baseline: float | None
    due: dt.date | None
    indicators: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing. Without what `blocks`, nobody can check the commitment; the rest is advice."""

    code: str
    says: str
    blocks: bool


def _vague(text: str) -> list[str]:
    return list(dict.fromkeys(match.group().lower() for match in VAGUE.finditer(text)))[:3]


def _blocking(draft: Draft) -> list[Gap]:
    """Without these nobody can check it."""
    found = []
    if draft.target is None and not NUMBER.search(draft.text):
        found.append(
            Gap(
                "no_number",
                "There is no number: how much, how many, how fast? For example “95% of reports are answered within 24 hours”.",
                True,
            )
        )
    if draft.due is None and not DAY.search(draft.text):
        found.append(Gap("no_date", "There is no day: by when, or from when on? Fill in “Due”, or name the day.", True))
    if not draft.bands and not WHO.search(draft.text):
        found.append(
            Gap(
                "no_population",
                "Nobody is named: whom does it protect? Choose age bands, or say for example “users under 16 in the EU”.",
                True,
            )
        )
    if draft.target is not None and not draft.unit:
        found.append(Gap("no_unit", "The target has no unit: hours, per cent, children …?", True))
    return found


def _advice(draft: Draft, today: dt.date) -> list[Gap]:
    """What would make it easier to check, or stronger."""
    vague = ", ".join(f"“{word}”" for word in _vague(draft.text))
    advice = (
        ("no_target", draft.target is None and bool(NUMBER.search(draft.text)),
         "The number stands in the text alone: put it into “Target” too, so that it can be compared with what is measured."),
        ("past_due", draft.due is not None and draft.due < today, f"The day {draft.due} has passed already."),
        ("no_indicator", not draft.indicators, "No indicator is tied to it yet: which number or document will show that it is true?"),
        ("no_baseline", draft.target is not None and draft.baseline is None,
         "There is no baseline: where did you stand when you promised it?"),
        ("no_action", not draft.actions, "It serves none of the actions of the statement of purpose: choose at least one."),
        ("vague", bool(vague), f"These words promise nothing that can be checked: {vague}. Say what you will have done."),
        ("long", len(draft.text.split()) > LONG,
        f"It has more than {LONG} words: does it promise several things? One commitment, one promise."),
    )  # fmt: skip
    return [Gap(code, says, False) for code, holds, says in advice if holds]


def gaps(draft: Draft, today: dt.date) -> list[Gap]:
    """What keeps a commitment from being checked, what blocks first."""
    return _blocking(draft) + _advice(draft, today)


def is_verifiable(found: Sequence[Gap]) -> bool:
    """Whether somebody outside could check it."""
    return not any(gap.blocks for gap in found)
