"""A call as it is said aloud: letter by letter and digit by digit, which nobody mishears."""

from __future__ import annotations

from typing import Literal

Tongue = Literal["vi", "en"]
_LETTERS = {
    "A": "a", "B": "bê", "C": "xê", "D": "đê", "E": "e", "F": "ép", "G": "giê", "H": "hát",
    "I": "i", "J": "gi", "K": "ca", "L": "lờ", "M": "mờ", "N": "nờ", "O": "o", "P": "pê",
    "Q": "quy", "R": "rờ", "S": "ét", "T": "tê", "U": "u", "V": "vê", "W": "vê kép", "X": "ích",
    "Y": "i dài", "Z": "dét",
}  # fmt: skip
"""Names of the letters as they are said in Vietnamese offices."""
_DIGITS = {
    "vi": ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"],
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
}


def sentence(number: str, counter: str, tongue: Tongue) -> str:
    """``C012`` to counter ``3``: what is said. Without a counter: only the number."""
    if tongue == "vi":
        called = f"Mời số {_spelled(number, tongue)}"
        return f"{called}, đến quầy số {_counted(counter, tongue)}." if counter else f"{called}."
    called = f"Number {_spelled(number, tongue)}"
    where = f", please go to counter {_counted(counter, tongue)}." if counter else ", please."
    return called + where


def _spelled(code: str, tongue: Tongue) -> str:
    return ", ".join(_said(each, tongue) for each in code.upper() if each.isalnum())


def _counted(label: str, tongue: Tongue) -> str:
    """A counter up to ninety-nine as a number, which voices read right; else its characters."""
    return label if label.isdecimal() and len(label) <= 2 else _spelled(label, tongue)


def _said(character: str, tongue: Tongue) -> str:
    if character in "0123456789":
        return _DIGITS[tongue][int(character)]
    if tongue == "vi":
        return _LETTERS.get(character, character)
    return character
