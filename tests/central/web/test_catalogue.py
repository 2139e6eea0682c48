"""Every sentence of the pages is there in both languages, and every one that is used is there."""

from __future__ import annotations

import re
import string
from pathlib import Path

import central.web
from central.locale import catalogue

WEB = Path(central.web.__path__[0])


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_say_the_same() -> None:
    vietnamese, english = catalogue("vi"), catalogue("en")
    assert set(vietnamese) == set(english)
    for key, sentence in vietnamese.items():
        assert fields(sentence) == fields(english[key]), key
        assert sentence.strip(), key


def test_every_sentence_a_template_asks_for_is_there() -> None:
    known = catalogue("vi")
    for template in (WEB / "templates").rglob("*.html"):
        for key in re.findall(r"\bt\(\"([a-z_.0-9]+)\"[,)]", template.read_text(encoding="utf-8")):
            assert key in known, f"{template.name}: {key}"
