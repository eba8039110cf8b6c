"""`make bench`: speed and memory against peers, on one core, in one run. Figures of a run are ratios; compare runs only by them."""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import api, family
from training import corpus

TRIES = 5


def per_second(run: Callable[[], object], items: int, tries: int = TRIES) -> float:
    """Items a second: the median of some tries, after one to warm up."""
    run()
    seconds = []
    for _ in range(tries):
        started = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - started)
    return items / statistics.median(seconds)


def text() -> None:
    """Batches and single calls against alt-profanity-check."""
    from profanity_check import predict_prob

    from leeward.engine.text.encoder import EncoderModel
    from leeward.engine.text.scorer import TextScorer

    lines = [line.text for line in corpus.read() if line.language == "en"]
    batch = lines[:4000]
    scorer, whole = TextScorer(second_stage=False), TextScorer()
    peer = per_second(lambda: predict_prob(batch), len(batch), 3)
    print("\n## Text (messages a second, one core)\n\n| | batch of 4,000 | one by one |\n|---|---|---|")
    peer_one = per_second(lambda: [predict_prob([text]) for text in batch[:100]], 100, 3)
    print(f"| alt-profanity-check | {peer:,.0f} | {peer_one:,.0f} |")
    for name, model in (("Leeward, first stage", scorer), ("Leeward, both stages", whole)):
        many = per_second(lambda model=model: model.score_many(batch), len(batch), 3)  # type: ignore[misc]
        one = per_second(lambda model=model: [model.score_many([text]) for text in batch[:500]], 500, 3)  # type: ignore[misc]
        print(f"| {name} | {many:,.0f} ({many / peer:.1f}x) | {one:,.0f} ({one / peer_one:.1f}x) |")
    encoder = EncoderModel()
    print(f"| Leeward, encoder alone | {per_second(lambda: encoder.scores(batch[:500]), 500, 3):,.0f} | "
          f"{per_second(lambda: [encoder.scores([text]) for text in batch[:100]], 100, 3):,.0f} |")  # fmt: skip
    seen = int(whole.unsure(scorer.fast.scores(batch)).sum())
    print(
        f"\nThe gate sends {seen / len(batch):.1%} of these lines to the encoder; they are as harmful as lines get, plain chat sends fewer."
    )


def banks(count: int) -> None:
    """Exact look-up within 31 bits against threatexchange's PDQIndex."""
    from threatexchange.signal_type.pdq.pdq_index import PDQIndex

    from leeward.engine.banks.pdq_index import PdqIndex

    rng = np.random.default_rng(1)
    rows = rng.integers(0, 256, (count, 32), dtype=np.uint8)
    asked = []
    for row in rng.integers(0, count, 200):
        value = bytearray(rows[row].tobytes())
        for bit in rng.choice(256, rng.integers(0, 32), replace=False):
            value[bit // 8] ^= 1 << (bit % 8)
        asked.append((int(row), bytes(value)))
    ours = PdqIndex.build(rows)
    theirs = PDQIndex.build([(row.tobytes().hex(), index) for index, row in enumerate(rows)])
    recall = np.mean([row in ours.search(value)[0] for row, value in asked])
    mine = per_second(lambda: [ours.search(value) for _, value in asked], len(asked))
    peer = per_second(lambda: [theirs.query(value.hex()) for _, value in asked], len(asked), 3)
    print(f"\n## Bank of {count:,} PDQ hashes, radius 31\n\n| | look-ups a second | ms |\n|---|---|---|")
    print(
        f"| threatexchange PDQIndex | {peer:,.0f} | {1000 / peer:.3f} |\n| Leeward | {mine:,.0f} ({mine / peer:.1f}x) | {1000 / mine:.3f} |"
    )
    print(f"\nRecall of planted matches: {recall:.3f}")


def sizes() -> None:
    """Import time, memory of a process with the models, size of the model files."""
    code = "import time; s = time.perf_counter(); import leeward.engine.screen; print(time.perf_counter() - s)"
    seconds = min(float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) for _ in range(3))
    code = (
        "from leeward.engine.screen import Engine; from leeward.engine.events import Event; e = Engine(); "
        "[e.screen(Event(text='how old are you? ' * n)) for n in range(1, 6)]; "
        "print(next(int(line.split()[1]) / 1024 for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    memory = float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    models = sum(path.stat().st_size for path in (Path(__file__).parents[1] / "src/leeward/models").rglob("*") if path.is_file()) / 1e6
    print(
        f"\n## Sizes\n\nImport of the engine: {seconds:.2f} s. Memory of a process that screens: {memory:.0f} MB. Model files: {models:.1f} MB."
    )


def main() -> None:
    """Runs all."""
    print(f"# Benchmarks ({os.cpu_count()} cores; numpy {np.__version__})")
    text()
    banks(1_000_000)
    sizes()
    family.main()
    subprocess.run([sys.executable, "-m", "benchmarks.register"], check=True)
    api.main()


if __name__ == "__main__":
    main()
