"""Prints what the model card says: `python -m training.evaluate --data FOLDER`.

Everything is measured on writers whose lines no shipped model was trained on, and on the public validation rows. The floor is tf-idf over
words and characters with logistic regression, trained on the same rows as the models.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score
from sklearn.pipeline import make_union

from leeward.engine.contact import States
from leeward.engine.events import Actor, Audience, Event
from leeward.engine.policy import default_policy
from leeward.engine.screen import Engine
from leeward.engine.text import personal
from leeward.engine.text.scorer import TextScorer
from training import corpus, fairness
from training.datasets import INDEX, OUTPUTS, Scorer, Scores, Table, add_written, disguise, public, split_written

HARMS = [name for name in OUTPUTS if "." in name]
LARGE = [
    "conduct.bullying",
    "conduct.threat",
    "conduct.hate",
    "content.profanity",
    "wellbeing.distress",
    "conduct.doxxing",
    "consumer.scam",
]
INTENTS = [name for name in HARMS if name.startswith("contact.")]
BENIGN_KINDS = ("gaming", "school", "banter", "everyday", "family")
MIN_POSITIVES = 8
MARKS = ("<!-- evaluation -->", "<!-- end of evaluation -->")


def product(scorer: TextScorer) -> Scorer:
    """The text stages as they ship."""

    def score(texts: Sequence[str]) -> Scores:
        scores = scorer.matrix(list(texts)).astype(float)
        shaped = [max((item.score for item in personal.find(text)), default=0.0) for text in texts]
        scores[:, INDEX["conduct.doxxing"]] = np.maximum(scores[:, INDEX["conduct.doxxing"]], shaped)
        return scores

    return score


def floor(lines: list[corpus.Line]) -> Scorer:
    """tf-idf and logistic regression, one model a harm."""
    table = Table()
    add_written(table, lines)
    y, _ = table.arrays()
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True),
    )
    matrix = features.fit_transform(table.texts)
    models = {name: LogisticRegression(C=10, class_weight="balanced", solver="liblinear").fit(matrix, y[:, INDEX[name]]) for name in HARMS}

    def score(texts: Sequence[str]) -> Scores:
        found = features.transform(list(texts))
        out = np.zeros((len(texts), len(OUTPUTS)))
        for name, model in models.items():
            out[:, INDEX[name]] = model.predict_proba(found)[:, 1]
        return out

    return score


def best_f1(y: npt.NDArray[np.float32], score: Scores) -> float:
    """F1 at the threshold that is best for it: the same favour for every model."""
    thresholds = np.unique(np.quantile(score, np.linspace(0.5, 0.999, 40)))
    return max(float(f1_score(y, score >= threshold, zero_division=0)) for threshold in thresholds)


def recall_at(y: npt.NDArray[np.float32], score: Scores, alarms: float, benign: npt.NDArray[np.bool_]) -> float:
    """Recall at the threshold that so many benign texts pass."""
    return float((score[y > 0] > np.quantile(score[benign], 1 - alarms)).mean())


def calibration_error(y: npt.NDArray[np.float32], score: Scores, bins: int = 10) -> float:
    """Expected calibration error."""
    place = np.minimum((score * bins).astype(int), bins - 1)
    return float(sum(abs(score[place == b].mean() - y[place == b].mean()) * (place == b).mean() for b in range(bins) if (place == b).any()))


def held_out(lines: list[corpus.Line], scorers: dict[str, Scorer]) -> None:
    """Tables by harm and by language."""
    table = Table()
    add_written(table, lines)
    y, _ = table.arrays()
    texts, languages = table.texts, np.array(table.languages)
    benign = y.sum(axis=1) == 0
    scores = {name: scorer(texts) for name, scorer in scorers.items()}
    ours = scores["leeward"]
    print(f"\n## Held-out writers: {len(texts)} lines, {int(benign.sum())} of them benign\n")
    print("| harm | lines | AUROC | AP | recall at 1% false alarms | calibration error | floor AUROC |\n|---|---|---|---|---|---|---|")
    for name in HARMS:
        c = INDEX[name]
        if y[:, c].sum() < MIN_POSITIVES:
            continue
        print(
            f"| `{name}` | {int(y[:, c].sum())} | {roc_auc_score(y[:, c], ours[:, c]):.3f} | "
            f"{average_precision_score(y[:, c], ours[:, c]):.3f} | {recall_at(y[:, c], ours[:, c], 0.01, benign):.2f} | {calibration_error(y[:, c], ours[:, c]):.3f} | "
            f"{roc_auc_score(y[:, c], scores['floor'][:, c]):.3f} |"
        )
    print(
        "\n| language | lines | macro-F1 | macro-F1 of the floor | AUROC harmful/benign | alarms on benign lines |\n|---|---|---|---|---|---|"
    )
    for language in sorted(set(languages)):
        here = languages == language
        groups = [INDEX[name] for name in (*LARGE, *INTENTS) if y[here, INDEX[name]].sum() >= 4]
        ours_f1, floor_f1 = (np.mean([best_f1(y[here, c], scores[name][here, c]) for c in groups]) for name in ("leeward", "floor"))
        harmful = (~benign)[here]
        top = ours[here][:, [INDEX[name] for name in HARMS]].max(axis=1)
        alarm = float(acted([texts[row] for row in np.flatnonzero(here & benign)]).mean())
        print(f"| {language} | {int(here.sum())} | {ours_f1:.3f} | {floor_f1:.3f} | {roc_auc_score(harmful, top):.3f} | {alarm:.1%} |")
    chat = [line.text for line in lines if not line.harms and line.pair is None and line.kind in BENIGN_KINDS]
    print(f"\nAlarms (any action) on {len(chat)} benign gaming, school, banter and family lines: {acted(chat).mean():.1%}")
    pairs(lines, scorers["leeward"])


@functools.cache
def shared_engine() -> Engine:
    """The engine as it ships."""
    return Engine()


def acted(texts: list[str]) -> npt.NDArray[np.bool_]:
    """Which messages the default policy would act on, among 13- to 15-year-old friends."""
    engine = shared_engine()
    events = [Event(text=text, relationship="friend", actor=Actor(age_band="13-15"), audience=Audience(age_band="13-15")) for text in texts]
    scored = engine.score(events)
    return np.array(
        [engine.decide(event, scores, States())[0].action != "allow" for event, scores in zip(events, scored, strict=True)], bool
    )


def pairs(lines: list[corpus.Line], score: Scorer) -> None:
    """How often the harmful line of a pair scores above its innocent twin, for the harm of its section."""
    both: dict[str, list[corpus.Line]] = {}
    for line in lines:
        if line.pair:
            both.setdefault(line.pair, []).append(line)
    ordered = [(harmful, innocent) for harmful, innocent in both.values() if harmful.harms]
    bad, good = score([pair[0].text for pair in ordered]), score([pair[1].text for pair in ordered])
    wins = [max(bad[i, INDEX[h]] - good[i, INDEX[h]] for h in pair[0].harms) > 0 for i, pair in enumerate(ordered)]
    print(f"Harmful line above its innocent twin: {np.mean(wins):.1%} of {len(wins)} pairs")


def robustness(lines: list[corpus.Line], data: Path, score: Scorer) -> None:
    """What disguises cost."""
    rng = random.Random(3)
    table = Table()
    add_written(table, [line for line in lines if line.language == "en"])
    y, _ = table.arrays()
    plain, hidden = score(table.texts), score([disguise(text, rng) for text in table.texts])
    print("\n## Disguises (English held-out writers)\n\n| harm | AUROC | AUROC disguised |\n|---|---|---|")
    for name in ("conduct.bullying", "conduct.threat", "content.profanity", "contact.move_platform"):
        c = INDEX[name]
        print(f"| `{name}` | {roc_auc_score(y[:, c], plain[:, c]):.3f} | {roc_auc_score(y[:, c], hidden[:, c]):.3f} |")
    noisy = [row for row in public(data, "valid") if row["source"] == "noisyhate" and row.get("clean")]
    toxic = [row for row in noisy if row["labels"].get("toxic")]
    columns = [INDEX[name] for name in ("toxic", "content.profanity", "conduct.hate", "conduct.bullying")]
    a, b = (score([row[key] for row in toxic])[:, columns].max(axis=1) for key in ("clean", "text"))
    kept = np.mean(b >= 0.5 * a)
    print(
        f"\nnoisyhate, {len(toxic)} toxic pairs: mean score {a.mean():.3f} clean, {b.mean():.3f} as written; {kept:.1%} keep half or more"
    )


def public_rows(data: Path, split: str, score: Scorer) -> None:
    """AUROC by public source, of the output that is nearest to its label."""
    print(f"\n## Public {split} rows\n\n| source | language | label | rows | AUROC |\n|---|---|---|---|---|")
    groups: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    nearest = {"toxic": "toxic", "hate": "conduct.hate", "threat": "conduct.threat", "profanity": "content.profanity", "insult": "toxic",
               "spam": "consumer.spam", "selfharm_ideation": "wellbeing.distress"}  # fmt: skip
    for row in public(data, split):
        for label in nearest.keys() & row["labels"].keys():
            groups.setdefault((row["source"], row["lang"], label), []).append((row["text"], row["labels"][label]))
    for (source, language, label), items in sorted(groups.items()):
        items = items[:200]
        y = np.array([value for _, value in items])
        if min(y.sum(), len(y) - y.sum()) >= MIN_POSITIVES:
            found = score([text for text, _ in items])[:, INDEX[nearest[label]]]
            print(f"| {source} | {language} | {label} | {len(items)} | {roc_auc_score(y, found):.3f} |")


def at_thresholds(lines: list[corpus.Line], score: Scorer) -> None:
    """Precision and recall where the default policy begins to act, for 10-12-year-olds and strangers."""
    table = Table()
    add_written(table, lines)
    y, _ = table.arrays()
    scores, benign = score(table.texts), y.sum(axis=1) == 0
    print("\n## At the default policy's mildest threshold (10-12, stranger)\n")
    print(
        "| harm | from | precision | recall | alarms on benign lines | recall at 0.2% | at 0.5% | at 1% alarms |\n|---|---|---|---|---|---|---|---|"
    )
    for check in default_policy().checks_for("10-12", "unknown", "stranger"):
        if check.harm in INDEX and y[:, INDEX[check.harm]].sum() >= MIN_POSITIVES and not check.row.startswith("own"):
            over, truth = scores[:, INDEX[check.harm]] >= check.lowest, y[:, INDEX[check.harm]] > 0
            both, mine = (truth & over).sum(), scores[:, INDEX[check.harm]]
            places = [float(np.quantile(mine[benign], 1 - alarms)) for alarms in (0.002, 0.005, 0.01)]
            curve = " | ".join(f"{(mine[truth] > place).mean():.2f} (from {place:.2f})" for place in places)
            print(
                f"| `{check.harm}` | {check.lowest:.2f} | {both / max(1, over.sum()):.2f} | {both / truth.sum():.2f} | "
                f"{over[benign].mean():.1%} | {curve} |"
            )


def gate(lines: list[corpus.Line], scorer: TextScorer) -> None:
    """What the encoder is worth for each width of the gate, on held-out lines of which nine in ten are benign."""
    rng = random.Random(9)
    benign, harmful = [line for line in lines if not line.harms], [line for line in lines if line.harms]
    mixed = Table()
    add_written(mixed, benign + rng.sample(harmful, min(len(harmful), len(benign) // 9)))
    y, _ = mixed.arrays()
    columns = [INDEX[name] for name in (*LARGE, *INTENTS) if y[:, INDEX[name]].sum() >= 4]
    started = time.perf_counter()
    for text in mixed.texts[:100]:
        scorer.encoder.scores([text])
    cost = (time.perf_counter() - started) / 100 * 1000
    fast = scorer.fast.scores(mixed.texts)
    print(
        f"\n## The gate (one text costs the encoder {cost:.2f} ms here)\n\n| asks from | share asked | mean AP | gain | gain a ms |\n|---|---|---|---|---|"
    )
    before, base = scorer.unsure_from, 0.0
    for least in (1.1, 0.4, 0.2, 0.1, 0.05, 0.03, 0.0):
        scorer.unsure_from = least
        share, found = float(scorer.unsure(fast).mean()), scorer.matrix(mixed.texts)
        mean = float(np.mean([average_precision_score(y[:, c], found[:, c]) for c in columns]))
        base = base or mean
        gain = f"{(mean - base) / (share * cost):.3f}" if share else ""
        print(f"| {'never' if least > 1 else least} | {share:.1%} | {mean:.3f} | {mean - base:+.3f} | {gain} |")
    scorer.unsure_from = before


class Tee(io.StringIO):
    """Keeps what is printed, and prints it."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text)  # type: ignore[union-attr]
        sys.__stdout__.flush()  # type: ignore[union-attr]
        return super().write(text)


