"""The slip that proves a consent or an erasure: what, when and by which number it is found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PIL import Image

from kiosk.locale import Language, text
from kiosk.printer.code import qr_code
from kiosk.printer.paper import BLACK, WHITE, Paper, pile
from kiosk.printer.template import TicketTemplate
from kiosk.printer.typesetting import paragraph


@dataclass(frozen=True, slots=True)
class SlipFace:
    """Everything on the paper, in ``language``."""

    office: str
    unit: str
    title: str
    lines: tuple[str, ...]
    """One sentence each."""
    reference: str
    """By which staff find the record; says nothing about the person."""
    printed_at: datetime
    """Aware, in the office's time zone."""
    language: Language
    kiosk: str


def render_slip(face: SlipFace, template: TicketTemplate) -> Image.Image:
    """The slip as black (0) on white: mode ``1``, ``template.dots`` wide."""
    paper = Paper(template.dots, template.dpi)
    when = face.printed_at
    stamp = f"{when:%H:%M} {when:%d/%m/%Y} · " + text(
        face.language, "ticket.label.kiosk", kiosk=face.kiosk
    )
    words = [
        (face.office, "Medium", 27),
        (face.unit, "Bold", 30),
        (face.title, "ExtraBold", 38),
        (stamp, "Medium", 27),
    ]
    head = [paper.centred(paragraph(said, w, paper(px), paper.inner)) for said, w, px in words]  # type: ignore[arg-type]
    body = [
        strip
        for line in face.lines
        for strip in (
            paper.centred(paragraph(line, "Medium", paper(27), paper.inner, "left")),
            paper.space(8),
        )
    ]
    code = paper.centred(qr_code(paper, face.reference))
    below = paper.centred(paragraph(face.reference, "Regular", paper(20), paper.inner))
    blocks = [paper.space(12), *head[:2], paper.rule(), *head[2:], paper.space(10), *body]
    sheet = pile([*blocks, code, below, paper.space(12)])
    return sheet.point([BLACK] * 128 + [WHITE] * 128, "1")
