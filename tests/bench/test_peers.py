"""The comparison with a peer, but for the peer itself, which lives in its own environment."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.bench.dataset import Pair
from scripts.peers.compare import Distance, ratios, sampled


def test_a_sample_is_seeded_and_balanced() -> None:
    pairs = [
        Pair(fold, mated, f"{fold}{mated}{number}", "b")
        for fold in range(3)
        for mated in (True, False)
        for number in range(10)
    ]
    some = sampled(pairs, 12, seed=1)
    assert len(some) == len(set(some)) == 12
    assert {(p.fold, p.mated) for p in some} == {(p.fold, p.mated) for p in pairs}
    assert some == sampled(pairs, 12, seed=1)
    assert some != sampled(pairs, 12, seed=2)
    assert set(sampled(pairs, 1000, seed=0)) == set(pairs)


def test_distance_finds_the_nearest_mean() -> None:
    def point(x: float, y: float) -> np.ndarray:
        return np.array([x, y], np.float32)

    matcher = Distance()
    assert matcher.compare(point(0, 0), point(3, 4)) == pytest.approx(-5)
    search = matcher.gallery({"A": [point(0, 0), point(2, 0)], "B": [point(5, 0)]})
    nearest = search([point(1, 0), point(1, 2)])
    assert [name for name, _ in nearest] == ["A", "B"]
    assert nearest[0][1] == pytest.approx(-1)


def test_ratios() -> None:
    kiosk = {"verification": {"accuracy": 0.99}, "cpu_ms": 10.0, "memory_mb": 100.0}
    peer = {"verification": {"accuracy": 0.98}, "cpu_ms": 90.0, "memory_mb": 150.0}
    assert ratios(kiosk, peer) == {"errors": 2.0, "time": 9.0, "memory": 1.5}
    assert ratios({**kiosk, "verification": {"accuracy": 1.0}}, peer)["errors"] is None
