"""The package of a referral: report.json (XARF v4 csem or csam), report.pdf, manifest.json with hashes, manifest.sig (Ed25519), in a zip,
encrypted for the partner with age. No picture or video is ever inside: addresses, hashes and ids only. `unpack` is what a partner needs
to believe one: it trusts nothing that it was not shown.
"""

from __future__ import annotations

import base64
import datetime as dt
import functools
import hashlib
import importlib.resources
import io
import json
import uuid
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pyrage
from fpdf import FPDF
from referencing import Registry, Resource

from leeward.engine import harms
from leeward.server import environment
from leeward.server.core import signing

SCHEMAS = Path(__file__).parent / "schemas"
_EXPLOITATION = {"contact.extortion": "sextortion", "contact.image_request": "solicitation", "content.sexual": "distribution"}
"""Harm -> exploitation_type of XARF; every other contact is grooming."""
OTHER = "harm_to_minor"
"""The type of a referral that is about no exploitation; XARF has no name for it, so its core alone is kept."""
_AGE = {"0-5": "toddler", "6-9": "prepubescent", "10-12": "prepubescent", "13-15": "pubescent", "16-17": "pubescent"}


class PackageError(ValueError):
    """The package cannot be made; the message says what to mend."""


@functools.cache
def _validator(kind: str) -> jsonschema.Draft202012Validator:
    """Checks a document against XARF v4, offline."""
    found = {name: json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8")) for name in
             ("xarf-core", "content-base", "content-csem", "content-csam")}  # fmt: skip
    base = "https://xarf.org/schemas/v4"
    registry: Registry[Any] = Registry().with_resources(
        (address, Resource.from_contents(body))
        for name, body in found.items()
        for address in (f"{base}/{name}.json", f"{base}/types/{name}.json")
    )
    return jsonschema.Draft202012Validator(found["xarf-core" if kind == OTHER else f"content-{kind}"], registry=registry)


def check(document: dict[str, Any]) -> None:
    """Raises PackageError, naming the field, where a document is no valid XARF report."""
    wrong = next(iter(_validator(document["type"]).iter_errors(document)), None)
    if wrong is not None:
        raise PackageError(f"{'.'.join(str(part) for part in wrong.absolute_path) or 'report'}: {wrong.message}")


