"""Message catalogues without gettext's programs: `update` collects marked texts and compiles, `check` fails where a text is missing."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import polib

SERVER = Path(__file__).parents[1] / "src/leeward/server"
LOCALE = SERVER / "locale"
LANGUAGES = ("de", "fr", "es", "it", "nl", "pl")
_TEMPLATE = re.compile(r"""\{%\s*translate\s+(?:"([^"]+)"|'([^']+)')""")
_BLOCK = re.compile(r"\{%\s*blocktranslate[^%]*%\}(.*?)\{%\s*endblocktranslate\s*%\}", re.DOTALL)
_PYTHON = re.compile(r'(?<![\w.])_\(\s*"((?:[^"\\]|\\.)+)"\s*\)')
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def marked() -> set[str]:
    """Every text that is marked for translation."""
    found: set[str] = set()
    for path in SERVER.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        found.update(double or single for double, single in _TEMPLATE.findall(text))
        found.update(_VARIABLE.sub(r"%(\1)s", body.strip()) for body in _BLOCK.findall(text))
    for path in SERVER.rglob("*.py"):
        found.update(_PYTHON.findall(path.read_text(encoding="utf-8")))
    return found


def catalogue(language: str) -> polib.POFile:
    """A language's catalogue; an empty one where there is none."""
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    if path.exists():
        return polib.pofile(str(path))
    made = polib.POFile()
    made.metadata = {"Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "8bit", "Language": language}
    return made


def update() -> int:
    """Adds what is new, drops what is gone, compiles."""
    texts = marked()
    for language in LANGUAGES:
        po = catalogue(language)
        known = {entry.msgid: entry for entry in po}
        for gone in known.keys() - texts:
            po.remove(known[gone])
        for text in sorted(texts - known.keys()):
            po.append(polib.POEntry(msgid=text))
        po.sort(key=lambda entry: entry.msgid)
        folder = LOCALE / language / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        po.save(str(folder / "django.po"))
        po.save_as_mofile(str(folder / "django.mo"))
    return check()


def check() -> int:
    """Returns 1, and says what is missing, where a catalogue is not complete or its compiled form is old."""
    texts, problems = marked(), []
    for language in LANGUAGES:
        po = catalogue(language)
        done = {entry.msgid: entry.msgstr for entry in po if entry.msgstr and "fuzzy" not in entry.flags}
        problems += [f"{language}: not translated: {text!r}" for text in sorted(texts - done.keys())]
        problems += [f"{language}: no longer used: {text!r}" for text in sorted({entry.msgid for entry in po} - texts)]
        for text, words in done.items():
            if sorted(re.findall(r"%\(\w+\)s", text)) != sorted(re.findall(r"%\(\w+\)s", words)):
                problems.append(f"{language}: other variables in {text!r}")
        compiled = LOCALE / language / "LC_MESSAGES" / "django.mo"
        if not compiled.exists() or {entry.msgid: entry.msgstr for entry in polib.mofile(str(compiled))} != done:
            problems.append(f"{language}: the compiled catalogue is old: run `make messages`")
    print("\n".join(problems) or f"{len(texts)} texts in {len(LANGUAGES)} languages")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(update() if sys.argv[1:] == ["update"] else check())
