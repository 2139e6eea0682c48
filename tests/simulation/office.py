"""The history of one seed: an office of kiosks, its central server, and everything that happens.

A history is a list of acts, each with a seed of its own, so that leaving one out leaves the others
as they were: that is how a failing history is made short (:mod:`tests.simulation.shorten`). Nothing
waits for real time and nothing is random but by the seed, except ids and keys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select

from central.db.models import FIRST_OFFICE, Tombstone
from central.db.models import Office as OfficeRow
from kiosk.store import durable
from tests.simulation.central import Central
from tests.simulation.kiosk import DISK, Kiosk, Process
from tests.simulation.network import Network
from tests.store.numbering import World
from wire import OfficeSettings


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happens."""

    name: str
    seed: int


class Office:
    """Kiosks, network and central."""

    def __init__(self, seed: int, folder: Path) -> None:
        rng = Random(seed)
        self.rng = rng
        self.world = World()
        self.central = Central(self.world, rng, folder / "central")
        self.network = Network(self.central, self._life_goes_on)
        self.erased_at_desk: set[str] = set()
        self.lost: set[str] = set()
        """Ids of events and tickets that went with a card, or with what a copy was put over."""
        self.happened: Counter[str] = Counter()
        count = rng.choice([1, 2, 2])
        self.kiosks: list[Kiosk] = []
        for lane in range(count):
            kiosk = Kiosk(self.world, f"K{lane}", lane, count, folder / f"K{lane}")
            if rng.random() < 0.7:
                kiosk.machine.synchronise()
            kiosk.connect(self.network)
            kiosk.admitted(*self.central.admit(kiosk.name))
            self.kiosks.append(kiosk)

    # ── living ────────────────────────────────────────────────────────────────────────────────

    def live(self, acts: list[Act]) -> None:
        """Let everything happen, then let everything be well again."""
        write, durable._write = durable._write, DISK.write  # pyright: ignore[reportPrivateUsage]
        try:
            for act in acts:
                self.rng = Random(act.seed)
                self.network.rng = self.central.rng = self.rng
                kiosk = self.rng.choice(self.kiosks)
                kiosk.rng = self.rng
                self.happened[act.name] += 1
                self._kiosk = kiosk
                ACTS[act.name][0](self, kiosk)
            self.heal()
        finally:
            durable._write = write  # pyright: ignore[reportPrivateUsage]

    def heal(self) -> None:
        """The network is back, everything is started again, and talks until it has said all."""
        self.network.healthy = True
        self.central.restart()
        for kiosk in self.kiosks:
            kiosk.machine.synchronise()
            kiosk.restart()
        before = None
        while before != (before := self._all_that_was_said()):
            for kiosk in self.kiosks:
                assert kiosk.exchange(), f"{kiosk.name} cannot exchange: {kiosk.happened}"
                kiosk.tidy()
                kiosk.note()

    def _all_that_was_said(self) -> tuple[int, ...]:
        """Another one: somebody has news to tell or to hear."""
        with self.central.database.reading() as session:
            position = session.get_one(OfficeRow, FIRST_OFFICE).position
        return (position, *(len(kiosk.events) for kiosk in self.kiosks))

    def close(self) -> None:
        for kiosk in self.kiosks:
            kiosk.close()
        self.central.close()

    def _life_goes_on(self) -> None:
        """While a request is on its way, the kiosk's other process works."""
        what = self.rng.choice([Kiosk.forget, Kiosk.enrol, Kiosk.leave, Kiosk.tidy])
        what(self._kiosk)
        self._kiosk.note()

    # ── acts ──────────────────────────────────────────────────────────────────────────────────

    def _within(self, process: Process, odds: float, most: int) -> int:
        return self.rng.randint(1, most) if self.rng.random() < odds else 0

    def people_come(self, kiosk: Kiosk) -> None:
        for _ in range(self.rng.randint(1, 3)):
            within = self._within(kiosk.main, 0.3, 40)
            with kiosk.may_crash(kiosk.main, within, power=self.rng.random() < 0.4):
                known = kiosk.known()
                kiosk.visit(self.rng.choice(known) if known and self.rng.random() < 0.5 else None)
        self._time_passes(120)

    def somebody_enrols(self, kiosk: Kiosk) -> None:
        within = self._within(kiosk.main, 0.3, 40)
        with kiosk.may_crash(kiosk.main, within, power=self.rng.random() < 0.4):
            kiosk.enrol()
        self._time_passes(120)

    def somebody_asks_to_be_forgotten(self, kiosk: Kiosk) -> None:
        within = self._within(kiosk.main, 0.4, 20)
        with kiosk.may_crash(kiosk.main, within, power=self.rng.random() < 0.4):
            kiosk.forget()

    def somebody_asks_the_staff(self, _kiosk: Kiosk) -> None:
        known = sorted({citizen for kiosk in self.kiosks for citizen in kiosk.known()})
        if known:
            citizen = self.rng.choice(known)
            self.central.desk_erases(citizen)
            self.erased_at_desk.add(citizen)

    def somebody_leaves(self, kiosk: Kiosk) -> None:
        kiosk.leave()
        kiosk.note()

    def exchange(self, kiosk: Kiosk) -> None:
        for _ in range(self.rng.randint(1, 3)):
            within = self._within(kiosk.sync, 0.3, 60)
            with kiosk.may_crash(kiosk.sync, within, power=self.rng.random() < 0.4):
                kiosk.exchange()
            self._time_passes(20)

    def tidy(self, kiosk: Kiosk) -> None:
        within = self._within(kiosk.main, 0.3, 20)
        with kiosk.may_crash(kiosk.main, within, power=self.rng.random() < 0.4):
            kiosk.tidy()

    def disk_fills(self, kiosk: Kiosk) -> None:
        with kiosk.full_disk():
            for what in (kiosk.leave, kiosk.enrol, kiosk.forget, kiosk.exchange):
                what()
                kiosk.note()
            kiosk.visit(None)
        kiosk.note()

    def killed(self, kiosk: Kiosk) -> None:
        kiosk.restart(power=self.rng.random() < 0.5)

    def clock_set(self, kiosk: Kiosk) -> None:
        kiosk.machine.synchronise()

    def clock_jumps(self, kiosk: Kiosk) -> None:
        kiosk.machine.jump(timedelta(hours=self.rng.choice([-9000, -24, -1, 1, 24, 9000])))

    def secret_changes(self, _kiosk: Kiosk) -> None:
        self.central.new_secret()

    def settings_change(self, kiosk: Kiosk) -> None:
        fields = [
            {"id": each.id, "prefix": each.prefix, "name": {"vi": f"tên {self.rng.random()}"}}
            | {"examples": {"vi": "chữ"}}
            for each in kiosk.settings.fields
        ]
        self.central.new_settings(OfficeSettings.model_validate({"fields": fields}))

    def copy_made(self, kiosk: Kiosk) -> None:
        kiosk.back_up()

    def copy_put_back(self, kiosk: Kiosk) -> None:
        if not kiosk.backups:
            kiosk.back_up()
            return
        kiosk.note()
        self.lost |= kiosk.put_back()
        kiosk.note()

    def card_dies(self, kiosk: Kiosk) -> None:
        kiosk.note()
        self.lost |= kiosk.replace_card()
        kiosk.admitted(*self.central.admit(kiosk.name))
        # An erasure nobody but the dead card knew of is lost with it, as the paper it was asked
        # on would be: the citizen is known to others, and asks again.
        kiosk.asked_to_forget -= kiosk.asked_to_forget - self.buried_at_central()

    def central_restarts(self, _kiosk: Kiosk) -> None:
        self.central.restart(power=self.rng.random() < 0.5)

    def revoked(self, kiosk: Kiosk) -> None:
        """By mistake: it is enrolled again, under another name, by the time all is well."""
        if kiosk.name != f"K{self.kiosks.index(kiosk)}":
            return
        self.central.revoke(kiosk.name)
        kiosk.exchange()
        kiosk.name = f"{kiosk.name}-again"
        kiosk.admitted(*self.central.admit(kiosk.name))

    def buried_at_central(self) -> set[str]:
        with self.central.database.reading() as session:
            return {str(each) for each in session.scalars(select(Tombstone.citizen))}

    def _time_passes(self, most_s: int) -> None:
        self.world.now += timedelta(seconds=self.rng.randint(1, most_s))


