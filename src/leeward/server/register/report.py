"""The report of an evaluation as a PDF that can be printed and cited: what the page says, in the same order."""

from __future__ import annotations

import importlib.resources
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from leeward.server.register.models import Alliance

INK, SEA, SOFT, LINE = (22, 38, 43), (11, 85, 99), (71, 88, 94), (207, 214, 212)
TONE = {"fully": (29, 97, 64), "largely": (29, 97, 64), "partly": (122, 74, 0), "not": (155, 28, 46), "no_evidence": (71, 88, 94)}


def _font(name: str) -> str:
    return str(importlib.resources.files("font_source_sans_pro").joinpath("files", f"SourceSansPro-{name}.ttf"))


class Paper(FPDF):
    """A4 with a running title and page numbers."""

    def __init__(self, running: str) -> None:
        super().__init__(format="A4")
        self.running = running
        self.set_margins(22, 20, 22)
        self.set_auto_page_break(True, 22)
        for style, name in (("", "Regular"), ("B", "Bold"), ("I", "It")):
            self.add_font("body", style, _font(name))

    def header(self) -> None:
        """Nothing on the title page."""
        if self.page_no() > 1:
            self.say(self.running, 9, SOFT)
            self.ln(3)

    def footer(self) -> None:
        """The page number."""
        self.set_y(-15)
        self.set_font("body", "", 9)
        self.set_text_color(*SOFT)
        self.cell(0, 8, str(self.page_no()), align="R")

    def say(self, text: str, size: float = 10.5, color: tuple[int, int, int] = INK, style: str = "") -> None:
        """A paragraph."""
        self.set_font("body", style, size)
        self.set_text_color(*color)
        self.multi_cell(0, size * 0.5, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def heading(self, text: str, level: int = 1) -> None:
        """A heading that also stands in the outline of the PDF; it is not left alone at the foot of a page."""
        if self.will_page_break(30):
            self.add_page()
        self.ln(4 if level > 1 else 7)
        self.start_section(text, level - 1)
        self.say(text, 17 if level == 1 else 12.5, SEA, "B")
        self.ln(1.5)


def pdf(of: Alliance, data: dict[str, Any], permalink: str) -> bytes:
    """The report; `data` is that of sheets.evaluation."""
    paper = Paper(f"{data['title']} · {of.name}")
    paper.set_title(data["title"])
    paper.set_author(data["evaluator"])
    paper.set_lang("en")
    _title_page(paper, of, data, permalink)
    paper.add_page()
    paper.heading("Summary")
    paper.say(data["summary"])
    paper.heading("How it was done")
    for item in data["methods"]:
        paper.say(f"{item['kind']}{_with(item['on'], ', ')}: {item['title']}")
    if data["assessments"]:
        paper.say(f"The self-assessment questionnaire was answered by: {', '.join(data['assessments'])}.")
    paper.heading("Findings")
    paper.say(f"The scale: {', '.join(data['scale'].values()).lower()}. Where a member disagrees, both are printed.", 9.5, SOFT)
    for criterion in data["criteria"]:
        if criterion["findings"]:
            paper.heading(criterion["name"], 2)
            for finding in criterion["findings"]:
                _finding(paper, finding)
    _tests(paper, data)
    _recommendations(paper, data)
    return bytes(paper.output())


def _with(value: object, before: str) -> str:
    """A value with what stands before it; nothing of nothing."""
    return f"{before}{value}" if value else ""


def _title_page(paper: Paper, of: Alliance, data: dict[str, Any], permalink: str) -> None:
    paper.add_page()
    paper.set_fill_color(*SEA)
    paper.rect(0, 0, 210, 9, "F")
    paper.set_y(62)
    paper.say(of.name, 13, SOFT)
    paper.ln(3)
    paper.say(data["title"], 27, SEA, "B")
    paper.ln(5)
    paper.say(f"Independent evaluation by {data['evaluator']}", 13)
    if data["period_start"] and data["period_end"]:
        paper.say(f"Covers {data['period_start']} to {data['period_end']}. Published on {data['published_at']:%Y-%m-%d}.", 11, SOFT)
    paper.ln(14)
    paper.say("Statement of independence", 11, SEA, "B")
    paper.say(data["independence"], 10.5)
    paper.set_y(262)
    paper.say(permalink, 8.5, SOFT)


def _finding(paper: Paper, item: dict[str, Any]) -> None:
    if paper.will_page_break(28):
        paper.add_page()
    paper.set_draw_color(*LINE)
    paper.line(paper.l_margin, paper.get_y() + 1, paper.w - paper.r_margin, paper.get_y() + 1)
    paper.ln(3)
    about = " · ".join(part for part in (f"{item['number']}", item["kind_name"], item["member_name"], item["commitment"]) if part)
    paper.say(about, 9, SOFT)
    if item["scale"]:
        paper.say(item["scale_name"], 11, TONE[item["scale"]], "B")
    paper.say(item["text"])
    paper.say(f"Rests on: {item['evidence']}", 9.5, SOFT)
    if item["agrees"] is False:
        paper.say(f"{item['member_name']} disagrees: {item['says']}", 10, INK, "I")
        paper.say(f"The evaluator: {item['response']}", 10)
    elif item["agrees"]:
        paper.say(f"{item['member_name']} agrees{_with(item['says'], ': ') or '.'}", 9.5, SOFT)
    paper.ln(1)


def _tests(paper: Paper, data: dict[str, Any]) -> None:
    if not data["tests"]:
        return
    paper.heading("Tests of services")
    for test in data["tests"]:
        paper.heading(test["service"], 2)
        for item in test["items"]:
            paper.say(f"{item['result_name']}: {item['item']}", 10, INK, "B")
            paper.say(f"{item['evidence']} ({item['on']})", 9.5, SOFT)


def _recommendations(paper: Paper, data: dict[str, Any]) -> None:
    if not data["recommendations"]:
        return
    paper.heading("Recommendations")
    for item in data["recommendations"]:
        paper.say(f"{item['number']}. To {item['addressee']}: {item['text']}", 10.5, INK, "B")
        paper.say(f"{item['answer_name']}{_with(item['answer_text'], ': ') or '.'}", 10)
        for step in item["follow_ups"]:
            paper.say(f"{step['at']:%Y-%m-%d}, {step['by']}: {step['text']}", 9.5, SOFT)
        paper.ln(2)