def main() -> None:
    """Prints all tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--research", action="store_true", help="also the rows that may only be measured with")
    parser.add_argument("--card", type=Path, help="write the tables into this model card as well")
    options = parser.parse_args()
    printed = Tee()
    with contextlib.redirect_stdout(printed):
        everything(options.data, options.research)
    if options.card:
        before, mark, rest = options.card.read_text(encoding="utf-8").partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        text = printed.getvalue().replace("\n## ", "\n### ").strip()
        options.card.write_text(f"{before}{mark}\n{text}\n{MARKS[1]}{after}", encoding="utf-8")


def everything(data: Path, research: bool) -> None:
    """All tables."""
    fit, rest = split_written()
    scorer = TextScorer()
    score = product(scorer)
    print(f"Models: {scorer.versions}. Written lines: {len(fit)} trained on, {len(rest)} held out.")
    started = time.time()
    held_out(rest, {"leeward": score, "floor": floor(fit)})
    chat = [line.text for line in rest if not line.harms and line.pair is None and line.kind in BENIGN_KINDS]
    print(f"Of these {scorer.unsure(scorer.fast.scores(chat)).mean():.1%} are seen by the encoder.")
    gate(rest, scorer)
    at_thresholds(rest, score)
    robustness(rest, data, score)
    fairness.table(score)
    public_rows(data, "valid", score)
    if research:
        public_rows(data, "valid_research", score)
    print(f"\nMeasured in {time.time() - started:.0f} s.")


if __name__ == "__main__":
    main()
