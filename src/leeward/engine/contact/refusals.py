"""Short refusals in the languages of the first model. A reply is a refusal when it consists of one, or begins with one and is short."""

from __future__ import annotations

import re

MAX_WORDS = 6
_PHRASES = """
no | nope | nah | stop | stop it | leave me alone | go away | i dont want to | i said no | no thanks | dont write me | dont text me
nein | nö | nee | hör auf | lass mich | lass mich in ruhe | geh weg | will ich nicht | ich will nicht | schreib mir nicht | lieber nicht
nej | lad mig være | hold op | jeg vil ikke | gå væk
non | nan | arrête | arrete | laisse moi | laisse moi tranquille | je veux pas | je ne veux pas | dégage | fiche moi la paix
para | déjame | dejame | déjame en paz | no quiero | vete | no me escribas
basta | smettila | lasciami stare | lasciami in pace | non voglio | vattene | vai via
hou op | laat me | laat me met rust | ga weg | wil ik niet | ik wil niet
nie | przestań | przestan | zostaw mnie | daj mi spokój | daj mi spokoj | nie chcę | nie chce | odejdź
não | nao | deixa me | deixa-me em paz | me deixa | não quero | nao quero | vai embora
nu | lasă-mă | lasa-ma | lasa ma in pace | nu vreau | opreste-te | oprește-te | pleacă | pleaca
"""
_ALL = sorted({phrase.strip() for line in _PHRASES.splitlines() for phrase in line.split("|") if phrase.strip()}, key=len, reverse=True)
_START = re.compile(rf"(?:{'|'.join(map(re.escape, _ALL))})(?!\w)", re.IGNORECASE)
_MARKS = re.compile(r"['’`]")


def is_refusal(text: str) -> bool:
    """Whether a message says no, in one of the languages."""
    plain = _MARKS.sub("", text).strip()
    return len(plain.split()) <= MAX_WORDS and bool(_START.match(plain))
