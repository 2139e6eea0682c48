"""Both languages say the same things, in the same places, with the same fields."""

from __future__ import annotations

import string
import unicodedata

import pytest

from kiosk.locale import LANGUAGES, catalogue, text


def _fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_same_keys_same_fields() -> None:
    vi, en = catalogue("vi"), catalogue("en")
    assert set(vi) == set(en)
    for key in vi:
        assert _fields(vi[key]) == _fields(en[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_composed_and_not_empty(language: str) -> None:
    for key, sentence in catalogue(language).items():  # type: ignore[arg-type]
        assert sentence.strip(), key
        assert unicodedata.is_normalized("NFC", sentence), key


def test_every_error_says_what_and_what_to_do() -> None:
    keys = [key for key in catalogue("en") if key.startswith("error.")]
    assert {key.rsplit(".", 1)[1] for key in keys} == {"what", "do"}
    assert len(keys) % 2 == 0


def test_a_missing_sentence_is_our_fault() -> None:
    with pytest.raises(KeyError):
        text("vi", "screen.nothing.here")
