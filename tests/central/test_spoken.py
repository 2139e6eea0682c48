"""What is said in the hall."""

from __future__ import annotations

import pytest

from central.services.spoken import Tongue, sentence


@pytest.mark.parametrize(
    ("number", "counter", "tongue", "said"),
    [
        ("C012", "3", "vi", "Mời số xê, không, một, hai, đến quầy số 3."),
        ("C012", "3", "en", "Number C, zero, one, two, please go to counter 3."),
        ("AU105", "5A", "vi", "Mời số a, u, một, không, năm, đến quầy số năm, a."),
        ("W9", "", "vi", "Mời số vê kép, chín."),
        ("W9", "", "en", "Number W, nine, please."),
    ],
)
def test_a_call_is_spelled(number: str, counter: str, tongue: Tongue, said: str) -> None:
    assert sentence(number, counter, tongue) == said
