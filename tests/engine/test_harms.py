import json
from pathlib import Path

from leeward.engine import harms
from leeward.engine.contact.factors import FACTORS
from leeward.engine.policy import default_policy


def test_every_harm_has_its_crosswalks() -> None:
    for harm in harms.ALL:
        assert harm.dsa_category.startswith("STATEMENT_CATEGORY_")
        assert harm.dsa_keyword.startswith("KEYWORD_")
        assert harm.eu_5c in {"content", "conduct", "contact", "consumer", "cross-cutting"}


def test_the_default_policy_weighs_every_factor_and_covers_every_harm() -> None:
    document = default_policy().document
    assert set(document.contact.weights) == set(FACTORS)
    in_rows = {code for row in document.table for code in row.harms}
    assert set(harms.CODES) - in_rows == {"wellbeing.distress"}
    assert "wellbeing.distress" in document.support


def test_the_docs_name_every_harm() -> None:
    glossary = (Path(__file__).parents[2] / "docs/glossary.md").read_text(encoding="utf-8")
    assert [code for code in harms.CODES if f"`{code}`" not in glossary] == []


def test_the_models_score_what_the_taxonomy_says() -> None:
    from leeward.engine.text.scorer import TextScorer

    scored = set(TextScorer().score_many(["hello"])[0])
    assert scored == {harm.code for harm in harms.ALL if "text" in harm.scored_by}
    assert json.dumps(sorted(scored))
