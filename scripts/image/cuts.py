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
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.provision.bundle import Bundle
from scripts.bundle import pack
from scripts.bundle.__main__ import main as make_bundle
from scripts.image import inside, scene
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
_UPDATE = f"""\
#!/bin/sh
# Run inside at each start: wait for the kiosk, and a minute for a ticket on paper, which a busy
# machine's camera process may not come to; then move to the newer release if there is one.
touch /run/began
exec >>/data/{SAID} 2>&1
while [ "$(systemctl is-active kiosk.service)" != active ]; do sleep 1; done
echo "kiosk: READY"
for second in $(seq 60); do
    find /data/state/paper -name '*.png' -newer /run/began | grep -q . && echo "{PRINTED}" && break
    sleep 1
done
echo "{SEEN}"
[ -e /data/update.bundle ] || exit 0
kiosk=/opt/kiosk/bin/kiosk
case "$($kiosk update status --json)" in
*'"staged": null, "on_trial": false, "failed": []'*)
    echo "update: stage"; $kiosk update stage /data/update.bundle 2>/dev/null ;;
esac
case "$($kiosk update status --json)" in
*'"on_trial": false'*) echo "update: switch"; $kiosk update switch --now ;;
*) while $kiosk update status --json | grep -q '"on_trial": true'; do sleep 1; done ;;
esac
echo "{UPDATED}"; $kiosk update status --json
echo "{KNOWN}"
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
            while process.poll() is None and time.monotonic() - begun < seconds:
                time.sleep(0.2)
                if wanted(said()):
                    break
            last = said()
            self.volume.cut_power()
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
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    volume = Volume(CACHE / "cuts.ext4", CACHE / "cuts")
    blank = _blank(volume, key)
    campaign = Campaign(volume, random.Random(given.seed), given.longest)
    first, last = given.first_boots, given.count
    fresh = 0
    while campaign.cuts < first and time.monotonic() < ends:
        campaign.volume.copy_of(blank)
        campaign.issued, fresh = (), fresh + 1
        while campaign.cuts < first and time.monotonic() < ends:
            if campaign.cut_once():
                break
        paper = PRINTED in campaign.until(SEEN)
        _say(
            f"first boot {fresh} came through, paper {paper}: numbers {', '.join(campaign.issued)}"
        )
    newer = _newer(key)
    updates = 0
    settled = CACHE / "cuts-settled.ext4"
    campaign.volume.keep(settled)
    before = campaign.issued
    while campaign.cuts < last and time.monotonic() < ends:
        campaign.volume.copy_of(settled)
        campaign.issued, updates = before, updates + 1
        shutil.copyfile(newer, campaign.box.data / "update.bundle")
        os.sync()
        for _ in range(min(campaign.rng.randint(2, 6), last - campaign.cuts)):
            campaign.cut_once()
        said = campaign.until(KNOWN)
        state = json.loads(said.rsplit(UPDATED, 1)[1].split(KNOWN)[0])
        _say(f"update {updates} ended: {state}; numbers {', '.join(campaign.issued)}")
        # Cut off at its start too often, the newer release is rightly given up.
        if state["on_trial"] or (state["running"] != _VERSION) != bool(state["failed"]):
            raise AssertionError(f"neither the new release nor the old one: {state}")
    _say(f"{campaign.cuts} cuts (seed {given.seed}): {fresh} first boots, {updates} updates; after "
         "each READY, the database whole, no number lost or twice")  # fmt: skip
    settled.unlink(missing_ok=True)
    blank.unlink(missing_ok=True)
    volume.discard()


def _container(volume: Volume) -> Container:
    return Container(volume.at / "kiosk", CACHE / "cuts.console")


def _blank(volume: Volume, key: Ed25519PrivateKey) -> Path:
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    bundle, blank = CACHE / "amd64.bundle", CACHE / "cuts-blank.ext4"
    if make_bundle(["--arch", "amd64", "--output", str(bundle)]):
        raise AssertionError("no bundle")
    volume.make(8)
    _container(volume).prepare(scene.site(CACHE / "site", public), bundle, _UPDATE)
    volume.keep(blank)
    return blank


def _newer(key: Ed25519PrivateKey) -> Path:
    """The same release again, an hour newer and signed."""
    path, folder = CACHE / "newer.bundle", CACHE / "newer"
    with Bundle.open(CACHE / "amd64.bundle") as bundle:
        contents: dict[str, pack.Content] = {}
        for prefix in {name.split("/")[0] for name in bundle.manifest.members if "/" in name}:
            for file in bundle.extract(prefix, folder / prefix):
                contents[f"{prefix}/{file.relative_to(folder / prefix).as_posix()}"] = file
        members = {name: bundle.manifest.members[name] for name in contents}
        manifest = replace(
            bundle.manifest, built=bundle.manifest.built + 3600, version=_VERSION, members=members
        )
    pack.write(path, manifest, contents, key.sign)
    return path


def _place(said: str) -> str:
    """What it was doing last."""
    marks = re.findall(r"provision: (\d/\d [^…\n]*)|(update: \w+)|(kiosk: \w+)", said)
    return next((text for text in reversed(marks[-1]) if text), "–") if marks else "starting"


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit("scripts/test-image.sh cuts")
