"""How a referral leaves: by mail, by HTTPS, or to a CyberTipline-shaped receiver. The outbox sends, so that no attempt is lost."""

from __future__ import annotations

import base64
import hashlib
import json
import xml.etree.ElementTree as ET
import zipfile
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.core.mail import EmailMessage

from leeward.server import environment
from leeward.server.core import outbox, sending, signing
from leeward.server.core.models import OutboxMessage
from leeward.server.desk.models import Partner
from leeward.server.desk.package import sealed_for

TIMEOUT_SECONDS = 30.0
_INCIDENT = "Online Enticement of Children for Sexual Acts"
_KNOWN = "Child Pornography (possession, manufacture, and distribution)"
_ANNOTATION = {"sextortion": "sextortion", "solicitation": "csamSolicitation"}
"""exploitation_type of XARF -> annotation."""


class NotTaken(ValueError):
    """The receiver did not take it."""


def put(partner: Partner, referral: str, package: bytes) -> OutboxMessage:
    """Puts a package on its way. The body of the message is encrypted at rest, the package itself for the partner."""
    name = f"{referral}.zip"
    if partner.channel != Partner.Channel.CYBERTIP:
        package, name = sealed_for(partner.age_key, package), f"{name}.age"
    body = {"via": partner.channel, "name": name, "content": base64.b64encode(package).decode(), "referral": referral}
    return outbox.put(OutboxMessage.Channel.PARCEL, partner.address or partner.channel, body)


def send(message: OutboxMessage, body: dict[str, str]) -> None:
    """Sends a parcel; raises where it was not taken."""
    content = base64.b64decode(body["content"])
    if body["via"] == Partner.Channel.MAIL:
        text = "A referral is attached, encrypted with your age key. Open it with: age -d -i key.txt " + body["name"]
        mail = EmailMessage("Referral for the protection of a minor", text, to=[message.target], headers=outbox.same_mail(message))
        mail.attach(body["name"], content, "application/octet-stream")
        mail.send()
    elif body["via"] == Partner.Channel.HTTPS:
        headers = {
            "Content-Type": "application/octet-stream", "X-Leeward-Referral": body["referral"],
            "X-Leeward-Signature": signing.sign(content), "Idempotency-Key": body["referral"],
        }  # fmt: skip
        sending.post(message.target, content=content, headers=headers, timeout=TIMEOUT_SECONDS).raise_for_status()
    else:
        _send_cybertip(content)


def cybertip_base() -> str:
    """Where a CyberTipline-shaped receiver is; raises NotTaken while none is set, which is so by default."""
    base = environment.get("LEEWARD_CYBERTIP_URL")
    if not base:
        raise NotTaken("No CyberTipline receiver is set: LEEWARD_CYBERTIP_URL is empty.")
    return base.rstrip("/")


def _send_cybertip(package: bytes) -> None:
    """Submits, then finishes: the receiver keeps a report only after /finish."""
    base = cybertip_base()
    parts = urlsplit(base)
    auth = (parts.username or "", parts.password or "")
    address = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
    with zipfile.ZipFile(BytesIO(package)) as archive:
        report = json.loads(archive.read("report.json"))
    with httpx.Client(auth=auth, timeout=TIMEOUT_SECONDS) as client:
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        number = _taken(client.post(f"{address}/submit", content=cybertip_xml(report), headers=headers), "reportId")
        _taken(client.post(f"{address}/finish", data={"id": number}), "reportId")


def _taken(answer: httpx.Response, wanted: str) -> str:
    answer.raise_for_status()
    try:
        root = ET.fromstring(answer.text)  # noqa: S314  (the receiver that the operator has set)
    except ET.ParseError as error:
        raise NotTaken("The receiver did not answer in XML.") from error
    if root.findtext("responseCode") != "0":
        raise NotTaken(f"The receiver refused: {root.findtext('responseDescription') or 'no reason given'}.")
    return root.findtext(wanted) or ""


def cybertip_xml(report: dict[str, Any]) -> bytes:
    """A report in the shape of NCMEC's reporting API (element names as in facts gathered from public clients; not confirmed with NCMEC)."""
    root = ET.Element("report")
    summary = ET.SubElement(root, "incidentSummary")
    ET.SubElement(summary, "incidentType").text = _KNOWN if report["type"] == "csam" else _INCIDENT
    annotation = _ANNOTATION.get(report.get("exploitation_type", ""))
    if annotation:
        ET.SubElement(ET.SubElement(summary, "reportAnnotations"), annotation)
    ET.SubElement(summary, "incidentDateTime").text = report["timestamp"]
    details = ET.SubElement(ET.SubElement(root, "internetDetails"), "webPageIncident")
    ET.SubElement(details, "url").text = report["url"]
    reporter = ET.SubElement(ET.SubElement(root, "reporter"), "reportingPerson")
    ET.SubElement(reporter, "email").text = report["reporter"]["contact"]
    person = ET.SubElement(root, "personOrUserReported")
    ET.SubElement(person, "espIdentifier").text = report["source_identifier"]
    ET.SubElement(person, "espService").text = report["reporter"]["org"]
    victim = ET.SubElement(root, "victim")
    ET.SubElement(
        victim, "additionalInfo"
    ).text = f"Age band {report['victim']['age_band']}; known as {report['victim']['known_to_service_as']}"
    text = "\n\n".join(base64.b64decode(item["payload"]).decode() for item in report["evidence"])
    warnings = ["LIFE OR SAFETY MAY BE IN DANGER NOW."] if "leeward:danger-now" in report["tags"] else []
    if report["victim"]["do_not_tell_guardian"]:
        warnings.append("The child asks that its parents or guardians are NOT told.")
    before = "".join(f"{line}\n" for line in warnings)
    ET.SubElement(root, "additionalInfo").text = f"{before}{report['description']}\n\n{text}"
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def digest(package: bytes) -> str:
    """SHA-256 of a package."""
    return hashlib.sha256(package).hexdigest()
