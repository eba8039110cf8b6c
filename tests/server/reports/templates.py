"""The marked texts of the pages for children."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "src/leeward/server/reports/templates/reports"
PAGES = ("tell", "help", "sent", "answer", "answer_view")
_MARKED = re.compile(r'\{%\s*translate\s+"([^"]+)"|\{%\s*blocktranslate[^%]*%\}(.*?)\{%', re.DOTALL)


def child_texts() -> list[str]:
    """Texts as they are looked up in the catalogues."""
    found = [text for page in PAGES for text in _MARKED.findall((FOLDER / f"{page}.html").read_text(encoding="utf-8"))]
    return [re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", one or two) for one, two in found]
