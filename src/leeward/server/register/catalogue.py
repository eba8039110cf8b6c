"""What machines read: the register as a DCAT catalogue in JSON-LD, and an alliance as Schema.org sees it."""

from __future__ import annotations

from typing import Any

from leeward.server import environment
from leeward.server.register.models import Alliance
from leeward.server.register.sheets import LICENCE

DATASETS: dict[str, tuple[str, str]] = {
    "overview": ("Overview", "Actions times members: commitments claimed, with fresh evidence, found true."),
    "purpose": ("Statement of purpose", "The actions of the statement that holds."),
    "members": ("Members", "Everybody who is or was a member, with their commitments counted."),
    "commitments": ("Commitments", "Every commitment that holds, with what is measured and what was found."),
    "observations": ("Observations", "Every value that counts, with its provenance."),
    "findings": ("Findings", "Every published finding of an independent evaluation."),
    "reports": ("Reports", "Every report that was due, and how late it was."),
    "meetings": ("Meetings", "All meetings."),
    "practices": ("Good practices", "What works, with its evidence."),
    "news": ("News", "News, and acts of regulators."),
    "timeline": ("Timeline", "What happened, by day."),
}
"""Stem of the address -> title, what it holds."""


def base(of: Alliance) -> str:
    """The public address of an alliance."""
    return f"{environment.get('LEEWARD_URL', 'http://127.0.0.1:8000')}/register/{of.slug}/"


def dcat(of: Alliance) -> dict[str, Any]:
    """A dcat:Catalog with a dcat:Dataset for each sheet, and a distribution in JSON and in CSV for each (DCAT 3)."""
    root = base(of)
    return {
        "@context": {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/"},
        "@id": f"{root}catalog.jsonld", "@type": "dcat:Catalog", "dct:title": f"The register of {of.name}", "dct:license": {"@id": LICENCE},
        "foaf:homepage": {"@id": root},
        "dcat:dataset": [
            {
                "@id": f"{root}{stem}.json#dataset", "@type": "dcat:Dataset", "dct:title": title, "dct:description": what,
                "dct:license": {"@id": LICENCE}, "dcat:landingPage": {"@id": root if stem == "overview" else f"{root}{stem}/"},
                "dcat:distribution": [
                    {"@type": "dcat:Distribution", "dcat:accessURL": {"@id": f"{root}{stem}.{kind}"}, "dcat:mediaType": media}
                    for kind, media in (("json", "application/json"), ("csv", "text/csv"))
                ],
            }
            for stem, (title, what) in DATASETS.items()
        ],
    }  # fmt: skip


def organisation(of: Alliance) -> dict[str, Any]:
    """The alliance as a Schema.org Organization with its data as a Dataset."""
    root = base(of)
    about = {
        "@context": "https://schema.org", "@type": "Organization", "@id": root, "name": of.name, "description": of.about, "url": root,
        "subjectOf": {
            "@type": "Dataset", "name": f"The register of {of.name}", "license": LICENCE, "isAccessibleForFree": True,
            "description": "Commitments, what was measured, and what was found.",
            "distribution": [
                {"@type": "DataDownload", "encodingFormat": media, "contentUrl": f"{root}commitments.{kind}"}
                for kind, media in (("json", "application/json"), ("csv", "text/csv"))
            ],
        },
    }  # fmt: skip
    if of.started_on:
        about["foundingDate"] = of.started_on.isoformat()
    if of.concluded_on:
        about["dissolutionDate"] = of.concluded_on.isoformat()
    return about
