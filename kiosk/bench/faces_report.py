"""The figures of ``kiosk bench faces``."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from kiosk.bench.frames import Spread
from kiosk.bench.identification import FUSED, Identification, MultiFrame
from kiosk.bench.trials import Rate
from kiosk.bench.verification import Verification
from kiosk.proportion import Proportion

FAR = {"1e-2": 1e-2, "1e-3": 1e-3}
FPIR = {"1e-2": 1e-2, "3e-3": 3e-3}
INTERVALS = (
    "percentile bootstrap over people, 1000 resamples; Clopper-Pearson over people where no "
    "error was seen"
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """How well people are told apart."""

    verification: Verification
    identification: Identification
    multi_frame: MultiFrame | None
    """``None`` where nobody has pictures enough."""

    def summary(self) -> dict[str, Any]:
        """Ready for JSON."""
        multi = self.multi_frame
        return {
            "verification": verification_summary(self.verification),
            "identification": _identification(self.identification),
            "multi_frame": multi
            and {
                "enrolment_images": FUSED,
                "probe_images": FUSED,
                **_identification(multi.fused),
                "one_image_probe": _identification(multi.one),
            },
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured, on ``images`` pictures; ``cpu_ms`` by stage."""

    model_id: str
    images: int
    unreadable: list[str]
    faceless: list[str]
    judgement: Judgement
    cpu_ms: dict[str, Spread]

    @property
    def failed(self) -> Proportion:
        """Pictures that give no embedding (failure to enrol)."""
        return Proportion(len(self.unreadable) + len(self.faceless), self.images)

    def summary(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        figures = self.judgement.summary()
        figures["verification"] |= {"failed_to_enrol": self.failed.share}
        return {
            "model_id": self.model_id,
            "images": {
                "looked_at": self.images,
                "failed": self.failed.events,
                "failed_ci95": self.failed.ci95,
                "unreadable": self.unreadable,
                "faceless": self.faceless,
            },
            **figures,
            "latency_ms": {stage: asdict(spread) for stage, spread in self.cpu_ms.items()},
            "intervals": INTERVALS,
        }


def tar_at(verification: Verification, far: float) -> Rate:
    """Share of mated pairs accepted where no more than ``far`` of the non-mated ones are."""
    return verification.trials.misses_at(far).complement


def verification_summary(verification: Verification) -> dict[str, Any]:
    """Ready for JSON."""
    rates = {
        "accuracy": verification.accuracy,
        **{f"tar_at_far_{name}": tar_at(verification, far) for name, far in FAR.items()},
        "eer": verification.trials.equal_error(),
    }
    return {
        "pairs": verification.pairs,
        "accuracy_std": verification.accuracy_std,
        **_rates(rates),
    }


def _identification(identification: Identification) -> dict[str, Any]:
    trials = identification.trials
    rates = {
        "rank1": identification.rank1,
        **{f"fnir_at_fpir_{name}": trials.misses_at(fpir) for name, fpir in FPIR.items()},
    }
    return {
        "gallery": identification.gallery,
        "mated": len(trials.mated),
        "nonmated": len(trials.nonmated),
        **_rates(rates),
    }


def _rates(rates: dict[str, Rate]) -> dict[str, Any]:
    return {
        **{name: rate.share for name, rate in rates.items()},
        "ci95": {name: rate.ci95 for name, rate in rates.items()},
    }
