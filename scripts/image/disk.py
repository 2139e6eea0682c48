"""What a container cannot do, in the emulated machine without starting a whole system there: find
the boot partition, check the bundle, make the data partition and its file system, grow the root,
put the system's part in place; then start through the read-only overlay. Some minutes emulated.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import tempfile
import time
from pathlib import Path

from kiosk.provision.layout import SECTOR, Table
from scripts.image.qemu import Machine, PowerCut

DONE = "disk: all steps are done"
_OVERLAID = "disk: overlaid"
_PATIENCE_S = 1800.0
_FIRST = """\
#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin PYTHONPATH=/usr/lib/kiosk
fail() { echo "disk: FAILED: $*"; sync; sleep 9999; }
mount -o remount,rw /
/usr/lib/systemd/systemd-udevd --daemon && udevadm trigger && udevadm settle || fail udev
mount LABEL=BOOTFS /boot/firmware || fail boot partition
rm -rf /usr/lib/kiosk && mkdir /usr/lib/kiosk || fail folder
tar -xf /dev/vda3 -C /usr/lib/kiosk --strip-components=1 provision || fail bundle
python3 -u - <<'END' || fail a step
from kiosk.provision.card import Card
from kiosk.provision.machine import ThisMachine
from kiosk.provision.steps import STEPS, Context

context = Context(ThisMachine(), Card.find(ThisMachine()))
for step in STEPS:
    if step.name not in ("check", "volume", "system"):
        break
    again = step.done(context)
    if not again:
        step.do(context, lambda share: None)
    print("disk:", step.name, "was done" if again else "done", step.done(context))
END
sfdisk --dump /dev/vda
df -h / /data
dmesg | grep -i 'ext4.*error'
touch /usr/lib/kiosk/sealed
[ -e /usr/sbin/init.real ] || mv /usr/sbin/init /usr/sbin/init.real
cp /disk-second.sh /usr/sbin/init
sync
echo "@DONE@"
sleep 9999
"""
_SECOND = """\
#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
findmnt --noheadings --output FSTYPE,OPTIONS /
findmnt --noheadings --output FSTYPE,OPTIONS /mnt/card
touch /usr/only-in-memory && ! touch /mnt/card/usr/x 2>/dev/null && [ -d /proc/1 ] &&
    [ -e /dev/vda2 ] && grep -q LABEL=kiosk-data /etc/fstab && echo "@OVERLAID@"
sync
sleep 9999
"""


def run(card: Path, given: argparse.Namespace) -> None:
    """Go through the steps, cut off ``given.count`` times, then once to their end; then through
    the overlay. Raises :class:`AssertionError` and :class:`TimeoutError`."""
    scratch = card.parent / "disk"
    _put(card, {"disk-first.sh": _FIRST, "disk-second.sh": _SECOND})
    rng = random.Random(given.seed)
    for cut in range(1, given.count + 1):
        after = rng.uniform(20, given.longest)
        try:
            Machine(card, scratch, "init=/disk-first.sh").run(_failed, _PATIENCE_S, after)
        except PowerCut as power:
            told = [line for line in str(power).splitlines() if line.startswith("disk:")]
            _say(f"cut {cut}: after {after:.0f} s, {told[-1] if told else 'starting'}")
    begun = time.monotonic()
    said = Machine(card, scratch, "init=/disk-first.sh").run(
        lambda text: DONE in text or _failed(text), _PATIENCE_S
    )
    _require(DONE in said and "Error" not in said, said)
    _say(f"all steps: {time.monotonic() - begun:.0f} s")
    for line in said.splitlines():
        if line.startswith(("disk:", "/dev/vda")):
            _say(f"  {line.strip()}")
    said = Machine(card, scratch, "ro init=/usr/lib/kiosk/overlay-init").run(
        lambda text: _OVERLAID in text or "kiosk: the root is not read-only" in text, _PATIENCE_S
    )
    _require(_OVERLAID in said, said)
    _require("only-in-memory" not in _debugfs(card, "ls /usr"), "the card was written")
    _say("the root is read-only under an overlay in memory")


def _failed(text: str) -> bool:
    return "disk: FAILED" in text


def _put(card: Path, scripts: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in scripts.items():
            file = Path(folder, name)
            file.write_text(text.replace("@DONE@", DONE).replace("@OVERLAID@", _OVERLAID))
            _debugfs(card, f"write {file} {name}")
            _debugfs(card, f"set_inode_field {name} mode 0100755")


def _debugfs(card: Path, command: str) -> str:
    root = Table.parse(card.open("rb").read(SECTOR)).partitions[1]
    return subprocess.run(
        ["debugfs", "-w", "-R", command, f"{card}?offset={root.start}"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def _require(good: bool, said: str) -> None:
    if not good:
        raise AssertionError(said[-6000:])


def _say(line: str) -> None:
    print(line, flush=True)
