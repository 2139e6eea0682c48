"""Power cuts at random moments of the first boot, of an update and of ordinary running.

In a container on a file system whose power can be cut (:mod:`scripts.image.volume`): some ten
times as many cuts in an hour as with the emulated machine, and the same rule for what survives.
After every cut the kiosk must come to READY sooner or later with its database whole, every number
it ever gave out in its place and none twice.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
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

READY = "kiosk: READY"
"""Said by the script below: systemd itself is silent on the console once the boot is over."""
_READY_S = 900.0
_UPDATE = """\
#!/bin/sh
# Run inside at each start: move to the newer release if it is not there yet.
exec >/dev/console 2>&1
while [ "$(systemctl is-active kiosk.service)" != active ]; do sleep 1; done
echo "kiosk: READY"
[ -e /data/update.bundle ] || exit 0
kiosk=/opt/kiosk/bin/kiosk
$kiosk update status --json
case "$($kiosk update status --json)" in
*'"staged": null, "on_trial": false'*)
    echo "update: stage"; $kiosk update stage /data/update.bundle 2>/dev/null ;;
esac
case "$($kiosk update status --json)" in
*'"on_trial": false'*) echo "update: switch"; $kiosk update switch --now ;;
esac
echo "update: end"; $kiosk update status --json
"""


@dataclass
class Campaign:
    """One kiosk, cut off again and again."""

    volume: Volume
    rng: random.Random
    longest_s: float
    cuts: int = 0
    issued: tuple[str, ...] = ()
    places: list[str] = field(default_factory=list)

    @property
    def box(self) -> Container:
        return _container(self.volume)

    def cut_once(self) -> bool:
        """Switch on, cut after a random time; whether it had come to READY by then."""
        after = self.rng.uniform(2, self.longest_s)
        said = self._run(lambda _: False, after)
        self.cuts += 1
        ready = READY in said
        place = _place(said)
        self.places.append(place)
        print(f"cut {self.cuts}: after {after:.0f} s, {place}", flush=True)
        self._check_numbers()
        return ready

    def until(self, wanted: Callable[[str], bool]) -> str:
        """Let it run until its console shows what is ``wanted``, then cut. Raises
        :class:`TimeoutError`."""
        begun = time.monotonic()
        said = ""
        while time.monotonic() - begun < _READY_S:
            said = self._run(wanted, _READY_S)
            if wanted(said):
                self._check_numbers()
                return said
        raise TimeoutError(said[-4000:])

    def _run(self, wanted: Callable[[str], bool], seconds: float) -> str:
        """Until ``wanted``, a restart, or ``seconds`` are over; then the power is cut."""
        box, begun = self.box, time.monotonic()
        with box.console.open("wb") as console:
            process = box.start(console)
            while process.poll() is None and time.monotonic() - begun < seconds:
                time.sleep(0.2)
                if wanted(box.said()):
                    break
            said = box.said()
            self.volume.cut_power()
            kill(process)
        self._remount()
        return said

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
    """First boots until half of the cuts are spent, then updates. Raises what went wrong."""
    ends = time.monotonic() + given.minutes * 60
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    volume = Volume(CACHE / "cuts.ext4", CACHE / "cuts")
    blank = _blank(volume, key)
    campaign = Campaign(volume, random.Random(given.seed), given.longest)
    fresh, ready = 0, 0
    while campaign.cuts < given.count // 2 and time.monotonic() < ends:
        campaign.volume.copy_of(blank)
        campaign.issued, fresh = (), fresh + 1
        while campaign.cuts < given.count // 2 and time.monotonic() < ends:
            if campaign.cut_once():
                break
        campaign.until(lambda said: READY in said)
        ready += 1
        print(f"READY after the cuts; numbers {', '.join(campaign.issued) or '–'}", flush=True)
    newer = _newer(key)
    updates = 0
    settled = CACHE / "cuts-settled.ext4"
    campaign.until(lambda said: "update: end" in said or READY in said)
    campaign.volume.keep(settled)
    before = campaign.issued
    while campaign.cuts < given.count and time.monotonic() < ends:
        campaign.volume.copy_of(settled)
        campaign.issued = before
        (campaign.box.data / "update.bundle").write_bytes(newer.read_bytes())
        updates += 1
        for _ in range(campaign.rng.randint(2, 6)):
            campaign.cut_once()
        said = campaign.until(lambda text: "update: end" in text)
        print(f"after the update: {said.rsplit('update: end', 1)[1].strip()[:150]}", flush=True)
    said = f"{campaign.cuts} cuts (seed {given.seed}): {fresh} first boots, {updates} updates, "
    print(said + f"READY each time; numbers at the end {', '.join(campaign.issued)}", flush=True)
    settled.unlink(missing_ok=True)
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
            bundle.manifest, built=bundle.manifest.built + 3600, version="9.9", members=members
        )
    pack.write(path, manifest, contents, key.sign)
    return path


def _place(said: str) -> str:
    marks = re.findall(r"provision: (\d/\d [^…\n]*)|(update: \w+)|(kiosk: READY)", said)
    return next((text for text in reversed(marks[-1]) if text), "–") if marks else "before"


if __name__ == "__main__":
    sys.exit("scripts/test-image.sh cuts")