ACTS: dict[str, tuple[Callable[[Office, Kiosk], None], float]] = {
    "people come": (Office.people_come, 10),
    "somebody enrols": (Office.somebody_enrols, 8),
    "somebody asks to be forgotten": (Office.somebody_asks_to_be_forgotten, 4),
    "somebody asks the staff": (Office.somebody_asks_the_staff, 2),
    "somebody leaves": (Office.somebody_leaves, 3),
    "exchange": (Office.exchange, 14),
    "tidy": (Office.tidy, 2),
    "disk fills": (Office.disk_fills, 2),
    "killed": (Office.killed, 3),
    "clock set": (Office.clock_set, 2),
    "clock jumps": (Office.clock_jumps, 3),
    "secret changes": (Office.secret_changes, 1),
    "settings change": (Office.settings_change, 1),
    "copy made": (Office.copy_made, 2),
    "copy put back": (Office.copy_put_back, 1.5),
    "card dies": (Office.card_dies, 0.7),
    "central restarts": (Office.central_restarts, 1),
    "revoked": (Office.revoked, 0.5),
}


def history(seed: int, acts: int) -> list[Act]:
    """The acts of ``seed``."""
    rng = Random(seed)
    weights = [weight for _, weight in ACTS.values()]
    return [Act(name, rng.getrandbits(32)) for name in rng.choices(list(ACTS), weights, k=acts)]
