"""Power cuts at random moments of the first boot, of an update and of ordinary running.

In a container on a file system whose power can be cut (:mod:`scripts.image.volume`): some ten
times as many cuts in an hour as with the emulated machine, and the same rule for what survives.
After every cut the kiosk must come to READY sooner or later with its database whole, every number
it ever gave out in its place and none twice.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass

from scripts.bundle.__main__ import main as make_bundle
from scripts.image import inside, newer, scene
from scripts.image.nspawn import Container, kill
from scripts.image.roots import CACHE
from scripts.image.volume import Volume

SAID = "said.txt"
"""On the data volume: what the script below says. A container's console shows nothing of a unit
once the boot is over."""
PRINTED, SEEN = "kiosk: PRINTED", "kiosk: SEEN"
UPDATED, KNOWN = "update: end", "update: known"
_PATIENCE_S = 900.0
_VERSION = "9.9"
_INSIDE = f"""\
#!/bin/sh
# Run inside at each start: wait for the kiosk, move to the newer release if there is one, and wait
# for a ticket on paper: a minute, for a busy machine's camera process may not come to it.
touch /run/began
exec >>/data/{SAID} 2>&1
wait_for_kiosk() {{
    while [ "$(systemctl is-active kiosk.service)" != active ]; do sleep 1; done
    echo "kiosk: READY"
}}
wait_for_kiosk
if [ -e /data/update.bundle ]; then
    kiosk=/opt/kiosk/bin/kiosk
    case "$($kiosk update status --json)" in
    *'"staged": null, "on_trial": false, "failed": []'*)
        echo "update: stage"; $kiosk update stage /data/update.bundle 2>/dev/null ;;
    esac
    case "$($kiosk update status --json)" in
    *'"on_trial": true'*)
        echo "update: trial"
        while $kiosk update status --json | grep -q '"on_trial": true'; do sleep 1; done ;;
    *) echo "update: switch"; $kiosk update switch --now ;;
    esac
    echo "{UPDATED}"; $kiosk update status --json
    echo "{KNOWN}"
    wait_for_kiosk
fi
for second in $(seq 60); do
    find /data/state/paper -name '*.png' -newer /run/began | grep -q . && echo "{PRINTED}" && break
    sleep 1
done
echo "{SEEN}"
"""


@dataclass
class Campaign:
    """One kiosk, cut off again and again."""

    volume: Volume
    rng: random.Random
    longest_s: float
    cuts: int = 0
    issued: tuple[str, ...] = ()

    @property
    def box(self) -> Container:
        return _container(self.volume)

    def cut_once(self) -> bool:
        """Switch on, cut after a random time; whether a ticket was printed by then."""
        after = self.rng.uniform(2, self.longest_s)
        said = self._run(lambda _: False, after)
        self.cuts += 1
        print(f"cut {self.cuts}: after {after:.0f} s, {_place(said)}", flush=True)
        self._check_numbers()
        return PRINTED in said

    def until(self, wanted: str) -> str:
        """Let it run, through restarts of its own, until it says ``wanted``; then cut. What was
        said in the last start. Raises :class:`TimeoutError`."""
        begun = time.monotonic()
        said = ""
        while (left := begun + _PATIENCE_S - time.monotonic()) > 0:
            said = self._run(lambda text: wanted in text, left)
            if wanted in said:
                self._check_numbers()
                return said
        raise TimeoutError(f"no {wanted!r} in {_PATIENCE_S:.0f} s\n{said[-4000:]}")

    def _run(self, wanted: Callable[[str], bool], seconds: float) -> str:
        """Until ``wanted``, a restart, or ``seconds`` are over; then the power is cut."""
        box, begun = self.box, time.monotonic()
        heard = box.data / SAID
        heard.unlink(missing_ok=True)

        def said() -> str:
            return box.said() + (heard.read_text("utf-8", "replace") if heard.exists() else "")

        with box.console.open("wb") as console:
            process = box.start(console)
            try:
                while process.poll() is None and time.monotonic() - begun < seconds:
                    time.sleep(0.2)
                    if wanted(said()):
                        break
                last = said()
                self.volume.cut_power()
            finally:
                kill(process)
        self._remount()
        return last

    def _remount(self) -> None:
        self.volume.unmount()
        self.volume.mount()

    def _check_numbers(self) -> None:
        state = self.box.data / "state"
        if not (state / "kiosk.db").exists() or not (state / "kiosk.db").stat().st_size:
            return
        issued = inside.of_state(state, self.box.data / "etc/kiosk-key").issued
        if issued[: len(self.issued)] != self.issued or len(set(issued)) != len(issued):
            raise AssertionError(f"numbers went wrong: {self.issued} → {issued}")
        self.issued = issued


def run(given: argparse.Namespace) -> None:
    """First boots until their share of the cuts is spent, then updates. Raises what went wrong."""
    ends = time.monotonic() + given.minutes * 60
    volume = Volume(CACHE / "cuts.ext4", CACHE / "cuts")
    bundle, blank, settled = (CACHE / f"cuts-{name}" for name in ("bundle", "blank", "settled"))
    if make_bundle(["--arch", "amd64", "--output", str(bundle)]):
        raise AssertionError("no bundle")
    volume.make(8)
    _container(volume).prepare(scene.site(CACHE / "cuts-site", key=newer.PUBLIC), bundle, _INSIDE)
    volume.keep(blank)
    campaign = Campaign(volume, random.Random(given.seed), given.longest)
    fresh = updates = 0
    while campaign.cuts < given.first_boots and time.monotonic() < ends:
        volume.copy_of(blank)
        campaign.issued, fresh = (), fresh + 1
        while campaign.cuts < given.first_boots and time.monotonic() < ends:
            if campaign.cut_once():
                break
        paper = PRINTED in campaign.until(SEEN)
        _say(f"first boot {fresh} came through, paper {paper}: {', '.join(campaign.issued)}")
    update = newer.bundle(bundle, CACHE / "cuts-newer", _VERSION)
    volume.keep(settled)
    before = campaign.issued
    while campaign.cuts < given.count and time.monotonic() < ends:
        volume.copy_of(settled)
        campaign.issued, updates = before, updates + 1
        shutil.copyfile(update, campaign.box.data / "update.bundle")
        os.sync()
        for _ in range(min(campaign.rng.randint(2, 6), given.count - campaign.cuts)):
            campaign.cut_once()
        said = campaign.until(SEEN)
        state = json.loads(said.rsplit(UPDATED, 1)[1].split(KNOWN)[0])
        _say(f"update {updates} settled: {state}; {', '.join(campaign.issued)}")
        # Cut off at its start too often, the newer release is rightly given up.
        if state["on_trial"] or (state["running"] != _VERSION) != bool(state["failed"]):
            raise AssertionError(f"neither the new release nor the old one: {state}")
    _say(f"{campaign.cuts} cuts (seed {given.seed}): {fresh} first boots, {updates} updates; after "
         "each READY, the database whole, no number lost or twice")  # fmt: skip
    for path in (bundle, blank, settled, update):
        path.unlink()
    volume.discard()


def _container(volume: Volume) -> Container:
    return Container(volume.at / "kiosk", CACHE / "cuts.console")


def _place(said: str) -> str:
    """What it was doing last."""
    marks = re.findall(r"provision: (\d/\d [^…\n]*)|(update: \w+)|(kiosk: \w+)", said)
    return next((text for text in reversed(marks[-1]) if text), "–") if marks else "starting"


def _say(line: str) -> None:
    print(line, flush=True)