def document(facts: dict[str, Any], at: dt.datetime) -> dict[str, Any]:
    """The XARF report of a case; `facts` are those of access.facts_of."""
    contact = environment.get("LEEWARD_CONTACT", "leeward@localhost.invalid")
    who = {"org": facts["org"], "contact": contact, "domain": contact.rpartition("@")[2]}
    is_known = facts["harm"] == "content.known"
    is_exploitation = facts["harm"].startswith("contact.") or facts["harm"] in _EXPLOITATION
    link = facts["link"] if urlsplit(facts["link"]).scheme in ("http", "https") else f"urn:leeward:{facts['case']}"
    made: dict[str, Any] = {
        "xarf_version": "4.2.0", "report_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"leeward:{facts['case']}:{at.isoformat()}")),
        "timestamp": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "reporter": who, "sender": who,
        "source_identifier": facts["account"] or "unknown account", "category": "content",
        "type": "csam" if is_known else "csem" if is_exploitation else OTHER,
        "url": link, "description": facts["why"],
        "evidence": [
            {"content_type": "text/plain", "description": what, "payload": base64.b64encode(text.encode()).decode(),
             "hash": f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"}
            for what, text in facts["texts"] if text
        ],
        "victim": {
            "age_band": facts["band"], "age_assurance": "told", "country": facts["country"] or None,
            "do_not_tell_guardian": facts["no_guardian"], "known_to_service_as": facts["victim"] or None,
        },
        "tags": [f"leeward:{(facts['harm'] or 'unsure').replace('.', '-')}", *(["leeward:danger-now"] if facts["danger"] else [])],
    }  # fmt: skip
    if is_known:
        return made | {
            "classification": "baseline", "detection_method": "hash_match", "media_type": "mixed",
            "hash_values": {"sha256": facts["hashes"][0]} if facts["hashes"] else {},
        }  # fmt: skip
    if not is_exploitation:  # a child in distress, or one that is bullied: nobody is accused of grooming
        return made
    return made | {
        "exploitation_type": _EXPLOITATION.get(facts["harm"], "grooming"), "victim_age_range": _AGE.get(facts["band"], "unknown"),
        "detection_method": "behavioral_analysis" if facts["found_by"] == "screening" else "user_report",
        "evidence_type": ["chat_logs"] if facts["texts"] else ["metadata"],
        "perpetrator_indicators": {
            **({"account_id": facts["account"]} if facts["account"] else {}),
            "pattern_of_behavior": " ".join(facts["factors"]) or "See the description.",
        },
    }  # fmt: skip


def _font(name: str) -> str:
    return str(importlib.resources.files("font_source_sans_pro").joinpath("files", f"SourceSansPro-{name}.ttf"))


def pdf(report: dict[str, Any], facts: dict[str, Any]) -> bytes:
    """The same to read, one heading after the other."""
    page = FPDF(format="A4")
    page.set_title(f"Referral {facts['case']}")
    page.set_lang("en")
    for style, name in (("", "Regular"), ("B", "Bold")):
        page.add_font("body", style, _font(name))
    page.set_auto_page_break(True, 18)
    page.add_page()
    page.set_font("body", "B", 18)
    page.multi_cell(0, 9, "Referral: protection of a minor", new_x="LMARGIN", new_y="NEXT")
    harm = harms.BY_CODE[facts["harm"]].name if facts["harm"] in harms.BY_CODE else "not sure"
    victim = report["victim"]
    parts = [
        ("Case", f"{facts['case']}, report {report['report_id']}, {report['timestamp']}"),
        ("From", f"{report['reporter']['org']}, {report['reporter']['contact']}"),
        ("What it is about", harm),
        ("Why it is referred", facts["why"]),
        ("Danger now", "Yes: life or safety may be at risk." if facts["danger"] else "Not known."),
        ("Child", f"Age band {victim['age_band']}, country {victim['country'] or 'not known'}, "
                  f"known to the service as {victim['known_to_service_as'] or 'not known'}."),
        ("Guardians", "The child asks that its parents or guardians are NOT told." if facts["no_guardian"] else "No wish was expressed."),
        ("Account concerned", report["source_identifier"]),
        ("Where", report["url"]),
        ("What is known of the contact", "\n".join(f"• {line}" for line in facts["factors"]) or "Nothing more."),
        *((what, text) for what, text in facts["texts"] if text),
        ("Hashes of what is kept", "\n".join(facts["hashes"]) or "None."),
    ]  # fmt: skip
    for title, text in parts:
        page.ln(2)
        page.set_font("body", "B", 11)
        page.multi_cell(0, 6, title, new_x="LMARGIN", new_y="NEXT")
        page.set_font("body", "", 11)
        page.multi_cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")
    return bytes(page.output())


def pack(facts: dict[str, Any], at: dt.datetime) -> bytes:
    """The zip with report, PDF, manifest and signature; raises PackageError where the report is not valid."""
    report = document(facts, at)
    check(report)
    files = {"report.json": json.dumps(report, ensure_ascii=False, indent=1).encode(), "report.pdf": pdf(report, facts)}
    manifest = json.dumps(
        {"case": facts["case"], "made": report["timestamp"], "signing_key": signing.public_key(),
         "files": {name: {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)} for name, body in files.items()}}, indent=1,
    ).encode()  # fmt: skip
    files |= {"manifest.json": manifest, "manifest.sig": signing.sign(manifest).encode()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()


def check_key(key: str) -> None:
    """Raises PackageError where a partner's key is no age public key."""
    try:
        pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError as error:
        raise PackageError("The key is not an age public key: it begins with age1 (made by `age-keygen`).") from error


def sealed_for(key: str, package: bytes) -> bytes:
    """Encrypted so that only the partner can open it."""
    return bytes(pyrage.encrypt(package, [pyrage.x25519.Recipient.from_str(key)]))


# --- for whoever receives one ---------------------------------------------------------------------------------------------------------

MAX_PACKAGE = 50_000_000
"""Bytes of a package, packed and unpacked; ours hold text alone."""
FILES = frozenset({"report.json", "report.pdf", "manifest.json", "manifest.sig"})


@dataclass(frozen=True, slots=True)
class Opened:
    """A package whose hashes, signature and report hold: its files, the report, and the key that signed it."""

    files: dict[str, bytes]
    report: dict[str, Any]
    signing_key: str


def unpack(data: bytes, identity: str = "", signed_by: str = "") -> Opened:
    """Opens a package and checks all of it; raises PackageError, saying what does not hold.

    `identity`: the partner's age secret key (AGE-SECRET-KEY-1…), for an encrypted one. `signed_by`: the key that the sender is known by
    (`GET /v1/register/key` of their server); without it the key inside is taken, which proves only that nothing changed since.
    """
    files = _files(_decrypted(data, identity))
    manifest = files["manifest.json"]
    try:
        stated = json.loads(manifest)
        key, hashes = str(stated["signing_key"]), {name: str(item["sha256"]) for name, item in stated["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PackageError("manifest.json is not a manifest.") from error
    if signed_by and key != signed_by:
        raise PackageError(f"It was signed by {key}, not by the sender’s key {signed_by}.")
    if not signing.holds(manifest, files["manifest.sig"].decode("ascii", "replace").strip(), key):
        raise PackageError("The signature does not hold: the manifest was changed, or is by somebody else.")
    for name in sorted(FILES - {"manifest.json", "manifest.sig"}):
        if hashes.get(name) != hashlib.sha256(files[name]).hexdigest():
            raise PackageError(f"{name} is not the file that was signed: its SHA-256 differs from the manifest.")
    try:
        report = json.loads(files["report.json"])
        check(report)
    except (ValueError, KeyError, TypeError) as error:  # a PackageError is a ValueError that says which field
        raise error if isinstance(error, PackageError) else PackageError("report.json is not a report of this kind.") from error
    return Opened(files, report, key)


def _decrypted(data: bytes, identity: str) -> bytes:
    if len(data) > MAX_PACKAGE:
        raise PackageError("It is larger than a package may be.")
    if data.startswith(b"PK"):
        return data
    if not identity:
        raise PackageError("It is encrypted, or no package: give your age secret key.")
    try:
        return bytes(pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(identity)]))
    except (pyrage.IdentityError, pyrage.DecryptError) as error:
        raise PackageError("This key does not open it: it was encrypted for another one, or the file is damaged.") from error


def _files(data: bytes) -> dict[str, bytes]:
    """The files of a zip, none larger than a package may be."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {item.filename for item in archive.infolist()}
            if names != FILES:
                raise PackageError(f"A package holds {', '.join(sorted(FILES))}; this one holds {', '.join(sorted(names)) or 'nothing'}.")
            if sum(item.file_size for item in archive.infolist()) > MAX_PACKAGE:
                raise PackageError("It is larger than a package may be.")
            return {name: archive.read(name) for name in names}
    except (
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
    ) as error:  # RuntimeError: locked with a password, or packed in a way that is not known
        raise PackageError("It is not a zip file, or it is damaged.") from error
