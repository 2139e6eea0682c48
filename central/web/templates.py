"""Jinja2: templates beside this module, everything escaped, a missing name is a fault."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from central.web import csrf
from central.web.menu import menu_for

if TYPE_CHECKING:
    from central.web.page import Page

FOLDER = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        auto_reload=False,  # else each part of each page asks for its file
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(page: Page, template: str, context: dict[str, Any]) -> str:
    """``template`` with ``context``, and what every page has."""

    def field() -> Markup:
        secret = page.user.csrf if page.user else ""
        return Markup('<input type="hidden" name="{}" value="{}">').format(csrf.FIELD, secret)

    every = {"page": page, "t": page.text, "csrf": field, "menu": menu_for(page.user)}
    return _environment().get_template(template).render(every | context)
