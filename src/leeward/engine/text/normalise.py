"""Undoes disguises (leet, spacing, repeats, look-alikes, zero-width) and leaves genuine Greek and Cyrillic alone."""

from __future__ import annotations

import re
import unicodedata

# zero-width and directional marks, soft hyphen, variation selectors, tag characters
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)
_STACKED_MARKS = re.compile(r"([\u0300-\u036f\u0489\u20d0-\u20f0])[\u0300-\u036f\u0489\u20d0-\u20f0]+")
_LOOKALIKES = str.maketrans(
    "аесіјорѕухԁԛԝһАВЕКМНОРСТХІЈЅУαβεικνορτυχηωΑΒΕΖΗΙΚΜΝΟΡΤΥΧıƖɡɑɩ",
    "aecijopsyxdqwhABEKMHOPCTXIJSYabeiknoptuxnwABEZHIKMNOPTYXiIgai",
)
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_LATIN = re.compile("[a-zA-Z]")
_TOKEN = re.compile(r"\S+")
_LEET = str.maketrans("013457@$€!|", "oieastasei" + "l")
# A digit or sign inside letters, as in sn4p, st00pid, b!tch; never 10pm, 2nd, ps5, gr8
_DISGUISED = re.compile(r"(?<![^\W_])[^\W\d_]+[013457@$€!|]{1,2}[^\W\d_]+[\w@$!|]*|(?<!\w)[@$][^\W\d_]{2,4}(?!\w)", re.ASCII)
_TIME_LIKE = re.compile(r"^[a-z]?\d+[a-z]{1,2}$|\w@\w|^[a-z]\d+[a-z]\d+$", re.IGNORECASE)
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:([ .\-_*·])[^\W\d_])(?:\1[^\W\d_])+(?![^\W_])")
_GAPS = re.compile(r"[ .\-_*·]+")
_REPEAT = re.compile(r"([^\W\d_])\1{2,}")
_REPEAT_SIGN = re.compile(r"([^\w\s])\1{2,}")
# What must stand somewhere in a text before the dear patterns above can match; most texts hold none of it
_MAY_BE_SPACED = re.compile(r"([ .\-_*·])\w\1\w")
_MAY_BE_DISGUISED = re.compile(r"[013457@$€!|][a-z]")
_MAY_REPEAT = re.compile(r"(.)\1\1")


def _fold_token(match: re.Match[str]) -> str:
    token = match.group()
    if _FOREIGN.search(token) and _LATIN.search(token):
        return token.translate(_LOOKALIKES)
    return token


def _fold_leet(match: re.Match[str]) -> str:
    token = match.group()
    return token if _TIME_LIKE.search(token) else token.translate(_LEET)


def _join(match: re.Match[str]) -> str:
    return _GAPS.sub("", match.group())


def normalise(text: str) -> str:
    """The text a model sees: lower case, disguises undone. Offsets do not survive."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = _STACKED_MARKS.sub(r"\1", _INVISIBLE.sub("", text))
        if _FOREIGN.search(text):
            text = _TOKEN.sub(_fold_token, text)
    text = text.lower()
    if _MAY_BE_SPACED.search(text):
        text = _SPACED.sub(_join, text)
    if _MAY_BE_DISGUISED.search(text):
        text = _DISGUISED.sub(_fold_leet, text)
    if _MAY_REPEAT.search(text):
        text = _REPEAT_SIGN.sub(r"\1\1", _REPEAT.sub(r"\1", text))
    return " ".join(text.split())
